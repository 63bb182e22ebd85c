//! Requests as Lambda hands them over, and answers as it wants them: of a Function URL (payload format 2.0) and of an
//! Application Load Balancer, with single or multiple values per header.

use axum::body::Body;
use axum::response::Response;
use data_encoding::BASE64;
use http::{HeaderName, HeaderValue, Method, Request};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A request.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HttpEvent {
    raw_path: Option<String>,
    path: Option<String>,
    http_method: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: Option<String>,
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RequestContext {
    http: Option<Http>,
    elb: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

/// Who brought a request, and so how the answer must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer {
    FunctionUrl,
    LoadBalancer,
    /// A load balancer whose target group wants every header as a list.
    LoadBalancerOfLists,
}

/// An answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpReply {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: String,
    is_base64_encoded: bool,
}

impl HttpEvent {
    pub(crate) fn bearer(&self) -> Bearer {
        match (&self.request_context.elb, &self.multi_value_headers) {
            (None, _) => Bearer::FunctionUrl,
            (Some(_), None) => Bearer::LoadBalancer,
            (Some(_), Some(_)) => Bearer::LoadBalancerOfLists,
        }
    }

    /// The request, its body byte for byte as it was sent; or words about what is wrong with it.
    pub(crate) fn into_request(self) -> Result<Request<Body>, &'static str> {
        let method = self.request_context.http.map(|http| http.method).or(self.http_method);
        let method =
            method.and_then(|method| method.parse::<Method>().ok()).ok_or("The method is missing.\n")?;
        let path = self.raw_path.or(self.path).unwrap_or_else(|| "/".to_owned());
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded {
            BASE64.decode(body.as_bytes()).map_err(|_| "The body is not valid base64.\n")?
        } else {
            body.into_bytes()
        };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|_| "The path is not valid.\n")?;
        // Who has lists has everything in them.
        let headers: Vec<(String, String)> = match self.multi_value_headers {
            Some(lists) => {
                let each = |(name, values): (String, Vec<String>)| {
                    values.into_iter().map(move |value| (name.clone(), value))
                };
                lists.into_iter().flat_map(each).collect()
            }
            None => self.headers.unwrap_or_default().into_iter().collect(),
        };
        for (name, value) in headers {
            let name = HeaderName::try_from(name).map_err(|_| "A header's name is not valid.\n")?;
            let value = HeaderValue::try_from(value).map_err(|_| "A header's value is not valid.\n")?;
            request.headers_mut().append(name, value);
        }
        Ok(request)
    }
}

impl HttpReply {
    /// The answer to what `bearer` brought. `max` is the longest body, in bytes; what cannot be read becomes empty.
    pub(crate) async fn of(response: Response, bearer: Bearer, max: usize) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, max).await.unwrap_or_default();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: BTreeMap<String, String> =
            parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let lists = bearer == Bearer::LoadBalancerOfLists;
        Self {
            status_code: parts.status.as_u16(),
            status_description: (bearer != Bearer::FunctionUrl).then(|| parts.status.to_string()),
            multi_value_headers: lists
                .then(|| headers.iter().map(|(name, value)| (name.clone(), vec![value.clone()])).collect()),
            headers: (!lists).then_some(headers),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            is_base64_encoded: false,
        }
    }
}
