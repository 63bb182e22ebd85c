//! `webordinary project add|caps|list`.

use super::operator::Operator;
use super::rollback::next_release;
use crate::cli::{Add, Cap, ProjectCaps, ProjectCommand};
use crate::office::NewProject;
use crate::projects::people;
use anyhow::{Context, bail, ensure};
use domain::Money;
use domain::money::Caps;
use domain::project::Project;
use hermes::operator::ShownRelease;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How long the first build of a new project is waited for.
const FIRST_BUILD: Duration = Duration::from_mins(5);

/// Adds or lists projects, or sees to their caps.
pub(crate) async fn run(operator: &Operator, command: ProjectCommand) -> anyhow::Result<()> {
    match command {
        ProjectCommand::Add(new) if operator.mail_door().is_some() => add_here(operator, *new).await,
        ProjectCommand::Add(new) => add_elsewhere(operator, &new).await,
        ProjectCommand::Caps(options) => caps(operator, &options).await,
        ProjectCommand::List => list(operator).await,
    }
}

/// The repository is copied to this machine, and the first build waited for.
async fn add_here(operator: &Operator, Add { project: new, elsewhere }: Add) -> anyhow::Result<()> {
    ensure!(
        elsewhere.is_empty(),
        "--mail-domain, --site, --branch and --client are for a Hermes elsewhere (--hermes); on this machine they \
         follow from the name and the repository"
    );
    let name = new.name.clone();
    let body = NewProject {
        name: new.name,
        repository: source(&new.repository)?,
        owner: new.owner.clone(),
        editors: new.editors,
    };
    operator.post::<Value>("operator/projects", &body).await?;
    println!("{name} is added. {} can write to edit@{name}.localhost. Building its site …", new.owner);
    match next_release(operator, &name, None, FIRST_BUILD).await? {
        None => println!("The first build takes long; `webordinary status` shows how it ends."),
        Some(ShownRelease { failure: Some(says), .. }) => {
            println!("The first build failed, so there is no public site yet: {says}");
        }
        Some(_) => println!("Its site is live; `webordinary project list` has the address."),
    }
    Ok(())
}

/// The record alone: the build function finds the repository by itself.
async fn add_elsewhere(operator: &Operator, Add { project: new, elsewhere }: &Add) -> anyhow::Result<()> {
    if !new.repository.starts_with("https://") {
        bail!(
            "Hermes at {} needs a repository that AWS can reach, such as https://github.com/you/site.git; \
             {} is none",
            operator.base(),
            new.repository
        );
    }
    let needed = |given: &Option<String>, option: &str, example: &str| {
        given.clone().with_context(|| format!("{option} is needed for a Hermes elsewhere, such as {example}"))
    };
    let mail_domain = needed(&elsewhere.mail_domain, "--mail-domain", "shop.example.com")?.to_lowercase();
    let site_url = needed(&elsewhere.site, "--site", "https://www.shop.example")?;
    let project = Project {
        project_id: new.name.parse()?,
        client_id: elsewhere.client.as_deref().unwrap_or(&new.name).parse()?,
        repository: new.repository.clone(),
        default_branch: elsewhere.branch.clone().unwrap_or_else(|| "main".to_owned()),
        site_url: site_url.trim_end_matches('/').to_owned(),
        editors: people(new)?,
        mail_domain,
    };
    let name = &project.project_id;
    operator.put_new(&format!("hermes/api/projects/{name}"), &project).await?;
    println!("{name} is added. {} can write to edit@{}.", new.owner, project.mail_domain);
    println!("Its site is built with the next push, or when the build function next looks for one.");
    Ok(())
}

/// A path is meant as seen from here, not from where the product was started.
fn source(repository: &str) -> anyhow::Result<String> {
    if repository.contains("://") {
        return Ok(repository.to_owned());
    }
    let path = Path::new(repository).canonicalize().with_context(|| format!("{repository} is not there"))?;
    Ok(path.display().to_string())
}

/// Changes what was said, and shows all of it.
async fn caps(operator: &Operator, options: &ProjectCaps) -> anyhow::Result<()> {
    let path = format!("hermes/api/projects/{}/caps", options.project);
    let found: Caps = operator.get(&path).await?;
    let or = |said: Option<Cap>, found: Option<Money>| said.map_or(found, |Cap(cap)| cap);
    let mut caps = Caps {
        message: or(options.message, found.message),
        project_day: or(options.day, found.project_day),
        project_month: or(options.month, found.project_month),
        user_day: or(options.user_day, found.user_day),
        user_month: or(options.user_month, found.user_month),
    };
    if caps != found {
        caps = operator.post(&path, &caps).await?;
    }
    for (name, cap) in [
        ("a message", caps.message),
        ("the site, a day", caps.project_day),
        ("the site, a month", caps.project_month),
        ("a person, a day", caps.user_day),
        ("a person, a month", caps.user_month),
    ] {
        println!("{name:<18} {}", cap.map_or_else(|| "as the fleet says".to_owned(), |cap| cap.to_string()));
    }
    Ok(())
}

async fn list(operator: &Operator) -> anyhow::Result<()> {
    let projects: Vec<Project> = operator.get("hermes/api/projects").await?;
    for project in projects {
        println!("{:<16} {:<36} edit@{}", project.project_id, project.site_url, project.mail_domain);
        for editor in project.editors {
            println!("{:<16} {:<36} {:?}", "", editor.address, editor.role);
        }
    }
    Ok(())
}
