//! Ringing a Lambda function: it is asked to look for work, and nobody waits for it.

use crate::fault::fault;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use ports::Result;

/// What a rung function is told.
const LOOK: &str = r#"{"sweep":true}"#;

/// Rings functions.
#[derive(Clone, Debug)]
pub struct LambdaBell(pub(crate) aws_sdk_lambda::Client);

impl LambdaBell {
    /// Invokes the function without waiting for its end.
    pub async fn ring(&self, function: &str) -> Result<()> {
        let rung = self
            .0
            .invoke()
            .function_name(function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(LOOK))
            .send()
            .await;
        rung.map(|_| ()).map_err(|error| fault(format_args!("ringing {function}"), &error))
    }
}
