//! Mail in and mail out, pure: bytes in, values out; no I/O, no async, no clock.

pub mod answer;
pub mod attachment;
pub mod body;
mod charset;
pub mod compose;
pub mod guard;
pub mod headers;
mod html;
pub mod letter;
mod mime;
pub mod note;
pub mod parse;
mod trim;

pub use attachment::Attachment;
pub use body::{Words, meant_attachments, own_words, own_words_of_text};
pub use compose::{Outgoing, compose};
pub use guard::{Ours, Silence, guard, is_unattended};
pub use letter::Letter;
pub use note::{Note, compose_note};
pub use parse::{Inbound, ParseError};
