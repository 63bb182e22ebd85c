//! Writing one object: at once, or in parts that appear together.

use crate::fault::fault;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use ports::{ErrorKind, PortError, Result};

/// Objects above this are written in parts, in bytes.
const WHOLE_MAX: usize = 16 * 1024 * 1024;
/// A part, in bytes. S3 wants at least 5 MiB.
const PART: usize = 8 * 1024 * 1024;
/// The name of the metadata by which a writer knows its own object.
pub(super) const MARK: &str = "put";

/// Whether a taken key is replaced.
#[derive(Clone, Debug)]
pub(super) enum Taken {
    Replace,
    /// It is not: `Conflict`. The object is marked.
    Refuse {
        mark: String,
    },
}

impl Taken {
    fn mark(&self) -> Option<&str> {
        match self {
            Self::Replace => None,
            Self::Refuse { mark } => Some(mark),
        }
    }

    /// The value of `If-None-Match`.
    fn unless(&self) -> Option<String> {
        self.mark().map(|_| "*".to_owned())
    }

    fn metadata(&self) -> Option<std::collections::HashMap<String, String>> {
        self.mark().map(|mark| [(MARK.to_owned(), mark.to_owned())].into())
    }
}

/// An object to be written.
pub(super) struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) media_type: &'a str,
    pub(super) taken: Taken,
}

impl Upload<'_> {
    /// Writes the object.
    pub(super) async fn run(&self, bytes: Bytes) -> Result<()> {
        if bytes.len() > WHOLE_MAX {
            return self.in_parts(bytes).await;
        }
        let put = self.client.put_object().bucket(self.bucket).key(self.key).content_type(self.media_type);
        let put = put.set_if_none_match(self.taken.unless()).set_metadata(self.taken.metadata());
        let stored = put.body(ByteStream::from(bytes)).send().await;
        stored.map(|_| ()).map_err(|error| fault(self.key, &error))
    }

    async fn in_parts(&self, bytes: Bytes) -> Result<()> {
        let begun = self.client.create_multipart_upload().bucket(self.bucket).key(self.key);
        let begun = begun.content_type(self.media_type).set_metadata(self.taken.metadata()).send().await;
        let begun = begun.map_err(|error| fault(self.key, &error))?;
        let id = begun.upload_id.ok_or_else(|| {
            PortError::new(ErrorKind::Transient, format_args!("{}: no upload was begun", self.key))
        })?;
        let done = self.parts(&id, bytes).await;
        if done.is_err() {
            self.abort(&id).await;
        }
        done
    }

    async fn parts(&self, id: &str, mut bytes: Bytes) -> Result<()> {
        let mut parts = Vec::new();
        for number in 1.. {
            let part = bytes.split_to(PART.min(bytes.len()));
            let stored = self.client.upload_part().bucket(self.bucket).key(self.key).upload_id(id);
            let stored = stored.part_number(number).body(ByteStream::from(part)).send().await;
            let tag = stored.map_err(|error| fault(self.key, &error))?;
            let part = CompletedPart::builder().part_number(number).set_e_tag(tag.e_tag);
            parts.push(part.set_checksum_crc32(tag.checksum_crc32).build());
            if bytes.is_empty() {
                break;
            }
        }
        let all = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let completed = self.client.complete_multipart_upload().bucket(self.bucket).key(self.key);
        let completed = completed.upload_id(id).multipart_upload(all);
        let completed = completed.set_if_none_match(self.taken.unless()).send().await;
        completed.map(|_| ()).map_err(|error| fault(self.key, &error))
    }

    /// Parts that belong to nothing cost money. What cannot be aborted now is left to the bucket's rule.
    async fn abort(&self, id: &str) {
        let aborted = self.client.abort_multipart_upload().bucket(self.bucket).key(self.key).upload_id(id);
        if let Err(error) = aborted.send().await {
            tracing::warn!(error = %fault("an upload", &error), "an unfinished upload was not aborted");
        }
    }
}
