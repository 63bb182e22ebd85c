//! The endpoint as HTTP: one path, signed requests only.

use crate::calls::Desk;
use crate::cluster::Cluster;
use crate::fault::{Fault, MEDIA_TYPE};
use crate::names::Names;
use crate::sigv4::AccessKey;
use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::{HeaderName, HeaderValue, Method, header};
use std::sync::Arc;

/// What calls of ECS begin with in `X-Amz-Target`.
const TARGET: &str = "AmazonEC2ContainerServiceV20141113.";
/// The service that requests are signed for.
const SIGNED_FOR: &str = "ecs";
/// Longest body, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// Tells the time, by which the age of signatures is judged.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Answers for `cluster` whoever signs with `key`.
pub fn router(names: Names, key: AccessKey, cluster: Arc<dyn Cluster>, now: Now) -> Router {
    let endpoint = Arc::new(Endpoint { names, key, cluster, now });
    Router::new().fallback(move |request: Request| {
        let endpoint = Arc::clone(&endpoint);
        async move { endpoint.serve(request).await }
    })
}

struct Endpoint {
    names: Names,
    key: AccessKey,
    cluster: Arc<dyn Cluster>,
    now: Now,
}

impl Endpoint {
    async fn serve(&self, request: Request) -> Response {
        let mut response = match self.answer(request).await {
            Ok(body) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response(),
            Err(fault) => {
                tracing::info!(code = fault.code(), "a call of the ECS endpoint was refused");
                fault.into_response()
            }
        };
        if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
            response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
        }
        response
    }

    async fn answer(&self, request: Request) -> Result<String, Fault> {
        let (parts, body) = request.into_parts();
        if parts.method != Method::POST || parts.uri.path() != "/" || parts.uri.query().is_some() {
            return Err(Fault::UnknownOperation);
        }
        let body = axum::body::to_bytes(body, BODY_MAX).await;
        let body =
            body.map_err(|_| Fault::Serialization(format!("The body is longer than {BODY_MAX} bytes.")))?;
        self.key.verify(SIGNED_FOR, &parts, &body, (self.now)())?;
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation =
            target.and_then(|target| target.strip_prefix(TARGET)).ok_or(Fault::UnknownOperation)?;
        let desk = Desk { names: &self.names, cluster: &*self.cluster };
        Ok(desk.answer(operation, &body).await?.to_string())
    }
}
