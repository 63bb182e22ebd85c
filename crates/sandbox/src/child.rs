//! A child that was started through the launcher.

use crate::supervisor::ASK_TO_END;
use std::io;
use std::os::fd::OwnedFd;
use std::process::{ExitStatus, Output};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::timeout;

/// Most bytes of one stream that [`Confined::output`] keeps; what comes after is read and thrown away.
const KEPT: usize = 32 << 20;

/// A running child. Dropping it kills the child and everything that descends from it.
#[derive(Debug)]
pub struct Confined {
    /// Its standard input, when piped. [`Confined::wait`] leaves it open.
    pub stdin: Option<ChildStdin>,
    /// Its standard output, when piped.
    pub stdout: Option<ChildStdout>,
    /// Its standard error, when piped.
    pub stderr: Option<ChildStderr>,
    supervisor: Child,
    /// The supervisor kills the tree once nobody holds this. `None` once that is wanted.
    lifeline: Option<OwnedFd>,
}

impl Confined {
    pub(crate) fn new(mut supervisor: Child, lifeline: OwnedFd) -> Self {
        Self {
            stdin: supervisor.stdin.take(),
            stdout: supervisor.stdout.take(),
            stderr: supervisor.stderr.take(),
            supervisor,
            lifeline: Some(lifeline),
        }
    }

    /// The process id of the child's supervisor, which is the child's parent; `None` once its end was seen.
    pub fn supervisor_id(&self) -> Option<u32> {
        self.supervisor.id()
    }

    /// Waits for the child's end. By then nothing that descends from it is alive. Cancel-safe.
    ///
    /// The status is the child's own, the signal that ended it included.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.supervisor.wait().await
    }

    /// The child's status if it has ended, without waiting.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.supervisor.try_wait()
    }

    /// Asks the child to end (SIGTERM to its group), and kills what is left of its tree after `grace`.
    pub async fn stop(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.ask_to_end();
        match timeout(grace, self.wait()).await {
            Ok(ended) => ended,
            Err(_) => self.kill().await,
        }
    }

    /// Kills the child's tree and waits until nothing of it is left.
    pub async fn kill(&mut self) -> io::Result<ExitStatus> {
        self.lifeline = None;
        self.wait().await
    }

    /// Collects both outputs until the child ends, but for at most `limit`; then the tree is killed and
    /// the error kind is [`io::ErrorKind::TimedOut`]. Each output is kept up to 32 MiB.
    pub async fn output(mut self, limit: Duration) -> io::Result<Output> {
        self.stdin = None;
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let all = async { tokio::try_join!(collect(stdout), collect(stderr), self.supervisor.wait()) };
        if let Ok(done) = timeout(limit, all).await {
            return done.map(|(stdout, stderr, status)| Output { status, stdout, stderr });
        }
        self.kill().await?;
        let says = format!("did not end within {} ms", limit.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, says))
    }

    fn ask_to_end(&self) {
        if let Some(lifeline) = &self.lifeline {
            // Fails only when the supervisor is gone, and then there is nobody to ask.
            let _ = rustix::io::write(lifeline, &[ASK_TO_END]);
        }
    }
}

async fn collect(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else { return Ok(kept) };
    let mut chunk = vec![0; 64 << 10];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Ok(kept);
        }
        let room = KEPT.saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(&chunk[..room]);
    }
}
