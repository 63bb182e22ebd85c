//! Blobs in S3.

mod key;
mod upload;

use crate::connect::Clients;
use crate::fault::fault;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{EncodingType, MetadataDirective};
use bytes::Bytes;
use key::{check_key, check_media_type, decoded, encoded};
use ports::blobs::BlobMeta;
use ports::{Blobs, ErrorKind, PortError, Result};
use std::time::Duration;
use upload::{MARK, Taken, Upload};
use uuid::Uuid;

/// Keys of mail, in the bucket that SES may write to.
const MAIL: &str = "mail/";
/// Keys of public files, as `publish` names them, in the bucket that the CDN may read.
const SITES: &str = "sites/";
/// Tries of a new put that meets another of its key, and the wait between two.
const TRIES: u32 = 6;
const BETWEEN: Duration = Duration::from_millis(150);
/// Most keys of one page.
const PAGE: usize = 1_000;
/// The media type of an object that somebody else stored without one.
const UNTYPED: &str = "application/octet-stream";

/// The buckets, by what is in them. A key is the same in its bucket as here.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// Public sites.
    pub site: String,
    /// Mail as it came.
    pub mail: String,
    /// Everything else.
    pub data: String,
}

impl Buckets {
    fn of(&self, key: &str) -> &str {
        if key.starts_with(MAIL) {
            &self.mail
        } else if key.starts_with(SITES) {
            &self.site
        } else {
            &self.data
        }
    }

    /// Those that may hold keys with this prefix, each once.
    fn below(&self, prefix: &str) -> Vec<&str> {
        let reach = |part: &str| prefix.starts_with(part) || part.starts_with(prefix);
        let elsewhere = prefix.starts_with(MAIL) || prefix.starts_with(SITES);
        let parts = [(reach(MAIL), &self.mail), (reach(SITES), &self.site), (!elsewhere, &self.data)];
        let mut buckets: Vec<&str> =
            parts.iter().filter(|(in_it, _)| *in_it).map(|(_, b)| b.as_str()).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }
}

/// The object store. Objects above 16 MiB are written in parts; a rule of the buckets should end the uploads that a
/// killed process leaves unfinished.
pub struct S3Blobs {
    client: Client,
    buckets: Buckets,
}

impl S3Blobs {
    /// A store by these clients. Asks nothing of AWS yet.
    pub fn new(clients: &Clients, buckets: Buckets) -> Self {
        Self { client: clients.s3.clone(), buckets }
    }

