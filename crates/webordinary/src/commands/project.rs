//! `webordinary project add|list`.

use super::operator::{call, next_release};
use crate::cli::{AddProject, ProjectCommand};
use crate::data::DataDir;
use crate::operator::{NewProject, ShownRelease};
use anyhow::Context;
use domain::project::Project;
use std::path::Path;
use std::time::Duration;

/// How long the first build of a new project is waited for.
const FIRST_BUILD: Duration = Duration::from_mins(5);

/// Adds or lists projects of the running product.
pub(crate) async fn run(data: &DataDir, command: ProjectCommand) -> anyhow::Result<()> {
    match command {
        ProjectCommand::Add(new) => add(data, new).await,
        ProjectCommand::List => list(data).await,
    }
}

async fn add(data: &DataDir, new: AddProject) -> anyhow::Result<()> {
    let name = new.name.clone();
    let body = NewProject {
        name: new.name,
        repository: source(&new.repository)?,
        owner: new.owner.clone(),
        editors: new.editors,
    };
    call(data, "operator/projects", Some(serde_json::to_value(body)?)).await?;
    println!("{name} is added. {} can write to edit@{name}.localhost. Building its site …", new.owner);
    match next_release(data, &name, None, FIRST_BUILD).await? {
        None => println!("The first build takes long; `webordinary status` shows how it ends."),
        Some(ShownRelease { failure: Some(says), .. }) => {
            println!("The first build failed, so there is no public site yet: {says}");
        }
        Some(_) => println!("Its site is live; `webordinary project list` has the address."),
    }
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

async fn list(data: &DataDir) -> anyhow::Result<()> {
    let projects: Vec<Project> = serde_json::from_value(call(data, "operator/projects", None).await?)?;
    for project in projects {
        println!("{:<16} {:<36} edit@{}", project.project_id, project.site_url, project.mail_domain);
        for editor in project.editors {
            println!("{:<16} {:<36} {:?}", "", editor.address, editor.role);
        }
    }
    Ok(())
}
