//! Commands that ask the running product, as its operator.

use crate::cli::{Rollback, SignIn};
use crate::data::DataDir;
use crate::ecs::Credentials;
use crate::operator::ShownRelease;
use crate::ready::Ready;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a rollback is waited for.
const ROLLBACK_MAX: Duration = Duration::from_mins(1);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(200);

/// Calls the API of the product that runs on `data`.
pub(crate) async fn call(data: &DataDir, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
    let ready = Ready::read(data)?;
    let url = format!("{}/{path}", ready.http);
    let client = reqwest::Client::new();
    let request = match body {
        Some(body) => client.post(&url).json(&body),
        None => client.get(&url),
    };
    let response = request
        .bearer_auth(data.operator_token()?)
        .send()
        .await
        .with_context(|| format!("{} does not answer; is `webordinary up` still running?", ready.http))?;
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    if !status.is_success() {
        bail!("{}", answer["error"]["says"].as_str().unwrap_or("the running product refused this"));
    }
    Ok(answer)
}

/// The newest releases of a project, newest first.
pub(crate) async fn releases(data: &DataDir, project: &str) -> anyhow::Result<Vec<ShownRelease>> {
    Ok(serde_json::from_value(call(data, &format!("operator/releases/{project}"), None).await?)?)
}

/// Waits for a release newer than `before`, at most `limit`.
pub(crate) async fn next_release(
    data: &DataDir,
    project: &str,
    before: Option<&str>,
    limit: Duration,
) -> anyhow::Result<Option<ShownRelease>> {
    let until = Instant::now() + limit;
    while Instant::now() < until {
        let newest = releases(data, project).await?.into_iter().next();
        if let Some(release) = newest.filter(|release| Some(release.id.as_str()) != before) {
            return Ok(Some(release));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(None)
}

/// `webordinary rollback`: orders it, and waits until it has ended.
pub(crate) async fn rollback(data: &DataDir, options: &Rollback) -> anyhow::Result<()> {
    let project = &options.project;
    let before = releases(data, project).await?.into_iter().next().map(|release| release.id);
    call(data, &format!("operator/rollback/{project}"), Some(json!({}))).await?;
    let release = next_release(data, project, before.as_deref(), ROLLBACK_MAX).await?.context(
        "it is ordered, but not done yet; a build may be going on. `webordinary status` shows when it is",
    )?;
    match release.failure {
        Some(says) => bail!("{says}"),
        None => println!("The release before is live again (commit {}).", release.commit),
    }
    Ok(())
}

/// `webordinary sign-in`.
pub(crate) async fn sign_in(data: &DataDir, options: &SignIn) -> anyhow::Result<()> {
    let body = json!({ "projectId": options.project, "address": options.address });
    let answer = call(data, "hermes/api/sign-in-links", Some(body)).await?;
    println!("{}", answer["link"].as_str().context("the answer has no link")?);
    Ok(())
}

/// `webordinary ecs-credentials`.
pub(crate) fn ecs_credentials(data: &DataDir) -> anyhow::Result<()> {
    let ready = Ready::read(data)?;
    for (name, value) in Credentials::of(data)?.environment(&ready.ecs) {
        println!("export {name}={value}");
    }
    Ok(())
}
