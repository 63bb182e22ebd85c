//! Why a request was not carried out: one list for pages and API.

use super::{limits, page};
use crate::conversation::SayError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ports::{ErrorKind, PortError};
use serde_json::json;

/// Why not, in words for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("You are not signed in.")]
    NotSignedIn,
    #[error("{0}")]
    Forbidden(String),
    #[error("There is nothing here, or it is not yours to see.")]
    NotFound,
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    TooMuch(String),
    #[error(
        "That was a lot at once (more than {} in a minute). Please try again in a minute.",
        limits::WRITES
    )]
    TooOften,
    #[error("You have more than {} conversations open in windows. Please close one.", limits::STREAMS)]
    TooManyStreams,
    #[error("This does not work just now. Nothing was changed; please try again in a minute.")]
    Later,
}

impl Fault {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMuch(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften | Self::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
            Self::Later => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "notSignedIn",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound => "notFound",
            Self::BadRequest(_) => "badRequest",
            Self::Conflict(_) => "conflict",
            Self::TooMuch(_) => "tooMuch",
            Self::TooOften => "tooOften",
            Self::TooManyStreams => "tooManyStreams",
            Self::Later => "later",
        }
    }
}

impl From<PortError> for Fault {
    fn from(err: PortError) -> Self {
        match err.kind() {
            ErrorKind::NotFound => return Self::NotFound,
            ErrorKind::Conflict => {
                return Self::Conflict("Somebody else was first. Please look again.".to_owned());
            }
            ErrorKind::Transient | ErrorKind::LeaseLost | ErrorKind::Denied | ErrorKind::Malformed => {}
        }
        tracing::warn!(error = %err, "a request failed");
        Self::Later
    }
}

impl From<SayError> for Fault {
    fn from(err: SayError) -> Self {
        let says = err.to_string();
        match err {
            SayError::Empty => Self::BadRequest(says),
            SayError::NoThread => Self::NotFound,
            SayError::NotAllowed(_) => Self::Forbidden(says),
            SayError::TooMuch(_) => Self::TooMuch(says),
            SayError::Later => Self::Later,
        }
    }
}

/// A fault that is answered with a page.
pub(crate) struct PageFault(pub(crate) Fault);

impl<E: Into<Fault>> From<E> for PageFault {
    fn from(err: E) -> Self {
        Self(err.into())
    }
}

impl IntoResponse for PageFault {
    fn into_response(self) -> Response {
        page::fault(&self.0)
    }
}

/// A fault that is answered with `{"error": {"code", "says"}}`.
pub(crate) struct ApiFault(pub(crate) Fault);

impl<E: Into<Fault>> From<E> for ApiFault {
    fn from(err: E) -> Self {
        Self(err.into())
    }
}

impl IntoResponse for ApiFault {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.0.code(), "says": self.0.to_string() } });
        (self.0.status(), Json(body)).into_response()
    }
}
