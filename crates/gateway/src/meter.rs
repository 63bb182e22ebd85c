//! Counting tokens from the responses that pass by.

use serde::Deserialize;

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
}

impl Usage {
    /// Adds what one call has used.
    pub(crate) fn add(&mut self, tokens: Tokens) {
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
    pub(crate) cache_read: u64,
}

impl Tokens {
    fn since(self, earlier: Self) -> Self {
        Self {
            input: self.input.saturating_sub(earlier.input),
            output: self.output.saturating_sub(earlier.output),
            cache_write: self.cache_write.saturating_sub(earlier.cache_write),
            cache_read: self.cache_read.saturating_sub(earlier.cache_read),
        }
    }
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
struct Reported {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Piece {
    message: Option<Inner>,
    usage: Option<Reported>,
}

#[derive(Deserialize)]
struct Inner {
    usage: Option<Reported>,
}

/// A body or line longer than this is passed on, but not counted.
const LONGEST: usize = 1 << 20;

/// Reads one response as it passes.
#[derive(Debug)]
pub(crate) struct Meter {
    form: Form,
    pending: Vec<u8>,
    skipping: bool,
    seen: Tokens,
    told: Tokens,
}

/// How a response's body is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Server-sent events.
    Events,
    /// One JSON value.
    Whole,
}

impl Meter {
    pub(crate) fn new(form: Form) -> Self {
        let (seen, told) = (Tokens::default(), Tokens::default());
        Self { form, pending: Vec::new(), skipping: false, seen, told }
    }

    /// Takes the next piece of the body; returns what it adds to the count.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Tokens {
        match self.form {
            Form::Whole => self.keep(bytes),
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
        };
        // Most lines are text deltas: only those that can carry a count are parsed.
        let Some(json) = json.filter(|j| !skipped && j.windows(7).any(|w| w == b"\"usage\"")) else { return };
        let Ok(piece) = serde_json::from_slice::<Piece>(json) else { return };
        if let Some(usage) = piece.message.and_then(|m| m.usage).or(piece.usage) {
            self.take(&usage);
        }
    }

    // Counts in later events are cumulative, and may leave out what has not changed.
    fn take(&mut self, usage: &Reported) {
        let seen = &mut self.seen;
        seen.input = usage.input_tokens.unwrap_or(0).max(seen.input);
        seen.output = usage.output_tokens.unwrap_or(0).max(seen.output);
        seen.cache_write = usage.cache_creation_input_tokens.unwrap_or(0).max(seen.cache_write);
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
    const WANT: Tokens = Tokens { input: 10, output: 42, cache_write: 0, cache_read: 7 };

    fn count(form: Form, pieces: &[&[u8]]) -> Tokens {
        let mut meter = Meter::new(form);
        let mut sum = Usage::default();
        for piece in pieces {
            sum.add(meter.feed(piece));
        }
        sum.add(meter.finish());
        Tokens {
            input: sum.input_tokens,
            output: sum.output_tokens,
            cache_write: sum.cache_write_tokens,
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
