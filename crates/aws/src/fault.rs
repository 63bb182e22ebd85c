//! What a failed call of an AWS service means to a caller.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ports::{ErrorKind, PortError};
use std::error::Error;
use std::fmt;

/// Turns an SDK's error into ours: the kind by the service's own code, the words from its message. `what` names what
/// was tried and on which thing.
pub(crate) fn fault<E>(what: impl fmt::Display, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let says = match error.as_service_error() {
        Some(service) => {
            let code = service.code().unwrap_or("no code");
            format!("{what}: {code}: {}", service.message().unwrap_or("no message"))
        }
        None => format!("{what}: {}", chain(error)),
    };
    PortError::new(kind(error.as_service_error().and_then(|service| service.code())), says)
}

fn kind(code: Option<&str>) -> ErrorKind {
    // Some protocols give the code with a namespace before it.
    let code = code.map(|code| code.rsplit(['#', '.']).next().unwrap_or(code));
    match code {
        Some(
            "NoSuchKey"
            | "NoSuchBucket"
            | "NotFound"
            | "ResourceNotFoundException"
            | "QueueDoesNotExist"
            | "NonExistentQueue"
            | "ServiceNotFoundException"
            | "ClusterNotFoundException"
            | "NotFoundException"
            | "NoSuchDistribution",
        ) => ErrorKind::NotFound,
        Some(
            "ConditionalCheckFailedException"
            | "PreconditionFailed"
            | "ConditionalRequestConflict"
            | "TransactionCanceledException",
        ) => ErrorKind::Conflict,
        Some(
            "AccessDenied" | "AccessDeniedException" | "UnrecognizedClientException" | "InvalidClientTokenId",
        ) => ErrorKind::Denied,
        Some(
            "ValidationException"
            | "InvalidParameterValue"
            | "InvalidParameterException"
            | "BadRequestException"
            | "MessageRejected"
            | "InvalidMessageContents"
            | "EntityTooLarge"
            | "InvalidRequest",
        ) => ErrorKind::Malformed,
        _ => ErrorKind::Transient,
    }
}

fn chain(error: &dyn Error) -> String {
    let mut says = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        says = format!("{says}: {error}");
        source = error.source();
    }
    says
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_carry_a_decision() {
        assert_eq!(kind(Some("AWS.SimpleQueueService.NonExistentQueue")), ErrorKind::NotFound);
        assert_eq!(kind(Some("ConditionalCheckFailedException")), ErrorKind::Conflict);
        assert_eq!(kind(Some("ThrottlingException")), ErrorKind::Transient);
        assert_eq!(kind(None), ErrorKind::Transient);
    }
}
