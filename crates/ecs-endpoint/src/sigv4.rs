//! Whether a request was signed with a key of ours: AWS Signature Version 4, for requests without a query.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>. Written here because
//! the crate that verifies (scratchstack-aws-signature) fixes the skew at 15 minutes and brings a model of IAM with it.

use crate::fault::Fault;
use data_encoding::HEXLOWER;
use domain::Timestamp;
use hmac::{Hmac, Mac};
use http::request::Parts;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::Duration;
use subtle::ConstantTimeEq;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const BODY_HASH: &str = "x-amz-content-sha256";
/// How far the signer's clock may be off, in either direction.
const SKEW: Duration = Duration::from_mins(5);
/// What AWS says of a wrong signature.
const DIFFERS: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
    Secret Access Key and signing method. Consult the service documentation for details.";

/// An access key. Its secret is not shown by anything.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: String,
}

impl AccessKey {
    /// The key of this id and secret.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into() }
    }

    /// Refuses a request to `service` unless it was signed with this key, as it is, within five minutes of `now`.
    pub fn verify(&self, service: &str, parts: &Parts, body: &[u8], now: Timestamp) -> Result<(), Fault> {
        let given = Authorization::read(&parts.headers)?;
        if !bool::from(given.key.as_bytes().ct_eq(self.id.as_bytes())) {
            return Err(Fault::UnrecognizedClient);
        }
        if given.service != service {
            return Err(Fault::InvalidSignature(format!(
                "Credential should be scoped to correct service: '{service}'."
            )));
        }
        let at = signed_at(&parts.headers, &given, now)?;
        everything_is_signed(&parts.headers, &given)?;
        let body = body_hash(&parts.headers, body)?;
        let signature = self.sign(&given, at, &canonical(parts, &given, &body));
        if bool::from(signature.as_bytes().ct_eq(given.signature.as_bytes())) {
            Ok(())
        } else {
            Err(Fault::InvalidSignature(DIFFERS.to_owned()))
        }
    }

    fn sign(&self, given: &Authorization<'_>, at: &str, canonical: &str) -> String {
        let Authorization { date, region, service, .. } = given;
        let hash = HEXLOWER.encode(&Sha256::digest(canonical));
        let text = format!("{ALGORITHM}\n{at}\n{date}/{region}/{service}/aws4_request\n{hash}");
        let steps = [*date, *region, *service, "aws4_request", text.as_str()];
        let first = format!("AWS4{}", self.secret).into_bytes();
        let last = steps.iter().fold(first, |key, step| keyed_hash(&key, step));
        HEXLOWER.encode(&last)
    }
}

fn keyed_hash(key: &[u8], text: &str) -> Vec<u8> {
    let Ok(mut hash) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("a key of any length will do");
    };
    hash.update(text.as_bytes());
    hash.finalize().into_bytes().to_vec()
}

/// What the Authorization header says.
struct Authorization<'a> {
    key: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn read(headers: &'a HeaderMap) -> Result<Self, Fault> {
        let value = headers.get(header::AUTHORIZATION).ok_or(Fault::MissingAuthentication)?;
        let parts = value.to_str().ok().and_then(|text| text.strip_prefix(ALGORITHM));
        let parts = parts.ok_or_else(|| Fault::IncompleteSignature(format!("Sign with {ALGORITHM}.")))?;
        let part = |name: &str| {
            let found = parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            let lacks = || format!("Authorization header requires '{name}' parameter.");
            found.ok_or_else(|| Fault::IncompleteSignature(lacks()))
        };
        let scope: Vec<&str> = part("Credential")?.split('/').collect();
        let [key, date, region, service, "aws4_request"] = scope[..] else {
            return Err(Fault::IncompleteSignature(
                "Credential must be KEY/DATE/REGION/SERVICE/aws4_request.".to_owned(),
            ));
        };
        let signed = part("SignedHeaders")?.split(';').collect();
        Ok(Self { key, date, region, service, signed, signature: part("Signature")? })
    }
}

/// The time of signing as it was written, if it is close to `now` and of the day in the credential.
fn signed_at<'a>(
    headers: &'a HeaderMap,
    given: &Authorization<'_>,
    now: Timestamp,
) -> Result<&'a str, Fault> {
    let at = headers.get(DATE).and_then(|value| value.to_str().ok());
    let at = at.ok_or_else(|| Fault::IncompleteSignature("X-Amz-Date is missing.".to_owned()))?;
    let parsed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", at)
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| Fault::IncompleteSignature(format!("X-Amz-Date cannot be read: {at:?}.")))?;
    if !at.starts_with(given.date) || given.date.len() != "yyyymmdd".len() {
        let says =
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.";
        return Err(Fault::InvalidSignature(says.to_owned()));
    }
    let then = Timestamp(parsed.timestamp().as_millisecond());
    if then.since(now).max(now.since(then)) > SKEW {
        return Err(Fault::InvalidSignature(format!(
            "Signature expired or not yet current: {at} is more than 5 minutes from this machine's time."
        )));
    }
    Ok(at)
}

/// The host and everything that AWS gives a meaning to must be under the signature.
fn everything_is_signed(headers: &HeaderMap, given: &Authorization<'_>) -> Result<(), Fault> {
    let mut must = headers.keys().map(header::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    let host = given.signed.contains(&"host");
    if let Some(name) = must.find(|name| !given.signed.contains(name)).or((!host).then_some("host")) {
        return Err(Fault::InvalidSignature(format!("The header {name} is not signed.")));
    }
    Ok(())
}

/// The hash of the body that is here; what the request says of it must be the same.
fn body_hash(headers: &HeaderMap, body: &[u8]) -> Result<String, Fault> {
    let hash = HEXLOWER.encode(&Sha256::digest(body));
    match headers.get(BODY_HASH) {
        Some(said) if said.as_bytes() != hash.as_bytes() => {
            let says = "The provided x-amz-content-sha256 header does not match what was computed.";
            Err(Fault::InvalidSignature(says.to_owned()))
        }
        _ => Ok(hash),
    }
}

/// The request as it is signed.
fn canonical(parts: &Parts, given: &Authorization<'_>, body: &str) -> String {
    let line = |name: &&str| {
        let values = parts.headers.get_all(*name).iter();
        let values: Vec<String> = values.map(|value| trimmed(value.as_bytes())).collect();
        format!("{name}:{}\n", values.join(","))
    };
    let headers: String = given.signed.iter().map(line).collect();
    let path = escaped(parts.uri.path());
    format!("{}\n{path}\n\n{headers}\n{}\n{body}", parts.method, given.signed.join(";"))
}

/// A path as it is signed: escaped once more than it is sent.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Without spaces around it, and with one where there were many.
fn trimmed(value: &[u8]) -> String {
    String::from_utf8_lossy(value).split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
