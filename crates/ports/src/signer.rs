//! Proof to a service of the cloud that a request is ours.

use crate::error::Result;
use async_trait::async_trait;

/// A request as it will be sent.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its whole address; the path's escapes as they are sent.
    pub url: &'a str,
    /// Headers that are to be under the signature, with names in lower case; the host is anyway.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
}

/// Signs requests with this process's own role.
#[async_trait]
pub trait Signer: Send + Sync {
    /// The headers that the request needs beside its own, names and values; they hold no secret, and are good for minutes.
    /// `Denied` when the role has no credentials, `Transient` when they could not be asked for.
    async fn sign(&self, request: &Unsigned<'_>) -> Result<Vec<(String, String)>>;
}
