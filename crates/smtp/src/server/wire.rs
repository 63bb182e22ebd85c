//! Bytes to and from one client: bounded lines, replies gathered for pipelining, time limits, the stop signal.

use super::Shared;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest command line, in bytes. RFC 5321 asks for 512, extensions add some.
const LINE_MAX: usize = 2_048;
/// How much is read at once, in bytes.
const READ_SIZE: usize = 64 * 1024;
/// Longest time that a client may take to read a reply.
const WRITE_TIME: Duration = Duration::from_mins(1);

/// Why no more can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    #[error("the client went away")]
    Gone,
    #[error("the client was silent for too long")]
    Idle,
    #[error("the server stops")]
    Stopping,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a wait for input is part of: a transaction may go on for a while when the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Transaction,
}

pub(super) struct Wire {
    stream: TcpStream,
    shared: Arc<Shared>,
    input: Vec<u8>,
    /// How many bytes of `input` are used up.
    used: usize,
    output: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, shared: Arc<Shared>) -> Self {
        Self { stream, shared, input: Vec::new(), used: 0, output: Vec::new() }
    }

    /// Adds a reply; it is sent before the next wait for input.
    pub(super) fn say(&mut self, reply: &str) {
        self.output.extend_from_slice(reply.as_bytes());
    }

    /// The next line with its end, or `None` for one that is too long (which is skipped).
    pub(super) async fn line(&mut self, phase: Phase) -> Result<Option<Vec<u8>>, WireError> {
        let mut searched = 0;
        let mut skipping = false;
        loop {
            let unread = self.unread();
            if let Some(end) = unread[searched..].iter().position(|&b| b == b'\n') {
                let end = searched + end + 1;
                let line = (!skipping && end <= LINE_MAX).then(|| unread[..end].to_vec());
                self.consume(end);
                return Ok(line);
            }
            searched = unread.len();
            if searched > LINE_MAX {
                skipping = true;
                self.consume(searched);
                searched = 0;
            }
            self.fill(phase).await?;
        }
    }

    /// What was read and is not used yet.
    pub(super) fn unread(&self) -> &[u8] {
        &self.input[self.used..]
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.used = (self.used + count).min(self.input.len());
    }

    /// Sends what is to be sent and waits for more input.
    pub(super) async fn fill(&mut self, phase: Phase) -> Result<(), WireError> {
        self.flush().await?;
        self.input.drain(..self.used);
        self.used = 0;
        self.input.reserve(READ_SIZE);
        let gate = match phase {
            Phase::Idle => &self.shared.stop,
            Phase::Transaction => &self.shared.abort,
        };
        let read = tokio::time::timeout(self.shared.limits.idle, self.stream.read_buf(&mut self.input));
        tokio::select! {
            biased;
            () = gate.cancelled() => Err(WireError::Stopping),
            read = read => match read {
                Err(_) => Err(WireError::Idle),
                Ok(Ok(0)) => Err(WireError::Gone),
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(error.into()),
            },
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), WireError> {
        if !self.output.is_empty() {
            let write = self.stream.write_all(&self.output);
            tokio::time::timeout(WRITE_TIME, write).await.map_err(|_| WireError::Idle)??;
            self.output.clear();
        }
        Ok(())
    }

    /// Sends what is left and ends the connection.
    pub(super) async fn close(mut self) -> Result<(), WireError> {
        self.flush().await?;
        self.stream.shutdown().await?;
        // Bytes that still arrive would make the system reset the connection, and the last reply would be lost.
        let mut rest = [0; 4096];
        let _ = tokio::time::timeout(Duration::from_millis(200), async {
            while matches!(self.stream.read(&mut rest).await, Ok(n) if n > 0) {}
        })
        .await;
        Ok(())
    }
}
