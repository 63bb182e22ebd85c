//! Errors in the form that clients of the Messages API understand.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

/// An error of the gateway itself, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No token, an unknown one, or one that has no turn at the moment.
    Unauthenticated,
    /// A path or method that is not passed on.
    NotPassed,
    /// A request body beyond the limit.
    TooLarge,
    /// A request body that broke off.
    Unreadable,
    /// The upstream cannot be reached.
    Unreachable,
    /// The upstream did not answer in time.
    Late,
    /// Everything that this turn may spend is spent. Claude Code ends on this at once.
    UsedUp,
    /// The request could not be signed.
    Unsigned,
}

impl Fault {
    fn parts(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Unauthenticated => {
                (401, "authentication_error", "this token is not valid, or has no turn at the moment")
            }
            Self::NotPassed => (404, "not_found_error", "the gateway does not pass this path on"),
            Self::TooLarge => (413, "request_too_large", "the request is larger than 32 MB"),
            Self::Unreadable => (400, "invalid_request_error", "the request broke off"),
            Self::Unreachable => (502, "api_error", "the model's server cannot be reached"),
            Self::UsedUp => (402, "billing_error", "what this turn may spend is spent"),
            Self::Unsigned => (502, "api_error", "the gateway has no credentials for the model's server"),
            Self::Late => (529, "overloaded_error", "the model's server did not answer in time"),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, kind, says) = self.parts();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        (status, [(header::CONTENT_TYPE, "application/json")], Body::from(error_json(kind, says)))
            .into_response()
    }
}

/// The event that ends a stream which cannot go on.
pub(crate) fn stream_error(says: &str) -> String {
    format!("event: error\ndata: {}\n\n", error_json("overloaded_error", says))
}

fn error_json(kind: &str, says: &str) -> String {
    json!({"type": "error", "error": {"type": kind, "message": says}}).to_string()
}
