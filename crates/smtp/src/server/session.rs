//! One client's conversation: greeting, envelope, content, verdict.

use super::Shared;
use super::content::{Content, ContentFate};
use super::data::DataReceiver;
use super::reply::{reply, verdict};
use super::wire::{Phase, Wire, WireError};
use crate::door::{Envelope, Verdict};
use smtp_proto::{Error, MailFrom, RcptTo, Request};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;

/// After so many bad commands the client is no mail program.
const ERRORS_MAX: usize = 20;

/// Whether the conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Command,
    Close,
}

/// The mail being sent.
#[derive(Debug, Default)]
struct Transaction {
    from: Option<String>,
    to: Vec<String>,
    chunks: Option<Content>,
}

pub(super) struct Session {
    wire: Wire,
    shared: Arc<Shared>,
    peer: SocketAddr,
    helo: Option<String>,
    transaction: Transaction,
    errors: usize,
}

impl Session {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) -> Self {
        let wire = Wire::new(stream, Arc::clone(&shared));
        Self { wire, shared, peer, helo: None, transaction: Transaction::default(), errors: 0 }
    }

    /// Talks to the client to the end.
    pub(super) async fn serve(mut self) -> Result<(), WireError> {
        self.wire.say("220 WebOrdinary ESMTP ready\r\n");
        let farewell = match self.converse().await {
            Ok(()) => return self.wire.close().await,
            Err(WireError::Stopping) => reply(421, "4.3.2", "The server stops, please try again later"),
            Err(WireError::Idle) => reply(421, "4.4.2", "Nothing was said for too long"),
            Err(error) => return Err(error),
        };
        self.wire.say(&farewell);
        self.wire.close().await
    }

    async fn converse(&mut self) -> Result<(), WireError> {
        for _ in 0..self.shared.limits.commands {
            let phase = if self.transaction.from.is_some() { Phase::Transaction } else { Phase::Idle };
            let next = match self.wire.line(phase).await? {
                None => self.fault(500, "5.5.2", "The line is too long"),
                Some(line) if is_http(&line) => {
                    // A web page in a browser must not be able to send mail by posting it here.
                    self.wire.say(&reply(421, "4.7.0", "This is SMTP, not HTTP"));
                    Next::Close
                }
                Some(line) => self.command(&line).await?,
            };
            if next == Next::Close {
                return Ok(());
            }
            if self.errors > ERRORS_MAX {
                self.wire.say(&reply(421, "4.7.0", "Too many errors"));
                return Ok(());
            }
        }
        self.wire.say(&reply(421, "4.7.0", "Too many commands in one connection"));
        Ok(())
    }

    async fn command(&mut self, line: &[u8]) -> Result<Next, WireError> {
        let request = match Request::parse(&mut line.iter()) {
            Ok(request) => request,
            Err(error) => return Ok(self.bad_command(&error)),
        };
        match request {
            Request::Ehlo { host } => Ok(self.ehlo(&host)),
            Request::Helo { host } => {
                self.greet(&host);
                Ok(self.ok(250, "", "WebOrdinary"))
            }
            Request::Mail { from } => Ok(self.mail(&from)),
            Request::Rcpt { to } => self.rcpt(&to).await,
            Request::Data => self.data().await,
            Request::Bdat { chunk_size, is_last } => {
                self.chunk(chunk_size, if is_last { Part::Last } else { Part::More }).await
            }
            Request::Rset => {
                self.reset();
                Ok(self.ok(250, "2.0.0", "Forgotten"))
            }
            Request::Noop { .. } => Ok(self.ok(250, "2.0.0", "OK")),
            Request::Vrfy { .. } => Ok(self.ok(252, "2.5.0", "Send a mail and see")),
            Request::Help { .. } => Ok(self.ok(214, "2.0.0", "See RFC 5321")),
            Request::Quit => {
                self.wire.say(&reply(221, "2.0.0", "Goodbye"));
                Ok(Next::Close)
            }
            _ => Ok(self.fault(502, "5.5.1", "This command is not offered here")),
        }
    }

    fn ok(&mut self, code: u16, enhanced: &str, words: &str) -> Next {
        self.wire.say(&reply(code, enhanced, words));
        Next::Command
    }

    fn fault(&mut self, code: u16, enhanced: &str, words: &str) -> Next {
        self.errors += 1;
        self.wire.say(&reply(code, enhanced, words));
        Next::Command
    }

    fn bad_command(&mut self, error: &Error) -> Next {
        match error {
            Error::InvalidSenderAddress => self.fault(501, "5.1.7", "The sender is not an address"),
            Error::InvalidRecipientAddress => self.fault(501, "5.1.3", "The recipient is not an address"),
            Error::SyntaxError { syntax } => self.fault(501, "5.5.2", &format!("The form is: {syntax}")),
            Error::InvalidParameter { param } => {
                self.fault(501, "5.5.4", &format!("{param} is not understood"))
            }
            Error::UnsupportedParameter { .. } => self.fault(555, "5.5.4", "A parameter is not supported"),
            _ => self.fault(500, "5.5.1", "This command is not known"),
        }
    }

    fn greet(&mut self, host: &str) {
        self.helo = Some(host.chars().filter(|c| !c.is_control()).take(255).collect());
        self.reset();
    }

    fn ehlo(&mut self, host: &str) -> Next {
        self.greet(host);
        let size = self.shared.limits.mail_bytes;
        self.wire.say(&format!(
            "250-WebOrdinary\r\n250-SIZE {size}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n\
             250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
        ));
        Next::Command
    }

    fn mail(&mut self, from: &MailFrom<Cow<'_, str>>) -> Next {
        if self.helo.is_none() {
            return self.fault(503, "5.5.1", "Say EHLO first");
        }
        if self.transaction.from.is_some() {
            return self.fault(503, "5.5.1", "A mail is already begun");
        }
        if from.size > self.shared.limits.mail_bytes {
            let words = self.too_large();
            return self.fault(552, "5.3.4", &words);
        }
        self.transaction.from = Some(from.address.to_string());
        self.wire.say(&reply(250, "2.1.0", "Sender OK"));
        Next::Command
    }

    async fn rcpt(&mut self, to: &RcptTo<Cow<'_, str>>) -> Result<Next, WireError> {
        let Some(from) = self.transaction.from.clone() else {
            return Ok(self.fault(503, "5.5.1", "Say MAIL FROM first"));
        };
        if self.transaction.chunks.is_some() {
            return Ok(self.fault(503, "5.5.1", "The content has begun"));
        }
        if self.transaction.to.len() >= self.shared.limits.recipients {
            return Ok(self.fault(452, "4.5.3", "Too many recipients"));
        }
        let said = self.shared.door.recipient(&from, &to.address).await;
        if matches!(said, Verdict::Accept(_)) {
            let address = to.address.to_string();
            if !self.transaction.to.contains(&address) {
                self.transaction.to.push(address);
            }
        } else {
            self.errors += 1;
        }
        self.wire.say(&verdict(&said));
        Ok(Next::Command)
    }

    async fn data(&mut self) -> Result<Next, WireError> {
        if let Some(fault) = self.not_ready() {
            return Ok(fault);
        }
        if self.transaction.chunks.is_some() {
            return Ok(self.fault(503, "5.5.1", "The content has begun with BDAT"));
        }
        self.wire.say("354 Send the mail, and end it with a dot on a line of its own\r\n");
        let mut content = Content::new(&self.shared);
        let mut receiver = DataReceiver::new();
        loop {
            let (used, ended) = receiver.take(self.wire.unread(), |bytes| content.add(bytes));
            self.wire.consume(used);
            if ended {
                break;
            }
            if content.is_hopeless_with(0) {
                let words = self.too_large();
                self.wire.say(&reply(421, "4.3.4", &words));
                return Ok(Next::Close);
            }
            self.wire.fill(Phase::Transaction).await?;
        }
        self.deliver(content).await
    }

    async fn chunk(&mut self, size: usize, part: Part) -> Result<Next, WireError> {
        let ready = self.transaction.from.is_some() && !self.transaction.to.is_empty();
        let mut content = self.transaction.chunks.take().unwrap_or_else(|| Content::new(&self.shared));
        if content.is_hopeless_with(size) {
            let words = self.too_large();
            self.wire.say(&reply(421, "4.3.4", &words));
            return Ok(Next::Close);
        }
        let mut left = size;
        while left > 0 {
            if self.wire.unread().is_empty() {
                self.wire.fill(Phase::Transaction).await?;
            }
            let piece = self.wire.unread();
            let piece = &piece[..piece.len().min(left)];
            let length = piece.len();
            if ready {
                content.add(piece);
            }
            left -= length;
            self.wire.consume(length);
        }
        if !ready {
            // The chunk had to be read: the client may have sent it without waiting.
            return Ok(self.fault(503, "5.5.1", "Say MAIL FROM and RCPT TO first"));
        }
        if part == Part::Last {
            return self.deliver(content).await;
        }
        self.transaction.chunks = Some(content);
        Ok(self.ok(250, "2.0.0", "Chunk taken"))
    }

    fn not_ready(&mut self) -> Option<Next> {
        match (&self.transaction.from, self.transaction.to.is_empty()) {
            (None, _) => Some(self.fault(503, "5.5.1", "Say MAIL FROM first")),
            (_, true) => Some(self.fault(503, "5.5.1", "There is no recipient who is served here")),
            _ => None,
        }
    }

    async fn deliver(&mut self, mut content: Content) -> Result<Next, WireError> {
        let from = self.transaction.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.transaction.to);
        self.reset();
        match content.fate {
            ContentFate::Whole => {
                let helo = self.helo.clone().unwrap_or_default();
                let envelope = Envelope { from, to, helo, peer: self.peer };
                let raw = content.take();
                let said = self.shared.door.mail(envelope, raw).await;
                self.wire.say(&verdict(&said));
            }
            ContentFate::TooLarge => {
                let words = self.too_large();
                self.wire.say(&reply(552, "5.3.4", &words));
            }
            ContentFate::NoRoom => {
                self.wire.say(&reply(
                    452,
                    "4.3.1",
                    "Too much mail arrives at the moment, please try again later",
                ));
            }
        }
        Ok(Next::Command)
    }

    fn reset(&mut self) {
        self.transaction = Transaction::default();
    }

    fn too_large(&self) -> String {
        let mib = self.shared.limits.mail_bytes / (1024 * 1024);
        format!(
            "This mail is too large: at most {mib} MB can be taken. Please send smaller files, or several mails"
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    More,
    Last,
}

fn is_http(line: &[u8]) -> bool {
    let start = line.split(|&b| b == b' ').next().unwrap_or_default();
    matches!(
        start,
        b"GET"
            | b"POST"
            | b"PUT"
            | b"HEAD"
            | b"OPTIONS"
            | b"PATCH"
            | b"DELETE"
            | b"CONNECT"
            | b"Host:"
            | b"PRI"
    )
}
