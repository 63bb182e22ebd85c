//! Events for a Lambda function, handled by a run of their own.

use crate::fault::fault;
use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use ports::{ErrorKind, Invoker, PortError, Result};

/// Longest event of an asynchronous invocation, in bytes.
const EVENT_MAX: usize = 1024 * 1024;

/// One function. Lambda keeps an event until it was handled: it tries one that fails twice more, after one minute and
/// after two.
#[derive(Clone, Debug)]
pub struct LambdaInvoker {
    client: Client,
    function: String,
}

impl LambdaInvoker {
    /// The function with this name or ARN.
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self { client, function: function.into() }
    }
}

#[async_trait]
impl Invoker for LambdaInvoker {
    async fn invoke(&self, event: &str) -> Result<()> {
        if event.len() > EVENT_MAX {
            let says = format!("an event of {} bytes is longer than {EVENT_MAX}", event.len());
            return Err(PortError::new(ErrorKind::Malformed, says));
        }
        let asked = self
            .client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event.as_bytes()))
            .send()
            .await;
        asked.map(|_| ()).map_err(|err| fault(format_args!("an event for {}", self.function), &err))
    }
}
