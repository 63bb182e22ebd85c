//! The real blob store, with a record of what was written and a point at which it stops answering.

use async_trait::async_trait;
use bytes::Bytes;
use ports::blobs::BlobMeta;
use ports::{Blobs, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A write, as the tests read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    Object(String),
    Copy(String),
    Remove(String),
    Other(String),
    /// The caches were told.
    Invalidated(String),
}

/// Who gives up waiting finds the store mended.
struct Mend<'a>(&'a AtomicUsize);

impl Drop for Mend<'_> {
    fn drop(&mut self) {
        self.0.store(usize::MAX, Ordering::SeqCst);
    }
}

pub(crate) struct Watched {
    inner: Arc<dyn Blobs>,
    writes: Mutex<Vec<Write>>,
    /// Copies until one never ends.
    pub(crate) copies_left: AtomicUsize,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Blobs>) -> Self {
        Self { inner, writes: Mutex::default(), copies_left: AtomicUsize::new(usize::MAX) }
    }

    /// The writes since the last time.
    pub(crate) fn take(&self) -> Vec<Write> {
        std::mem::take(&mut self.writes.lock().unwrap())
    }

    pub(crate) fn note(&self, write: Write) {
        self.writes.lock().unwrap().push(write);
    }
}

#[async_trait]
impl Blobs for Watched {
    async fn put(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<()> {
        self.note(Write::Other(key.to_owned()));
        self.inner.put(key, media_type, bytes).await
    }
    async fn put_new(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<bool> {
        self.note(Write::Object(key.to_owned()));
        self.inner.put_new(key, media_type, bytes).await
    }
    async fn get(&self, key: &str) -> Result<(BlobMeta, Bytes)> {
        self.inner.get(key).await
    }
    async fn head(&self, key: &str) -> Result<Option<BlobMeta>> {
        self.inner.head(key).await
    }
    async fn copy(&self, from: &str, to: &str, media_type: &str) -> Result<()> {
        let left = self.copies_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_err() {
            let _mend = Mend(&self.copies_left);
            std::future::pending::<()>().await;
        }
        self.note(Write::Copy(to.to_owned()));
        self.inner.copy(from, to, media_type).await
    }
    async fn remove(&self, key: &str) -> Result<()> {
        self.note(Write::Remove(key.to_owned()));
        self.inner.remove(key).await
    }
    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>> {
        self.inner.list(prefix, after, max).await
    }
}
