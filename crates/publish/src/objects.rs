//! Contents of built sites, kept once by their hash: releases and snapshots are made of them.

use crate::manifest::Manifest;
use crate::place::{Built, Content};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::ProjectId;
use futures_util::stream::{StreamExt, TryStreamExt, iter};
use ports::{Blobs, ErrorKind, PortError, Result};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Requests to the blob store at the same time.
pub(crate) const AT_ONCE: usize = 8;

/// What an upload did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// Contents that were new.
    pub objects: usize,
    /// Their length, in bytes.
    pub bytes: u64,
}

/// One project's contents.
#[derive(Clone)]
pub(crate) struct Objects {
    blobs: Arc<dyn Blobs>,
    project: ProjectId,
}

impl Objects {
    pub(crate) fn new(blobs: Arc<dyn Blobs>, project: ProjectId) -> Self {
        Self { blobs, project }
    }

    /// The blob key of a content.
    pub(crate) fn key(&self, sha256: &str) -> String {
        format!("releases/{}/objects/{sha256}", self.project)
    }

    /// Stores every content of `built` that the store does not have. Contents of `known` are there already.
    pub(crate) async fn upload(&self, built: &Built, known: &Manifest) -> Result<Uploaded> {
        let there: BTreeSet<&str> = known.files.values().map(|e| e.sha256.as_str()).collect();
        let mut wanted = BTreeMap::new();
        for (path, entry) in &built.manifest.files {
            if let Some(content) = built.contents.get(path)
                && !there.contains(entry.sha256.as_str())
            {
                wanted.insert(entry.sha256.clone(), (content.clone(), entry.media_type.clone()));
            }
        }
        let puts = wanted.into_iter().map(|(sha, (content, media_type))| {
            let objects = self.clone();
            async move { objects.upload_one(sha, content, media_type).await }
        });
        let lengths: Vec<Option<u64>> = iter(puts).buffer_unordered(AT_ONCE).try_collect().await?;
        let new = lengths.into_iter().flatten();
        Ok(new.fold(Uploaded::default(), |sum, bytes| Uploaded {
            objects: sum.objects + 1,
            bytes: sum.bytes + bytes,
        }))
    }

    async fn upload_one(&self, sha256: String, content: Content, media_type: String) -> Result<Option<u64>> {
        let key = self.key(&sha256);
        if self.blobs.head(&key).await?.is_some() {
            return Ok(None);
        }
        let bytes = match content {
            Content::Bytes(bytes) => bytes,
            Content::File(file) => {
                let read = tokio::task::spawn_blocking(move || read_checked(&file, &sha256)).await;
                read.map_err(|err| PortError::new(ErrorKind::Transient, err))??
            }
        };
        let length = bytes.len() as u64;
        let fresh = self.blobs.put_new(&key, &media_type, bytes).await?;
        Ok(fresh.then_some(length))
    }
}

fn read_checked(file: &Path, sha256: &str) -> Result<Bytes> {
    let says = |what: &dyn std::fmt::Display| {
        PortError::new(ErrorKind::Transient, format!("{}: {what}", file.display()))
    };
    let bytes = std::fs::read(file).map_err(|err| says(&err))?;
    if HEXLOWER.encode(&Sha256::digest(&bytes)) != sha256 {
        return Err(says(&"changed while it was being published"));
    }
    Ok(bytes.into())
}
