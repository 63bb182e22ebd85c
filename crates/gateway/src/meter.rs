//! Counting tokens from the responses that pass by.

use crate::frames::{self, Frames};
use domain::Money;
use serde::Deserialize;
use tracing::warn;

/// What an agent used of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls of the Messages API that were passed on.
    pub calls: u64,
    /// Input tokens outside any cache.
    pub input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Input tokens written to the cache.
    pub cache_write_tokens: u64,
    /// Input tokens read from the cache.
    pub cache_read_tokens: u64,
    /// What all that costs.
    pub cost: Money,
}

impl Usage {
    /// All input tokens, those of caches included.
    pub fn all_input_tokens(&self) -> u64 {
        self.input_tokens + self.cache_write_tokens + self.cache_read_tokens
    }

    /// Adds what one call has used more.
    pub(crate) fn add(&mut self, tokens: Tokens, cost: Money) {
        self.cost += cost;
        self.input_tokens += tokens.input;
        self.output_tokens += tokens.output;
        self.cache_write_tokens += tokens.cache_write;
        self.cache_read_tokens += tokens.cache_read;
    }
}

/// Tokens of one call so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) cache_write: u64,
    /// Of these, for an hour.
    pub(crate) cache_write_hour: u64,
    pub(crate) cache_read: u64,
}

impl Tokens {
    /// Counts `more` as well.
    pub(crate) fn add(&mut self, more: Self) {
        self.input += more.input;
        self.output += more.output;
        self.cache_write += more.cache_write;
        self.cache_write_hour += more.cache_write_hour;
        self.cache_read += more.cache_read;
    }

    /// Everything that the model read.
    pub(crate) fn prompt(&self) -> u64 {
        self.input + self.cache_write + self.cache_read
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            input: self.input.saturating_sub(earlier.input),
            output: self.output.saturating_sub(earlier.output),
            cache_write: self.cache_write.saturating_sub(earlier.cache_write),
            cache_write_hour: self.cache_write_hour.saturating_sub(earlier.cache_write_hour),
            cache_read: self.cache_read.saturating_sub(earlier.cache_read),
        }
    }
}

#[derive(Deserialize)]
struct Reported {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation: Written,
}

/// Which caches were written.
#[derive(Default, Deserialize)]
struct Written {
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Piece {
    message: Option<Inner>,
    usage: Option<Reported>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct Inner {
    usage: Option<Reported>,
    model: Option<String>,
}

/// A body or line longer than this is passed on, but not counted.
const LONGEST: usize = 1 << 20;

/// Reads one response as it passes.
#[derive(Debug)]
pub(crate) struct Meter {
    form: Form,
    pending: Vec<u8>,
    skipping: bool,
    frames: Frames,
    model: Option<String>,
    seen: Tokens,
    told: Tokens,
}

/// How a response's body is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Server-sent events.
    Events,
    /// AWS' event stream.
    Frames,
    /// One JSON value.
    Whole,
}

impl Meter {
    pub(crate) fn new(form: Form) -> Self {
        let (seen, told) = (Tokens::default(), Tokens::default());
        let (pending, frames) = (Vec::new(), Frames::default());
        Self { form, pending, skipping: false, frames, model: None, seen, told }
    }

    /// Everything that was counted.
    pub(crate) fn seen(&self) -> Tokens {
        self.seen
    }

    /// The model that answers, once it has said so.
    pub(crate) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// Takes the next piece of the body; returns what it adds to the count.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Tokens {
        match self.form {
            Form::Whole => self.keep(bytes),
            Form::Frames => self.unpack(bytes),
            Form::Events => {
                let mut rest = bytes;
                while let Some(end) = rest.iter().position(|b| *b == b'\n') {
                    self.keep(&rest[..end]);
                    self.end_line();
                    rest = &rest[end + 1..];
                }
                self.keep(rest);
            }
        }
        self.news()
    }

    /// The body has ended; returns what its end adds.
    pub(crate) fn finish(&mut self) -> Tokens {
        self.end_line();
        self.news()
    }

