//! Files that came with messages, for those who may see the conversation.

use super::fault::{Fault, PageFault};
use super::state::App;
use super::who::Person;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::MessageId;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// Whether a browser may show it inside a page: pictures that cannot run anything.
pub(crate) fn is_picture(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif")
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/threads/{id}/files/{message}/{index}", get(file))
}

/// One file. Somebody sent it, so it is never more than a picture or a download.
async fn file(
    State(app): State<App>,
    person: Person,
    Path((id, message, index)): Path<(String, String, usize)>,
) -> Result<Response, PageFault> {
    let thread = person.thread(&app, &id).await?;
    let message: MessageId = message.parse().map_err(|_| Fault::NotFound)?;
    let message = app.backends.messages.get(&message).await?;
    if message.thread != thread.id {
        return Err(Fault::NotFound.into());
    }
    let attachment = message.attachments.get(index).ok_or(Fault::NotFound)?;
    let (_, bytes) = app.backends.blobs.get(&attachment.blob).await?;
    let picture = is_picture(&attachment.media_type);
    let media_type = if picture { attachment.media_type.as_str() } else { "application/octet-stream" };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_str(media_type).map_err(|_| Fault::NotFound)?),
        (CONTENT_DISPOSITION, disposition(&attachment.name, picture)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400, immutable")),
    ];
    Ok((headers, bytes).into_response())
}

fn disposition(name: &str, picture: bool) -> HeaderValue {
    let how = if picture { "inline" } else { "attachment" };
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let text = format!("{how}; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let value = disposition("a\"\r\nSet-Cookie: x=1 ü.png", true);
        assert_eq!(value, "inline; filename*=UTF-8''a%22%0D%0ASet-Cookie%3A%20x%3D1%20%C3%BC.png");
    }

    #[test]
    fn a_picture_that_can_run_scripts_is_a_download() {
        assert!(is_picture("image/png"));
        assert!(!is_picture("image/svg+xml"));
        assert!(!is_picture("text/html"));
    }
}