    fn upload<'a>(&'a self, key: &'a str, media_type: &'a str, taken: Taken) -> Result<Upload<'a>> {
        check_key(key)?;
        check_media_type(media_type)?;
        Ok(Upload { client: &self.client, bucket: self.buckets.of(key), key, media_type, taken })
    }

    /// The mark of the object of this key: the outer `None` when there is no object.
    async fn mark(&self, key: &str) -> Result<Option<Option<String>>> {
        let found = self.client.head_object().bucket(self.buckets.of(key)).key(key).send().await;
        match found.map_err(|error| fault(key, &error)) {
            Ok(found) => Ok(Some(found.metadata.and_then(|mut metadata| metadata.remove(MARK)))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn keys(&self, bucket: &str, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>> {
        let (mut keys, mut next) = (Vec::new(), None);
        while keys.len() < max {
            let page = i32::try_from((max - keys.len()).min(PAGE)).unwrap_or(1);
            let asked = self.client.list_objects_v2().bucket(bucket).prefix(prefix).max_keys(page);
            let asked = asked.set_start_after(after.filter(|after| !after.is_empty()).map(str::to_owned));
            // As XML, some characters of a key could not be said.
            let asked = asked.encoding_type(EncodingType::Url).set_continuation_token(next);
            let answer =
                asked.send().await.map_err(|error| fault(format_args!("keys of {prefix}"), &error))?;
            let found = answer.contents.unwrap_or_default();
            keys.extend(found.into_iter().filter_map(|object| object.key.as_deref().and_then(decoded)));
            next = answer.next_continuation_token;
            if next.is_none() {
                break;
            }
        }
        Ok(keys)
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn put(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<()> {
        self.upload(key, media_type, Taken::Replace)?.run(bytes).await
    }

    async fn put_new(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<bool> {
        let mark = Uuid::new_v4().simple().to_string();
        let upload = self.upload(key, media_type, Taken::Refuse { mark: mark.clone() })?;
        for _ in 0..TRIES {
            match upload.run(bytes.clone()).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                stored => return stored.map(|()| true),
            }
            // Taken, perhaps by ourselves: an attempt whose answer was lost is repeated by the SDK.
            if let Some(found) = self.mark(key).await? {
                return Ok(found.as_deref() == Some(mark.as_str()));
            }
            // Another of the same key is being written, and may yet fail.
            tokio::time::sleep(BETWEEN).await;
        }
        Err(PortError::new(ErrorKind::Transient, format_args!("{key} is being written by others")))
    }

    async fn get(&self, key: &str) -> Result<(BlobMeta, Bytes)> {
        check_key(key)?;
        let got = self.client.get_object().bucket(self.buckets.of(key)).key(key).send().await;
        let got = got.map_err(|error| fault(key, &error))?;
        let media_type = got.content_type.unwrap_or_else(|| UNTYPED.to_owned());
        let bytes = got.body.collect().await;
        let broken = |error| PortError::new(ErrorKind::Transient, format_args!("{key} broke off: {error}"));
        let bytes = bytes.map_err(broken)?.into_bytes();
        Ok((BlobMeta { key: key.to_owned(), bytes: bytes.len() as u64, media_type }, bytes))
    }

    async fn head(&self, key: &str) -> Result<Option<BlobMeta>> {
        check_key(key)?;
        let found = self.client.head_object().bucket(self.buckets.of(key)).key(key).send().await;
        match found.map_err(|error| fault(key, &error)) {
            Ok(found) => Ok(Some(BlobMeta {
                key: key.to_owned(),
                bytes: found.content_length.and_then(|bytes| bytes.try_into().ok()).unwrap_or(0),
                media_type: found.content_type.unwrap_or_else(|| UNTYPED.to_owned()),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn copy(&self, from: &str, to: &str, media_type: &str) -> Result<()> {
        check_key(from)?;
        check_key(to)?;
        check_media_type(media_type)?;
        let copied = self
            .client
            .copy_object()
            .copy_source(format!("{}/{}", self.buckets.of(from), encoded(from)))
            .bucket(self.buckets.of(to))
            .key(to)
            .metadata_directive(MetadataDirective::Replace)
            .content_type(media_type)
            .send()
            .await;
        copied.map(|_| ()).map_err(|error| fault(format_args!("{from} to {to}"), &error))
    }

    async fn remove(&self, key: &str) -> Result<()> {
        check_key(key)?;
        let removed = self.client.delete_object().bucket(self.buckets.of(key)).key(key).send().await;
        removed.map(|_| ()).map_err(|error| fault(key, &error))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        for bucket in self.buckets.below(prefix) {
            keys.extend(self.keys(bucket, prefix, after, max).await?);
        }
        keys.sort_unstable();
        keys.truncate(max);
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_in_the_bucket_of_its_beginning() {
        let buckets = Buckets { site: "s".to_owned(), mail: "m".to_owned(), data: "d".to_owned() };
        let of =
            ["mail/incoming/1", "sites/demo/index.html", "releases/demo/production.json", "mailbox", "sites"];
        assert_eq!(of.map(|key| buckets.of(key)), ["m", "s", "d", "d", "d"]);
        assert_eq!(buckets.below("sites/demo/"), ["s"]);
        assert_eq!(buckets.below("ma"), ["d", "m"]);
        assert_eq!(buckets.below(""), ["d", "m", "s"]);
        assert_eq!(buckets.below("releases/"), ["d"]);
    }
}
