//! Which queues of dead letters are not empty: noted by whoever sees it, so that nobody has to ask those of all who sleep.
//!
//! A note may be there without a letter: whoever looks and finds none takes it away.

use crate::blobs::Blobs;
use crate::error::Result;
use bytes::Bytes;

const NOTES: &str = "dead-letters/";
/// Notes that are listed at once.
const PAGE: usize = 1_000;

/// Notes that letters are in this queue, or are about to be.
pub async fn note(blobs: &dyn Blobs, queue: &str) -> Result<()> {
    blobs.put(&format!("{NOTES}{queue}"), "text/plain", Bytes::new()).await
}

/// Takes the note away. Fine when there is none.
pub async fn forget(blobs: &dyn Blobs, queue: &str) -> Result<()> {
    blobs.remove(&format!("{NOTES}{queue}")).await
}

/// The queues that are noted, by name.
pub async fn noted(blobs: &dyn Blobs) -> Result<Vec<String>> {
    let mut keys: Vec<String> = Vec::new();
    loop {
        let page = blobs.list(NOTES, keys.last().map(String::as_str), PAGE).await?;
        if page.is_empty() {
            break;
        }
        keys.extend(page);
    }
    Ok(keys.iter().filter_map(|key| key.strip_prefix(NOTES)).map(str::to_owned).collect())
}
