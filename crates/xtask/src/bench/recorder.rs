//! The model that the benches use: the rehearsal, behind a relay that notes when each request arrives.

use super::process::Running;
use super::program;
use anyhow::{Context, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::spawn;
use std::time::{Duration, SystemTime};

const PATIENCE: Duration = Duration::from_mins(1);

/// A model on loopback that tells when it is asked.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) base_url: String,
    asked: Receiver<SystemTime>,
    cut: Receiver<SystemTime>,
    _rehearsal: Running,
}

impl Recorder {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(program("examples/rehearsal"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the rehearsal cannot be started")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let rehearsal = Running(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let upstream: SocketAddr =
            line.trim().strip_prefix("http://").context("the rehearsal named no address")?.parse()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (tell, asked) = channel();
        let (tell_cut, cut) = channel();
        // Ends with the process: every connection of a bench does.
        spawn(move || {
            for client in listener.incoming().flatten() {
                let (tell, tell_cut) = (tell.clone(), tell_cut.clone());
                spawn(move || {
                    relay(client, upstream, &tell);
                    let _ = tell_cut.send(SystemTime::now());
                });
            }
        });
        Ok(Self { base_url, asked, cut, _rehearsal: rehearsal })
    }

    /// Forgets what happened before.
    pub(crate) fn forget(&self) {
        while self.asked.try_recv().is_ok() || self.cut.try_recv().is_ok() {}
    }

    /// When requests for a message arrived since they were last looked at.
    pub(crate) fn all(&self) -> Vec<SystemTime> {
        self.asked.try_iter().collect()
    }

    /// When the next request for a message arrives.
    pub(crate) fn next(&self) -> anyhow::Result<SystemTime> {
        match self.asked.recv_timeout(PATIENCE) {
            Ok(at) => Ok(at),
            Err(_) => bail!("the model was not asked within {} s", PATIENCE.as_secs()),
        }
    }
}

impl Recorder {
    /// When the next client gives up its connection, such as in the middle of an answer.
    pub(crate) fn cut(&self) -> anyhow::Result<SystemTime> {
        match self.cut.recv_timeout(PATIENCE) {
            Ok(at) => Ok(at),
            Err(_) => bail!("nobody gave up an answer within {} s", PATIENCE.as_secs()),
        }
    }
}

/// Milliseconds from a message to the request that it led to.
pub(crate) fn milliseconds(from: SystemTime, to: SystemTime) -> anyhow::Result<f64> {
    let took = to.duration_since(from).context("the model was asked before the message was there")?;
    Ok(took.as_secs_f64() * 1000.0)
}

fn relay(client: TcpStream, upstream: SocketAddr, tell: &Sender<SystemTime>) {
    let Ok(server) = TcpStream::connect(upstream) else { return };
    let (Ok(back), Ok(answers)) = (client.try_clone(), server.try_clone()) else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    spawn(move || copy(answers, back, &mut |_| {}));
    copy(client, server, &mut |piece| {
        // A request begins a piece of its own: clients wait for the answer before they ask again.
        if piece.starts_with(b"POST /v1/messages?") || piece.starts_with(b"POST /v1/messages ") {
            let _ = tell.send(SystemTime::now());
        }
    });
}

fn copy(mut from: TcpStream, mut to: TcpStream, see: &mut dyn FnMut(&[u8])) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        see(&piece[..length]);
        if to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
