//! Adding projects: a bare repository under the data directory, and a row in the register.

use crate::cli::AddProject;
use crate::data::{DataDir, WEBHOOKS};
use crate::hook;
use anyhow::{Context, bail};
use domain::project::{Editor, Project, Role};
use domain::{ProjectId, UserId};
use ports::{Backends, ErrorKind};
use std::path::Path;

/// The account that owns every project of this machine.
const CLIENT: &str = "local";

/// Copies the repository and registers the project.
pub(crate) async fn add(
    backends: &Backends,
    data: &DataDir,
    new: &AddProject,
    site_port: u16,
) -> anyhow::Result<()> {
    let id: ProjectId = new.name.parse()?;
    match backends.projects.get(&id).await {
        Ok(_) => bail!("there is a project {id} already; choose another name"),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let repository = data.repository(id.as_str());
    if repository.exists() {
        // An earlier try was killed between the copy and the register.
        tokio::fs::remove_dir_all(&repository).await.context("cannot clear what an earlier try left")?;
    }
    let (source, dir) = (new.repository.clone(), repository.clone());
    let branch = tokio::task::spawn_blocking(move || workspace::import(&source, &dir))
        .await?
        .with_context(|| format!("{} could not be copied", new.repository))?;
    if let Err(error) = register(backends, new, &repository, (&branch, site_port)).await {
        // Nothing half: the name is free again.
        let _ = std::fs::remove_dir_all(&repository);
        return Err(error);
    }
    Ok(())
}

/// Enters a project whose repository is in place.
pub(crate) async fn register(
    backends: &Backends,
    new: &AddProject,
    repository: &Path,
    (branch, site_port): (&str, u16),
) -> anyhow::Result<()> {
    let project_id: ProjectId = new.name.parse()?;
    let editors = people(new)?;
    let project = Project {
        mail_domain: format!("{project_id}.localhost"),
        site_url: site_url(&project_id, site_port),
        client_id: CLIENT.parse()?,
        repository: repository.display().to_string(),
        default_branch: branch.to_owned(),
        project_id,
        editors,
    };
    backends.projects.add(&project).await.with_context(|| format!("{} was not added", project.project_id))
}

/// The owner, and the other people.
pub(crate) fn people(new: &AddProject) -> anyhow::Result<Vec<Editor>> {
    let owner = std::iter::once((Role::Owner, new.owner.as_str()));
    let others = new.editors.iter().map(|(role, address)| (*role, address.as_str()));
    owner.chain(others).map(|(role, address)| editor(address, role)).collect()
}

/// At every start: the hooks know this program and its port, and the register knows the site's port.
pub(crate) async fn refresh(
    backends: &Backends,
    data: &DataDir,
    (http_port, site_port): (u16, u16),
) -> anyhow::Result<()> {
    for mut project in backends.projects.list().await? {
        install_hook(data, &project, http_port)?;
        let url = site_url(&project.project_id, site_port);
        if project.site_url != url {
            project.site_url = url;
            backends.projects.update(&project).await?;
        }
    }
    Ok(())
}

/// Makes this program the hook of the project's repository.
pub(crate) fn install_hook(data: &DataDir, project: &Project, http_port: u16) -> anyhow::Result<()> {
    let url = format!("http://127.0.0.1:{http_port}/webhooks/push/{}", project.project_id);
    hook::install(Path::new(&project.repository), &project.project_id, url, &data.secret(WEBHOOKS)?)
}

fn site_url(project: &ProjectId, port: u16) -> String {
    format!("http://{project}.localhost:{port}")
}

fn editor(address: &str, role: Role) -> anyhow::Result<Editor> {
    let address = address.trim().to_lowercase();
    let Some((local, domain)) = address.rsplit_once('@') else {
        bail!("{address:?} is not an e-mail address");
    };
    if local.is_empty() || domain.is_empty() || address.contains(char::is_whitespace) {
        bail!("{address:?} is not an e-mail address");
    }
    Ok(Editor { user_id: UserId::of_address(&address), address, role })
}
