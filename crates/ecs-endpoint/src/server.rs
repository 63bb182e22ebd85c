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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Refusal, Service, Task};
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    /// A cluster that nothing may reach.
    struct Unreachable;

    #[async_trait::async_trait]
    impl Cluster for Unreachable {
        fn services(&self) -> Vec<Service> {
            panic!("an unsigned call reached the cluster")
        }
        fn tasks(&self) -> Vec<Task> {
            panic!("an unsigned call reached the cluster")
        }
        async fn set_desired(&self, _: &str, _: u32) -> Result<(), Refusal> {
            panic!("an unsigned call reached the cluster")
        }
        async fn stop_task(&self, _: &str, _: &str) -> Result<(), Refusal> {
            panic!("an unsigned call reached the cluster")
        }
    }

    #[tokio::test]
    async fn unsigned_oversized_and_misplaced_requests_are_refused_in_aws_own_shape() {
        let names = Names { region: "r".to_owned(), account: "a".to_owned(), cluster: "c".to_owned() };
        let key = AccessKey::new("id", "secret");
        let router = router(names, key, Arc::new(Unreachable), Arc::new(|| Timestamp(0)));
        for (method, path, bytes, code) in [
            ("POST", "/", 2, "MissingAuthenticationTokenException"),
            ("POST", "/", BODY_MAX + 1, "SerializationException"),
            ("POST", "/x", 2, "UnknownOperationException"),
            ("POST", "/?a=b", 2, "UnknownOperationException"),
            ("GET", "/", 0, "UnknownOperationException"),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("x-amz-target", format!("{TARGET}ListServices"));
            let answer =
                router.clone().oneshot(request.body(Body::from(vec![b' '; bytes])).unwrap()).await.unwrap();
            assert_eq!(answer.status(), 400, "{code}");
            assert_eq!(answer.headers()["x-amzn-errortype"], code);
            assert_eq!(answer.headers()["content-type"], MEDIA_TYPE);
            assert!(answer.headers().contains_key("x-amzn-requestid"));
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["__type"], code);
            assert!(body["message"].is_string());
        }
    }
}
