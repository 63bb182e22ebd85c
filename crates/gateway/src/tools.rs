//! The tools that an agent may use while its turn lasts, behind the same token as the model.

use crate::fault::Fault;
use crate::relay::{Relay, shown};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use tower::ServiceExt;

/// Where tools answer, on the gateway's own address.
pub const TOOLS_PATH: &str = "/mcp";

/// What answers at [`TOOLS_PATH`] to the one token that it was opened with, and to that only until its grant ends.
#[derive(Clone, Debug)]
pub struct Tools(axum::Router);

impl Tools {
    /// Tools that `router` answers for; it sees every request, whatever its method.
    pub fn new(router: axum::Router) -> Self {
        Self(router)
    }
}

/// Passes a request on to the tools of the token that it shows.
pub(crate) async fn use_tools(State(relay): State<Arc<Relay>>, request: Request) -> Result<Response, Fault> {
    let allowance = shown(request.headers())
        .and_then(|token| relay.register.allowance(token))
        .ok_or(Fault::Unauthenticated)?;
    let tools = allowance.tools.clone().ok_or(Fault::NotPassed)?;
    tokio::select! {
        answer = tools.0.oneshot(request) => Ok(answer.into_response()),
        () = allowance.closed.cancelled() => Err(Fault::Unauthenticated),
    }
}
