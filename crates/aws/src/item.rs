//! Our words in DynamoDB's attributes and back.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;
use ports::{ErrorKind, PortError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

/// A row's attributes.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number.
pub(crate) fn n(number: impl Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A time.
pub(crate) fn t(time: Timestamp) -> AttributeValue {
    n(time.0)
}

/// Bytes.
pub(crate) fn b(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// A document, as JSON text: nothing searches in it.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<AttributeValue> {
    serde_json::to_string(value).map(s).map_err(|error| broken("a document", error))
}

/// When a row that is no longer needed at `at` may go: whole seconds, the next.
pub(crate) fn expiry(at: Timestamp) -> AttributeValue {
    n(at.0.div_euclid(1000) + 1)
}

/// Makes a row.
pub(crate) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Reads attributes of a row.
pub(crate) trait Read {
    /// A text that must be there.
    fn text(&self, name: &str) -> Result<&str>;
    /// A text that may be there.
    fn maybe_text(&self, name: &str) -> Option<&str>;
    /// A number that must be there.
    fn number<T: FromStr>(&self, name: &str) -> Result<T>;
    /// A number that may be there.
    fn maybe_number<T: FromStr>(&self, name: &str) -> Result<Option<T>>;
    /// Bytes that must be there.
    fn bytes(&self, name: &str) -> Result<Vec<u8>>;

    /// An id.
    fn id<T>(&self, name: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text(name)?.parse().map_err(|error| broken(name, error))
    }

    /// An id that may be there.
    fn maybe_id<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.maybe_text(name).map(|text| text.parse().map_err(|error| broken(name, error))).transpose()
    }

    /// A document.
    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        serde_json::from_str(self.text(name)?).map_err(|error| broken(name, error))
    }

    /// A time.
    fn time(&self, name: &str) -> Result<Timestamp> {
        self.number(name).map(Timestamp)
    }
}

impl Read for Item {
    fn text(&self, name: &str) -> Result<&str> {
        self.maybe_text(name).ok_or_else(|| broken(name, "not there"))
    }

    fn maybe_text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<T> {
        self.maybe_number(name)?.ok_or_else(|| broken(name, "not there"))
    }

    fn maybe_number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        match self.get(name).and_then(|value| value.as_n().ok()) {
            Some(text) => text.parse().map(Some).map_err(|_| broken(name, "out of its bounds")),
            None => Ok(None),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        let bytes = self.get(name).and_then(|value| value.as_b().ok());
        bytes.map(|blob| blob.as_ref().to_vec()).ok_or_else(|| broken(name, "not there"))
    }
}

/// A stored attribute that cannot be read: another version's, or somebody's by hand.
pub(crate) fn broken(name: &str, why: impl Display) -> PortError {
    PortError::new(ErrorKind::Malformed, format_args!("attribute {name}: {why}"))
}