    fn unpack(&mut self, bytes: &[u8]) {
        if self.skipping {
            return;
        }
        match self.frames.feed(bytes) {
            Ok(payloads) => {
                for event in payloads.iter().filter_map(|payload| frames::event(payload)) {
                    self.read(&event);
                }
            }
            Err(error) => {
                warn!(%error, "an answer of Bedrock cannot be read: its end is not counted");
                self.skipping = true;
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.pending.len() + bytes.len() > LONGEST {
            self.skipping = true;
            self.pending.clear();
        }
        if !self.skipping {
            self.pending.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.pending);
        let skipped = std::mem::replace(&mut self.skipping, false);
        let json = match self.form {
            Form::Whole => Some(line.as_slice()),
            Form::Events => line.strip_prefix(b"data:"),
            Form::Frames => None,
        };
        if let Some(json) = json.filter(|_| !skipped) {
            self.read(json);
        }
    }

    /// Most events are text deltas: only those that can carry a count are parsed.
    fn read(&mut self, json: &[u8]) {
        if !json.windows(7).any(|w| w == b"\"usage\"") {
            return;
        }
        let Ok(piece) = serde_json::from_slice::<Piece>(json) else { return };
        let (usage, model) = match piece.message {
            Some(inner) => (inner.usage, inner.model),
            None => (piece.usage, piece.model),
        };
        self.model = model.or(self.model.take());
        if let Some(usage) = usage {
            self.take(&usage);
        }
    }

    // Counts in later events are cumulative, and may leave out what has not changed.
    fn take(&mut self, usage: &Reported) {
        let seen = &mut self.seen;
        seen.input = usage.input_tokens.unwrap_or(0).max(seen.input);
        seen.output = usage.output_tokens.unwrap_or(0).max(seen.output);
        seen.cache_write = usage.cache_creation_input_tokens.unwrap_or(0).max(seen.cache_write);
        let hour = usage.cache_creation.ephemeral_1h_input_tokens;
        seen.cache_write_hour = hour.unwrap_or(0).max(seen.cache_write_hour);
        seen.cache_read = usage.cache_read_input_tokens.unwrap_or(0).max(seen.cache_read);
    }

    fn news(&mut self) -> Tokens {
        let news = self.seen.since(self.told);
        self.told = self.seen;
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = concat!(
        "event: message_start\r\n",
        r#"data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":7,"output_tokens":1}}}"#,
        "\r\n\r\nevent: content_block_delta\n",
        r#"data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\"usage\""}}"#,
        "\n\nevent: message_delta\n",
        r#"data: {"type":"message_delta","delta":{},"usage":{"output_tokens":42}}"#,
        "\n\n"
    );
    const WANT: Tokens = Tokens { input: 10, output: 42, cache_write: 0, cache_write_hour: 0, cache_read: 7 };

    fn count(form: Form, pieces: &[&[u8]]) -> Tokens {
        let mut meter = Meter::new(form);
        let mut sum = Usage::default();
        for piece in pieces {
            sum.add(meter.feed(piece), Money(1));
        }
        sum.add(meter.finish(), Money(1));
        assert_eq!(sum.cost, Money(pieces.len() as u64 + 1));
        Tokens {
            input: sum.input_tokens,
            output: sum.output_tokens,
            cache_write: sum.cache_write_tokens,
            cache_write_hour: 0,
            cache_read: sum.cache_read_tokens,
        }
    }

    #[test]
    fn a_stream_counts_the_same_however_it_is_cut() {
        for size in 1..STREAM.len() {
            let pieces: Vec<&[u8]> = STREAM.as_bytes().chunks(size).collect();
            assert_eq!(count(Form::Events, &pieces), WANT, "pieces of {size}");
        }
    }

    #[test]
    fn a_whole_answer_counts_too() {
        let body = br#"{"type":"message","usage":{"input_tokens":10,"cache_read_input_tokens":7,"output_tokens":42}}"#;
        assert_eq!(count(Form::Whole, &[&body[..20], &body[20..]]), WANT);
    }

    #[test]
    fn the_model_and_the_caches_it_wrote_are_told_by_the_answer() {
        let mut meter = Meter::new(Form::Whole);
        meter.feed(br#"{"model":"claude-opus-5-5","usage":{"input_tokens":1,"cache_creation_input_tokens":9,"cache_creation":{"ephemeral_1h_input_tokens":4}}}"#);
        let news = meter.finish();
        assert_eq!((news.cache_write, news.cache_write_hour, meter.model()), (9, 4, Some("claude-opus-5-5")));
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        let mut meter = Meter::new(Form::Events);
        for _ in 0..40 {
            meter.feed(&vec![b'x'; 64 << 10]);
        }
        assert!(meter.pending.len() <= LONGEST);
        meter.feed(b"\n");
        assert_eq!(meter.feed(b"data: {\"usage\":{\"output_tokens\":3}}\n").output, 3);
    }
}
