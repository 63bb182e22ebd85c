//! Where a Hermes is: an address to which the operator's token may be sent.

use std::str::FromStr;
use url::{Host, Url};

/// The variable with the operator's token of that Hermes. No option: what stands on a command line can be read by everybody
/// on the machine.
pub(crate) const OPERATOR_TOKEN: &str = "WEBORDINARY_OPERATOR_TOKEN";

/// Scheme, host and port: https, or plain http to this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HermesUrl {
    base: String,
    plain: bool,
}

impl HermesUrl {
    /// Without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether what is sent there can be read on its way.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }
}

impl FromStr for HermesUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "write it as https://app.example.com".to_owned())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err("scheme, host and port are all of it, as in https://app.example.com".to_owned());
        }
        let plain = match url.scheme() {
            "https" => false,
            "http" if is_loopback(&url) => true,
            "http" => return Err("the operator's token would travel in the clear; use https".to_owned()),
            _ => return Err("write it as https://app.example.com".to_owned()),
        };
        Ok(Self { base: url.origin().ascii_serialization(), plain })
    }
}

/// The operator's token that goes with it, if there is one.
pub(crate) fn operator_token() -> Option<String> {
    std::env::var(OPERATOR_TOKEN).ok().filter(|token| !token.is_empty())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_over_https_or_stays_on_this_machine() {
        for (text, base, plain) in [
            ("https://app.example.com", "https://app.example.com", false),
            ("HTTPS://App.Example.com:443/", "https://app.example.com", false),
            ("https://app.example.com:8443", "https://app.example.com:8443", false),
            ("http://localhost:8080", "http://localhost:8080", true),
            ("http://app.localhost:8080", "http://app.localhost:8080", true),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", true),
            ("http://[::1]:8080", "http://[::1]:8080", true),
        ] {
            assert_eq!(text.parse(), Ok(HermesUrl { base: base.to_owned(), plain }), "{text}");
        }
        for (text, says) in [
            ("http://app.example.com", "in the clear"),
            ("http://10.0.0.7:8080", "in the clear"),
            ("http://localhost.example.com", "in the clear"),
            ("http://notlocalhost", "in the clear"),
            ("http://127.0.0.1.example.com", "in the clear"),
            ("http://localhost@app.example.com", "scheme, host and port"),
            ("https://me:secret@app.example.com", "scheme, host and port"),
            ("https://app.example.com/hermes/api", "scheme, host and port"),
            ("https://app.example.com/?a=b", "scheme, host and port"),
            ("ftp://app.example.com", "write it as"),
            ("app.example.com", "write it as"),
            ("", "write it as"),
        ] {
            let refused = text.parse::<HermesUrl>().unwrap_err();
            assert!(refused.contains(says), "{text}: {refused}");
        }
    }
}
