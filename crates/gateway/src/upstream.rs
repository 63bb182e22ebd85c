//! Where the model's API is, and how to pay for it.

use crate::secret::Secret;
use ports::Signer;
use std::sync::Arc;
use std::time::Duration;

/// What is shown to the upstream in place of an agent's token.
#[derive(Clone)]
pub enum Credential {
    /// Sent as `x-api-key`.
    ApiKey(Secret),
    /// Sent as `Authorization: Bearer`.
    AuthToken(Secret),
    /// Nothing: an upstream on loopback that asks for nothing.
    None,
    /// The signature of a role: the upstream is Amazon Bedrock.
    Role(Role),
}

/// Who asks Bedrock, and where.
#[derive(Clone)]
pub struct Role {
    /// Signs with the role's credentials.
    pub signer: Arc<dyn Signer>,
    /// The region that Claude Code is told.
    pub region: String,
}

/// A server that speaks the Messages API, or has it as Amazon Bedrock does.
#[derive(Clone)]
pub struct Upstream {
    /// Its address, with or without a path, without `/v1` and `/model`.
    pub base_url: String,
    /// What it wants to see.
    pub credential: Credential,
}

/// How long the upstream may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From a request to the response's headers.
    pub headers: Duration,
    /// Between two pieces of a response's body.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { headers: Duration::from_mins(2), silence: Duration::from_mins(1) }
    }
}

impl Upstream {
    /// Bedrock in the role's region, or at another address that stands in for it.
    pub fn bedrock(role: Role, address: Option<String>) -> Self {
        let of_region = || format!("https://bedrock-runtime.{}.amazonaws.com", role.region);
        Self { base_url: address.unwrap_or_else(of_region), credential: Credential::Role(role) }
    }

    /// Who asks, where it is Bedrock.
    pub(crate) fn role(&self) -> Option<&Role> {
        match &self.credential {
            Credential::Role(role) => Some(role),
            Credential::ApiKey(_) | Credential::AuthToken(_) | Credential::None => None,
        }
    }

    /// The address for a request's path and query.
    pub(crate) fn address(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.base_url.trim_end_matches('/'))
    }

    /// Whether the address is on this machine, where no proxy has any business.
    pub(crate) fn is_loopback(&self) -> bool {
        reqwest::Url::parse(&self.base_url).ok().is_some_and(|url| {
            url.host_str().is_some_and(|host| {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base_url: &str) -> Upstream {
        Upstream { base_url: base_url.to_owned(), credential: Credential::None }
    }

    #[test]
    fn a_path_in_the_base_address_is_kept() {
        assert_eq!(
            at("https://x.org/api/").address("/v1/messages?beta=true"),
            "https://x.org/api/v1/messages?beta=true"
        );
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        for here in ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:1/x"] {
            assert!(at(here).is_loopback(), "{here}");
        }
        for there in ["https://api.anthropic.com", "http://10.0.0.1", "nonsense"] {
            assert!(!at(there).is_loopback(), "{there}");
        }
    }
}
