//! The listener: bounded in connections, memory and time, and it drains when it is told to stop.

mod content;
mod data;
mod reply;
mod session;
mod wire;

use crate::door::Door;
use session::Session;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// How much a listener takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest mail, in bytes.
    pub mail_bytes: usize,
    /// Bytes of all mails being received together; beyond, mails are put off.
    pub buffered_bytes: usize,
    /// Most recipients of a mail.
    pub recipients: usize,
    /// Most connections at once.
    pub connections: usize,
    /// Most commands in a connection.
    pub commands: usize,
    /// Longest silence of a client.
    pub idle: Duration,
    /// How long a transaction may go on after the stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail_bytes: 25 * 1024 * 1024,
            buffered_bytes: 256 * 1024 * 1024,
            recipients: 100,
            connections: 64,
            commands: 10_000,
            idle: Duration::from_mins(5),
            drain: Duration::from_secs(10),
        }
    }
}

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    shared: Arc<Shared>,
}

/// What all sessions share.
pub(crate) struct Shared {
    pub door: Arc<dyn Door>,
    pub limits: Limits,
    /// Bytes of mails being received now.
    pub buffered: AtomicUsize,
    /// Set when no new transaction may begin.
    pub stop: CancellationToken,
    /// Set when running transactions must end.
    pub abort: CancellationToken,
}

impl Server {
    /// Binds `addr` (port 0 takes a free one).
    ///
    /// # Errors
    /// The system's, such as an address in use.
    pub async fn bind(addr: SocketAddr, door: Arc<dyn Door>, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let local_addr = listener.local_addr()?;
        let shared = Shared {
            door,
            limits,
            buffered: AtomicUsize::new(0),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
        };
        Ok(Self { listener, local_addr, shared: Arc::new(shared) })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until `stop`; then no client is accepted, a transaction in progress may end within
    /// [`Limits::drain`], and every other client gets 421. Returns when no session is left.
    pub async fn run(self, stop: CancellationToken) {
        let mut sessions = JoinSet::new();
        let places = Arc::new(Semaphore::new(self.shared.limits.connections));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = sessions.join_next(), if !sessions.is_empty() => report(ended),
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => self.admit(&mut sessions, &places, stream, peer),
                    Err(error) => {
                        warn!(%error, "no connection could be accepted");
                        // Out of file descriptors: ending sessions give some back.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(self.listener);
        self.shared.stop.cancel();
        drain(&mut sessions, self.shared.limits.drain).await;
        self.shared.abort.cancel();
        drain(&mut sessions, Duration::from_secs(2)).await;
        sessions.shutdown().await;
    }

    fn admit(
        &self,
        sessions: &mut JoinSet<()>,
        places: &Arc<Semaphore>,
        stream: TcpStream,
        peer: SocketAddr,
    ) {
        let shared = Arc::clone(&self.shared);
        match Arc::clone(places).try_acquire_owned() {
            Ok(place) => {
                sessions.spawn(async move {
                    if let Err(error) = Session::new(stream, peer, shared).serve().await {
                        debug!(%error, "a session ended early");
                    }
                    drop(place);
                });
            }
            Err(_) => {
                sessions.spawn(turn_away(stream));
            }
        }
    }
}

async fn turn_away(mut stream: TcpStream) {
    let words = b"421 4.3.2 Too many connections at the moment, please try again\r\n";
    // A client that does not even read this is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(1), async {
        stream.write_all(words).await?;
        stream.shutdown().await
    })
    .await;
}

async fn drain(sessions: &mut JoinSet<()>, patience: Duration) {
    let all = async {
        while let Some(ended) = sessions.join_next().await {
            report(ended);
        }
    };
    // What is left is ended by the caller.
    let _ = tokio::time::timeout(patience, all).await;
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        warn!(%error, "a session failed");
    }
}
