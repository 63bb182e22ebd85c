//! A blob store that cannot read mail for a while: the real one, wrapped.

use async_trait::async_trait;
use bytes::Bytes;
use ports::blobs::BlobMeta;
use ports::{Blobs, ErrorKind, PortError, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) struct Flaky {
    pub(crate) blobs: Arc<dyn Blobs>,
    /// How often it still fails.
    pub(crate) fails: Arc<AtomicU32>,
}

#[async_trait]
impl Blobs for Flaky {
    async fn put(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<()> {
        self.blobs.put(key, media_type, bytes).await
    }

    async fn put_new(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<bool> {
        self.blobs.put_new(key, media_type, bytes).await
    }

    async fn get(&self, key: &str) -> Result<(BlobMeta, Bytes)> {
        let left = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match left {
            Ok(_) => Err(PortError::new(ErrorKind::Transient, "the disk is away")),
            Err(_) => self.blobs.get(key).await,
        }
    }

    async fn head(&self, key: &str) -> Result<Option<BlobMeta>> {
        self.blobs.head(key).await
    }

    async fn copy(&self, from: &str, to: &str, media_type: &str) -> Result<()> {
        self.blobs.copy(from, to, media_type).await
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.blobs.remove(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>> {
        self.blobs.list(prefix, after, max).await
    }
}
