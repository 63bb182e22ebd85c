//! The content after DATA: dots unstuffed, ended only by a full CRLF . CRLF.

/// Where the receiver stands in the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// After CRLF, or at the very beginning: the CRLF of the DATA command counts.
    LineStart,
    /// A dot at the start of a line.
    Dot,
    /// A dot at the start of a line, and CR.
    DotCr,
    /// After CR.
    Cr,
    /// Within a line. A bare LF does not begin a line: a line that another server would see there could hide
    /// an end of the mail from this one (SMTP smuggling).
    Text,
}

/// Receives one mail's content.
#[derive(Debug)]
pub(super) struct DataReceiver {
    state: State,
}

impl DataReceiver {
    pub(super) fn new() -> Self {
        Self { state: State::LineStart }
    }

    /// Takes `bytes`, gives content to `sink`. Returns how many bytes were used and whether the mail has ended;
    /// what is not used belongs to the next command.
    pub(super) fn take(&mut self, bytes: &[u8], mut sink: impl FnMut(&[u8])) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            self.state = match (self.state, byte) {
                (State::Text, b) if b != b'\r' => {
                    let end = bytes[at..].iter().position(|&b| b == b'\r').map_or(bytes.len(), |n| at + n);
                    sink(&bytes[at..end]);
                    at = end;
                    continue;
                }
                (State::LineStart, b'.') => State::Dot,
                (State::Dot, b'\r') => State::DotCr,
                (State::DotCr, b'\n') => return (at + 1, true),
                (State::DotCr, b) => {
                    sink(b"\r");
                    sink(&[b]);
                    if b == b'\r' { State::Cr } else { State::Text }
                }
                (State::Cr, b'\n') => {
                    sink(b"\n");
                    State::LineStart
                }
                (_, b'\r') => {
                    sink(b"\r");
                    State::Cr
                }
                (_, b) => {
                    sink(&[b]);
                    State::Text
                }
            };
            at += 1;
        }
        (at, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content and what is left, however the bytes are cut into pieces.
    fn receive(wire: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut results = Vec::new();
        for piece in [1, 2, 3, 7, wire.len()] {
            let (mut receiver, mut content) = (DataReceiver::new(), Vec::new());
            let mut used = 0;
            let mut ended = false;
            for chunk in wire.chunks(piece) {
                let (n, end) = receiver.take(chunk, |bytes| content.extend_from_slice(bytes));
                used += n;
                if end {
                    ended = true;
                    break;
                }
            }
            results.push(ended.then(|| (content, wire[used..].to_vec())));
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{wire:?}");
        results.pop().flatten()
    }

    #[test]
    fn dots_are_unstuffed_exactly() {
        for (wire, content) in [
            (&b"hi\r\n..\r\n...a\r\n.b\r\n.\r\n"[..], &b"hi\r\n.\r\n..a\r\nb\r\n"[..]),
            (b".\r\n", b""),
            (b"\r\n.\r\n", b"\r\n"),
            (b"a.\r\n.\r\n", b"a.\r\n"),
            (b"..\r\n.\r\n", b".\r\n"),
            (b".\ra\r\n.\r\n", b"\ra\r\n"),
            (b".\r\r\n.\r\n", b"\r\r\n"),
        ] {
            assert_eq!(receive(wire), Some((content.to_vec(), Vec::new())));
        }
    }

    #[test]
    fn nothing_but_the_full_sequence_ends_a_mail() {
        for fake in [&b"a\n.\n"[..], b"a\n.\r\n", b"a\r.\r\n", b"a\r\n.\n", b"a\r.\r", b"a\r\n.\rb\n"] {
            let mut wire = fake.to_vec();
            assert_eq!(receive(&wire), None, "{fake:?}");
            wire.extend_from_slice(b"MAIL FROM:<x@y>\r\n.\r\nQUIT\r\n");
            let (content, rest) = receive(&wire).unwrap();
            assert!(content.ends_with(b"MAIL FROM:<x@y>\r\n"));
            assert_eq!(rest, b"QUIT\r\n");
        }
    }
}
