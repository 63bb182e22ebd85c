//! build-lambda.
