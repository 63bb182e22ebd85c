//! Signing requests to Amazon Bedrock with this process's own role: AWS Signature Version 4.

use crate::Clients;
use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use ports::signer::Unsigned;
use ports::{ErrorKind, PortError, Result, Signer};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// The name under which Bedrock is signed for.
const SERVICE: &str = "bedrock";
/// How long before they expire credentials are asked for anew.
const BEFORE: Duration = Duration::from_mins(5);

/// The role of this process, in one region.
pub struct RoleSigner {
    provider: Option<SharedCredentialsProvider>,
    region: String,
    /// A role's credentials change every few hours; asking for them costs a call.
    known: Mutex<Option<Credentials>>,
}

impl RoleSigner {
    /// Signs with the credentials of `clients`, for `region`.
    pub fn new(clients: &Clients, region: &str) -> Self {
        Self { provider: clients.credentials.clone(), region: region.to_owned(), known: Mutex::default() }
    }

    async fn credentials(&self) -> Result<Credentials> {
        let mut known = self.known.lock().await;
        if let Some(credentials) = known.as_ref().filter(|known| is_good(known, SystemTime::now())) {
            return Ok(credentials.clone());
        }
        let nobody = || PortError::new(ErrorKind::Denied, "there are no credentials of AWS here");
        let asked = self.provider.as_ref().ok_or_else(nobody)?.provide_credentials().await;
        let credentials = asked.map_err(|error| PortError::new(ErrorKind::Transient, error))?;
        Ok(known.insert(credentials).clone())
    }
}

fn is_good(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expiry().is_none_or(|end| end > now + BEFORE)
}

#[async_trait]
impl Signer for RoleSigner {
    async fn sign(&self, request: &Unsigned<'_>) -> Result<Vec<(String, String)>> {
        let malformed = |error: &dyn std::fmt::Display| PortError::new(ErrorKind::Malformed, error);
        let identity = self.credentials().await?.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| malformed(&error))?;
        let headers = request.headers.iter().copied();
        let body = SignableBody::Bytes(request.body);
        let request = SignableRequest::new(request.method, request.url, headers, body);
        let request = request.map_err(|error| malformed(&error))?;
        let signed = sign(request, &params.into()).map_err(|error| malformed(&error))?;
        let (headers, _) = signed.into_parts().0.into_parts();
        Ok(headers.iter().map(|header| (header.name().to_owned(), header.value().to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_asked_for_before_they_expire() {
        let now = SystemTime::now();
        let until = |expiry| Credentials::new("id", "secret", None, expiry, "test");
        assert!(is_good(&until(None), now));
        assert!(is_good(&until(Some(now + BEFORE * 2)), now));
        assert!(!is_good(&until(Some(now + BEFORE / 2)), now));
    }
}
