//! Why a call was not carried out, in the words and the shape that AWS has for it.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// The media type of AWS JSON 1.1.
pub(crate) const MEDIA_TYPE: &str = "application/x-amz-json-1.1";

/// Why not. The words are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No such cluster.
    ClusterNotFound,
    /// No such service.
    ServiceNotFound(String),
    /// What is asked makes no sense, or is not done here.
    InvalidParameter(String),
    /// A call of ECS that this endpoint does not offer.
    AccessDenied(String),
    /// No call of ECS.
    UnknownOperation,
    /// The body is not what the call takes.
    Serialization(String),
    /// The request is not signed.
    MissingAuthentication,
    /// The signature lacks a part.
    IncompleteSignature(String),
    /// Signed with a key that is none of ours.
    UnrecognizedClient,
    /// The signature does not fit.
    InvalidSignature(String),
    /// Our side; the CLI tries again.
    Server(String),
}

impl Fault {
    /// AWS' name for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ClusterNotFound => "ClusterNotFoundException",
            Self::ServiceNotFound(_) => "ServiceNotFoundException",
            Self::InvalidParameter(_) => "InvalidParameterException",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::Serialization(_) => "SerializationException",
            Self::MissingAuthentication => "MissingAuthenticationTokenException",
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::InvalidSignature(_) => "InvalidSignatureException",
            Self::Server(_) => "ServerException",
        }
    }

    fn says(&self) -> &str {
        match self {
            Self::ClusterNotFound => "Cluster not found.",
            Self::UnknownOperation => "This is no call of ECS.",
            Self::MissingAuthentication => "Missing Authentication Token",
            Self::UnrecognizedClient => "The security token included in the request is invalid.",
            Self::ServiceNotFound(says)
            | Self::InvalidParameter(says)
            | Self::AccessDenied(says)
            | Self::Serialization(says)
            | Self::IncompleteSignature(says)
            | Self::InvalidSignature(says)
            | Self::Server(says) => says,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Server(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let body = json!({ "__type": self.code(), "message": self.says() }).to_string();
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
            (header::HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(self.code())),
        ];
        (self.status(), headers, body).into_response()
    }
}
