//! S3's events: an object was made.

use super::{Notice, WAITING, malformed, not_as_expected};
use percent_encoding::percent_decode_str;
use ports::PortError;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_name: String,
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    /// As in a form: percent-encoded, and a space is a plus.
    key: String,
}

/// The mails that an event tells of. Objects elsewhere in the bucket (read mail, held mail) are nobody's news.
pub(super) fn read(value: Value) -> Result<Vec<Notice>, PortError> {
    let event: Event = serde_json::from_value(value).map_err(|error| not_as_expected(&error))?;
    let mut notices = Vec::new();
    for record in event.records {
        let made = record.event_name.trim_start_matches("s3:").starts_with("ObjectCreated:");
        let spaced = record.s3.object.key.replace('+', " ");
        let key = percent_decode_str(&spaced).decode_utf8().map_err(malformed)?;
        if made && key.starts_with(WAITING) {
            notices.extend(Notice::of_object(&key)?);
        }
    }
    Ok(notices)
}
