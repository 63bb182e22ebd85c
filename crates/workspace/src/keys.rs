//! What opens projects' repositories: a token for each project, from where secrets are kept.

use crate::Origin;
use crate::askpass::Credential;
use domain::project::Project;
use ports::secrets::secret_of;
use ports::{ErrorKind, Result, Secrets};
use std::path::PathBuf;
use std::sync::Arc;

/// The keys to projects' repositories. Cheap to clone.
#[derive(Clone)]
pub struct RepositoryKeys {
    /// Where the tokens are kept.
    pub secrets: Arc<dyn Secrets>,
    /// What a project's token is called; `{project}` stands for the project's id.
    pub name: String,
    /// A program that calls [`crate::run_if_askpass`] at its beginning, by which git gets a token.
    pub program: PathBuf,
    /// A directory in which a token lies for just as long as git runs; made when it is needed.
    pub place: PathBuf,
}

impl RepositoryKeys {
    /// The project's origin, with what opens it if there is something. A token goes over TLS, or stays on this machine.
    ///
    /// # Errors
    /// What the secrets say; that there is no such secret is no error.
    pub async fn origin(&self, project: &Project) -> Result<Origin> {
        let credential = match origin_of(&project.repository) {
            Some(origin) => self.credential(project, origin).await?,
            None => None,
        };
        let (url, default_branch) = (project.repository.clone(), project.default_branch.clone());
        Ok(Origin { url, default_branch, credential })
    }

    async fn credential(&self, project: &Project, origin: String) -> Result<Option<Credential>> {
        let name = secret_of(&self.name, &project.project_id);
        match self.secrets.get(&name).await {
            Ok(token) => {
                let (program, place) = (self.program.clone(), self.place.clone());
                Ok(Some(Credential { program, place, origin, token }))
            }
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(err),
        }
    }
}

/// Scheme and host of a repository's address, when a token may go there: over TLS, or to this very machine.
fn origin_of(repository: &str) -> Option<String> {
    let (scheme, rest) = repository.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let safe = scheme == "https" || (scheme == "http" && matches!(name, "localhost" | "127.0.0.1" | "[::1]"));
    (safe && !host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_tls_or_stays_on_this_machine() {
        for (repository, origin) in [
            ("https://github.com/a/b.git", Some("https://github.com")),
            ("https://user@ghe.example:8443/a/b", Some("https://ghe.example:8443")),
            ("http://127.0.0.1:9/a", Some("http://127.0.0.1:9")),
            ("http://github.com/a/b", None),
            ("git@github.com:a/b.git", None),
            ("/srv/a.git", None),
            ("https:///a", None),
        ] {
            assert_eq!(origin_of(repository).as_deref(), origin, "{repository}");
        }
    }
}
