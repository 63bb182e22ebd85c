//! Attachments on their way into the blob store.

use bytes::Bytes;
use domain::MessageId;
use domain::message::Attachment;
use ports::{Blobs, PortError};

/// A file that came with a message.
#[derive(Clone, Debug)]
pub struct File {
    /// A name made safe for a file system.
    pub name: String,
    /// The sniffed media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Bytes,
}

/// Stores the files of a message. The same message stores the same keys, so doing it twice is doing it once.
pub async fn store(
    blobs: &dyn Blobs,
    message: &MessageId,
    files: Vec<File>,
) -> Result<Vec<Attachment>, PortError> {
    let mut stored = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let name = unique(&stored, index, &file.name);
        let blob = format!("attachments/{message}/{index}");
        let bytes = file.bytes.len() as u64;
        blobs.put(&blob, &file.media_type, file.bytes).await?;
        stored.push(Attachment { name, media_type: file.media_type, bytes, blob });
    }
    Ok(stored)
}

fn unique(stored: &[Attachment], index: usize, name: &str) -> String {
    if stored.iter().any(|a| a.name == name) { format!("{}-{name}", index + 1) } else { name.to_owned() }
}
