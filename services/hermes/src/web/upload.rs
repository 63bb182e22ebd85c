//! Reads what a person sends from the composer: words and files.

use super::fault::Fault;
use crate::conversation::Upload;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use bytes::{Bytes, BytesMut};
use domain::UserId;
use http::StatusCode;

/// Longest text, in bytes.
pub(crate) const TEXT_MAX: usize = 200_000;
/// Most files with one message.
pub(crate) const FILES_MAX: usize = 10;
/// Most bytes of all files together.
pub(crate) const BYTES_MAX: usize = 25_000_000;
/// What is read of a request before it is refused unread: enough to refuse a little too much with words.
pub(crate) const BODY_MAX: usize = 40_000_000;

/// A form as it comes in.
pub(crate) type Received = Result<Multipart, MultipartRejection>;

/// What stood in the form.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) text: String,
    pub(crate) uploads: Vec<Upload>,
    /// Made when the form was: the same form sent twice is one message.
    pub(crate) once: Option<String>,
}

/// Reads a multipart form into `form`, as far as it can be taken.
pub(crate) async fn read(multipart: Received, form: &mut Form) -> Result<(), Fault> {
    let mut multipart = multipart.map_err(|err| Fault::BadRequest(err.body_text()))?;
    let mut total = 0;
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        match field.name().unwrap_or_default() {
            "text" => form.text = text(field, TEXT_MAX).await?,
            "once" => form.once = Some(text(field, 64).await?),
            "files" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let bytes = content(field, BYTES_MAX - total).await?;
                total += bytes.len();
                // A picker without a choice sends one nameless, empty file.
                if !name.is_empty() || !bytes.is_empty() {
                    form.uploads.push(Upload { name, bytes });
                }
                if form.uploads.len() > FILES_MAX {
                    return Err(Fault::TooMuch(format!(
                        "Please send at most {FILES_MAX} files with one message."
                    )));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// What makes two sends of one form the same message of this person.
pub(crate) fn dedupe(door: &str, user: &UserId, once: &str) -> Option<String> {
    (!once.is_empty()).then(|| format!("{door}/{user}/{once}"))
}

async fn text(mut field: Field<'_>, max: usize) -> Result<String, Fault> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > max {
            return Err(too_long());
        }
    }
    String::from_utf8(bytes.to_vec())
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|_| Fault::BadRequest("This text is not UTF-8.".to_owned()))
}

/// The fault of a text over [`TEXT_MAX`].
pub(crate) fn too_long() -> Fault {
    Fault::TooMuch(format!(
        "This text is longer than {} KB. Please attach it as a file instead.",
        TEXT_MAX / 1_000
    ))
}

async fn content(mut field: Field<'_>, left: usize) -> Result<Bytes, Fault> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > left {
            return Err(too_large());
        }
    }
    Ok(bytes.freeze())
}

fn too_large() -> Fault {
    let max = BYTES_MAX / 1_000_000;
    Fault::TooMuch(format!(
        "These files are larger than {max} MB together. Please send fewer or smaller ones."
    ))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn unreadable(err: MultipartError) -> Fault {
    if err.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Fault::BadRequest("This did not arrive whole. Please send it again.".to_owned())
}
