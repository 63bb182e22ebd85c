//! Commit statuses at GitHub, or at a GitHub Enterprise server.

use crate::config::SecretNames;
use async_trait::async_trait;
use ports::code_host::{CommitState, CommitStatus};
use ports::{CodeHost, ErrorKind, PortError, Result, Secrets};
use reqwest::{Client, StatusCode, Url};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Longest request.
const REQUEST: Duration = Duration::from_secs(10);
/// Longest description that GitHub takes, in characters.
const SAYS_MAX: usize = 140;
/// What tells our status from those of others.
const CONTEXT: &str = "webordinary";

/// Where GitHub is.
#[derive(Clone, Debug)]
pub struct GitHubAddress {
    /// Host of the repositories: `github.com`.
    pub host: String,
    /// Base of the API: `https://api.github.com`, or `https://HOST/api/v3` on a server of one's own.
    pub api: Url,
}

/// GitHub, asked with the token of each project's repository. It needs the permission "Commit statuses: write".
#[derive(Clone)]
pub struct GitHub {
    address: GitHubAddress,
    client: Client,
    secrets: Arc<dyn Secrets>,
    names: SecretNames,
}

impl GitHub {
    /// The GitHub at `address`. The tokens are the repositories' own, as `names` has them.
    pub fn new(address: GitHubAddress, secrets: Arc<dyn Secrets>, names: SecretNames) -> Result<Self> {
        let client = Client::builder()
            .timeout(REQUEST)
            .user_agent("webordinary")
            // A token goes to the address that was configured, and to no other.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|err| PortError::new(ErrorKind::Malformed, format!("GitHub's client: {err}")))?;
        Ok(Self { address, client, secrets, names })
    }

    fn url(&self, slug: [&str; 2], commit: &str) -> Result<Url> {
        let mut url = self.address.api.clone();
        let no_base = |()| PortError::new(ErrorKind::Malformed, "GitHub's API has no usable address");
        url.path_segments_mut()
            .map_err(no_base)?
            .pop_if_empty()
            .extend(["repos", slug[0], slug[1], "statuses", commit]);
        Ok(url)
    }
}

#[async_trait]
impl CodeHost for GitHub {
    async fn status(&self, status: &CommitStatus<'_>) -> Result<()> {
        let Some(slug) = slug(&self.address.host, status.repository) else { return Ok(()) };
        let token = match self.secrets.get(&self.names.repository(status.project)).await {
            Ok(token) => token,
            // A public repository needs no token to be read, and without one nothing can be written.
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(()),
            Err(err) => return Err(err),
        };
        let malformed = || PortError::new(ErrorKind::Malformed, "the repository's token is not text");
        let says: String = status.says.chars().take(SAYS_MAX).collect();
        let link = Some(status.link).filter(|link| link.starts_with("http"));
        let answer = self
            .client
            .post(self.url(slug, status.commit)?)
            .bearer_auth(token.text().ok_or_else(malformed)?)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .json(&json!({
                "state": state(status.state), "description": says, "target_url": link, "context": CONTEXT,
            }))
            .send()
            .await
            .map_err(|err| PortError::new(ErrorKind::Transient, err.without_url()))?;
        kind(answer.status()).map_or(Ok(()), |kind| {
            Err(PortError::new(
                kind,
                format!("GitHub answered {} for {}/{}", answer.status(), slug[0], slug[1]),
            ))
        })
    }
}

fn state(state: CommitState) -> &'static str {
    match state {
        CommitState::Pending => "pending",
        CommitState::Success => "success",
        CommitState::Failure => "failure",
    }
}

fn kind(status: StatusCode) -> Option<ErrorKind> {
    match status {
        status if status.is_success() => None,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(ErrorKind::Denied),
        StatusCode::NOT_FOUND => Some(ErrorKind::NotFound),
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => Some(ErrorKind::Malformed),
        _ => Some(ErrorKind::Transient),
    }
}

/// Owner and name of a repository at `host`.
fn slug<'a>(host: &str, repository: &'a str) -> Option<[&'a str; 2]> {
    let rest = repository.strip_prefix("https://")?;
    let (authority, path) = rest.split_once('/')?;
    let found = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = path.trim_end_matches('/');
    let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
    let is_word = |word: &str| {
        !matches!(word, "" | "." | "..")
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    (found.eq_ignore_ascii_case(host) && is_word(owner) && is_word(name)).then_some([owner, name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_repositories_of_the_host_have_a_slug() {
        let at = |repository: &'static str| slug("github.com", repository);
        assert_eq!(at("https://github.com/ann/site.git"), Some(["ann", "site"]));
        assert_eq!(at("https://GitHub.com/ann/site/"), Some(["ann", "site"]));
        for other in [
            "https://github.com.evil.example/ann/site",
            "https://gitlab.com/ann/site",
            "http://github.com/ann/site",
            "https://github.com/ann/../site",
            "https://github.com/ann/a/b",
            "https://github.com/ann",
            "/srv/site.git",
        ] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
