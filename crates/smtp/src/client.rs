//! Hands a mail to a relay.

use lettre::address::Envelope;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport, Tokio1Executor};
use std::error::Error as _;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use url::{Host, Url};

/// Longest wait for any reply of the relay.
const PATIENCE: Duration = Duration::from_mins(1);

/// `smtp://[user:password@]host[:port]` or `smtps://…`. Never shows its password.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayUrl(Url);

/// A text that is no relay's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a relay is written smtp://[user:password@]host[:port] or smtps://…")]
pub struct InvalidRelay;

impl FromStr for RelayUrl {
    type Err = InvalidRelay;

    fn from_str(text: &str) -> Result<Self, InvalidRelay> {
        let mut url = Url::parse(text).map_err(|_| InvalidRelay)?;
        if !matches!(url.scheme(), "smtp" | "smtps") || url.host_str().is_none_or(str::is_empty) {
            return Err(InvalidRelay);
        }
        if url.scheme() == "smtp" && url.query().is_none() && !is_loopback(&url) {
            // A password never crosses the net in the clear; without one, TLS is used where it is offered.
            let tls = if url.username().is_empty() { "tls=opportunistic" } else { "tls=required" };
            url.set_query(Some(tls));
        }
        AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| InvalidRelay)?;
        Ok(Self(url))
    }
}

impl fmt::Debug for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        write!(f, "{}://{}{port}", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl fmt::Display for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn is_loopback(url: &Url) -> bool {
    // For a scheme that the url crate does not know, an IPv4 address comes as a name.
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A mail the relay took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The relay's words after 250.
    pub says: String,
}

/// A mail the relay did not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may go later: the relay said 4xx, or could not be reached.
    #[error("{0}")]
    Transient(String),
    /// It will never go: the relay's own words, or an address that is none.
    #[error("{0}")]
    Permanent(String),
}

/// Sends `raw` (CRLF line ends, not dot-stuffed) from `from` (empty for a bounce) to `to`.
///
/// # Errors
/// [`SendError`] with the relay's words.
pub async fn send(relay: &RelayUrl, from: &str, to: &str, raw: &[u8]) -> Result<Sent, SendError> {
    let address = |text: &str| {
        text.parse::<Address>()
            .map_err(|_| SendError::Permanent("an address of the mail is not valid".into()))
    };
    let from = if from.is_empty() { None } else { Some(address(from)?) };
    let envelope =
        Envelope::new(from, vec![address(to)?]).map_err(|e| SendError::Permanent(e.to_string()))?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(relay.0.as_str())
        .map_err(|e| SendError::Permanent(e.to_string()))?
        .timeout(Some(PATIENCE))
        .build();
    // lettre ends the content with a line break of its own.
    let raw = raw.strip_suffix(b"\r\n").unwrap_or(raw);
    match transport.send_raw(&envelope, raw).await {
        Ok(response) => Ok(Sent { says: response.message().collect::<Vec<_>>().join(" ") }),
        Err(error) => Err(classified(&error)),
    }
}

fn classified(error: &lettre::transport::smtp::Error) -> SendError {
    // The innermost error holds the relay's words; the outer ones only name the kind.
    let mut says = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        says = cause.to_string();
        inner = cause.source();
    }
    let code = error.status().map(|code| format!("{code} ")).unwrap_or_default();
    let says = format!("{code}{says}");
    if error.is_permanent() { SendError::Permanent(says) } else { SendError::Transient(says) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_a_url_whose_password_stays_hidden() {
        let relay: RelayUrl = "smtp://user:secret@mail.example.com:587".parse().unwrap();
        assert_eq!(format!("{relay:?} {relay}"), "smtp://mail.example.com:587 smtp://mail.example.com:587");
        assert!(relay.0.as_str().ends_with("?tls=required"));
        assert!("smtp://127.0.0.1:2525".parse::<RelayUrl>().unwrap().0.query().is_none());
        for bad in ["", "mail.example.com", "http://mail.example.com", "smtp://"] {
            assert_eq!(bad.parse::<RelayUrl>().unwrap_err(), InvalidRelay, "{bad}");
        }
    }
}
