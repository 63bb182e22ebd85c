//! Blobs: bytes under a key, as in S3.

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;

/// A stored object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Its key.
    pub key: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Its media type.
    pub media_type: String,
}

/// An object store. Keys are 1 to 900 bytes of `/`-separated segments, none of them empty, `.` or `..` (`Malformed` otherwise).
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Stores an object, replacing one of the same key; durable, and whole or not at all, when this returns.
    async fn put(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<()>;
    /// Stores an object unless the key is taken; false when it is.
    async fn put_new(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<bool>;
    /// An object's bytes. `NotFound` when there is none.
    async fn get(&self, key: &str) -> Result<(BlobMeta, Bytes)>;
    /// An object without its bytes.
    async fn head(&self, key: &str) -> Result<Option<BlobMeta>>;
    /// Copies an object inside the store. `NotFound` when there is none.
    async fn copy(&self, from: &str, to: &str, media_type: &str) -> Result<()>;
    /// Removes an object. Fine when there is none.
    async fn remove(&self, key: &str) -> Result<()>;
    /// Keys that begin with `prefix`, in byte order, after `after`. At most `max`.
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>>;
}
