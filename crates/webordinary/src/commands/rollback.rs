//! `webordinary rollback`, and what else follows releases.

use super::operator::Operator;
use crate::cli::Rollback;
use anyhow::{Context, bail};
use hermes::operator::ShownRelease;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a rollback is waited for.
const ROLLBACK_MAX: Duration = Duration::from_mins(1);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(200);

/// The newest releases of a project, newest first.
pub(crate) async fn releases(operator: &Operator, project: &str) -> anyhow::Result<Vec<ShownRelease>> {
    operator.get(&format!("hermes/api/projects/{project}/releases")).await
}

/// Waits for a release newer than `before`, at most `limit`.
pub(crate) async fn next_release(
    operator: &Operator,
    project: &str,
    before: Option<&str>,
    limit: Duration,
) -> anyhow::Result<Option<ShownRelease>> {
    let until = Instant::now() + limit;
    while Instant::now() < until {
        let newest = releases(operator, project).await?.into_iter().next();
        if let Some(release) = newest.filter(|release| Some(release.id.as_str()) != before) {
            return Ok(Some(release));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(None)
}

/// Orders it, and waits until it has ended.
pub(crate) async fn run(operator: &Operator, options: &Rollback) -> anyhow::Result<()> {
    let project = &options.project;
    let before = releases(operator, project).await?.into_iter().next().map(|release| release.id);
    let path = format!("hermes/api/projects/{project}/rollback");
    operator.post::<Value>(&path, &json!({})).await?;
    let release = next_release(operator, project, before.as_deref(), ROLLBACK_MAX).await?.context(
        "it is ordered, but not done yet; a build may be going on. `webordinary status` shows when it is",
    )?;
    match release.failure {
        Some(says) => bail!("{says}"),
        None => println!("The release before is live again (commit {}).", release.commit),
    }
    Ok(())
}
