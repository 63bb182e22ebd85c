//! The event stream in which Bedrock answers, read as it passes:
//! <https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html>.

use crc32fast::hash;
use data_encoding::BASE64;
use serde::Deserialize;

/// Two lengths and their checksum, before the headers.
const PRELUDE: usize = 12;
/// The prelude, and the checksum of the whole.
const LEAST: usize = PRELUDE + 4;
/// Longest frame, in bytes. The format allows 24 MB; a model's pieces are far smaller.
const LONGEST: usize = 1 << 20;

/// Bytes that are no event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// A length that cannot be.
    #[error("a frame of an impossible length")]
    Length,
    /// A checksum that differs.
    #[error("a frame whose checksum differs")]
    Checksum,
}

/// Cuts a stream into frames.
#[derive(Debug, Default)]
pub struct Frames {
    pending: Vec<u8>,
}

impl Frames {
    /// Takes the next piece of the stream; returns the payloads of the frames that it completes.
    ///
    /// # Errors
    /// Where the bytes are no frames. There is no way to find the next one: the stream cannot be read any further.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, BadFrame> {
        self.pending.extend_from_slice(bytes);
        let (mut payloads, mut read) = (Vec::new(), 0);
        while let Some((payload, length)) = first(&self.pending[read..])? {
            payloads.push(payload);
            read += length;
        }
        self.pending.drain(..read);
        Ok(payloads)
    }
}

/// The payload of the first frame and the frame's length, if it is there whole.
fn first(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, BadFrame> {
    let (Some(total), Some(headers), Some(sum)) = (number(bytes, 0), number(bytes, 4), number(bytes, 8))
    else {
        return Ok(None);
    };
    // Before a length is believed, its checksum.
    if hash(&bytes[..8]) != sum {
        return Err(BadFrame::Checksum);
    }
    let (total, headers) = (total as usize, headers as usize);
    if !(LEAST..=LONGEST).contains(&total) || headers > total - LEAST {
        return Err(BadFrame::Length);
    }
    let Some(frame) = bytes.get(..total) else { return Ok(None) };
    let (content, sum) = frame.split_at(total - 4);
    if number(sum, 0) != Some(hash(content)) {
        return Err(BadFrame::Checksum);
    }
    Ok(Some((content[PRELUDE + headers..].to_vec(), total)))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[derive(Deserialize)]
struct Chunk {
    bytes: String,
}

/// The event of the Messages API that a frame's payload carries; nothing where it carries none.
pub(crate) fn event(payload: &[u8]) -> Option<Vec<u8>> {
    let chunk: Chunk = serde_json::from_slice(payload).ok()?;
    BASE64.decode(chunk.bytes.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of the AWS SDKs: the payload `{'foo':'bar'}` with no header, and with one.
    /// <https://github.com/awslabs/aws-c-event-stream/tree/main/tests>
    const PLAIN: &[u8] = b"\x00\x00\x00\x1d\x00\x00\x00\x00\xfd\x52\x8c\x5a{'foo':'bar'}\xc3\x65\x39\x36";
    const WITH_HEADER: &[u8] = b"\x00\x00\x00\x3d\x00\x00\x00\x20\x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json{'foo':'bar'}\x8d\x9c\x08\xb1";

    #[test]
    fn the_published_vectors_are_read_however_they_are_cut() {
        let stream = [PLAIN, WITH_HEADER, PLAIN].concat();
        for size in 1..=stream.len() {
            let mut frames = Frames::default();
            let read: Vec<Vec<u8>> =
                stream.chunks(size).flat_map(|piece| frames.feed(piece).unwrap()).collect();
            assert_eq!(read, [b"{'foo':'bar'}"; 3], "pieces of {size}");
            assert!(frames.pending.is_empty());
        }
    }

    #[test]
    fn a_bit_that_flipped_is_noticed() {
        for at in 0..PLAIN.len() {
            let mut bytes = PLAIN.to_vec();
            bytes[at] ^= 1;
            assert_eq!(Frames::default().feed(&bytes), Err(BadFrame::Checksum), "byte {at}");
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_not_waited_for() {
        let prelude = [u32::try_from(LONGEST + 1).unwrap(), 0]
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .collect::<Vec<u8>>();
        let bytes = [&prelude[..], &hash(&prelude).to_be_bytes()].concat();
        assert_eq!(Frames::default().feed(&bytes), Err(BadFrame::Length));
    }
}
