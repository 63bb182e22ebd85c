//! The ways through between a child's own loopback and this machine's, as the supervisor keeps them open.

use crate::hatch::{Hatch, Note};
use crate::spec::Way;
use rustix::fd::{AsFd, BorrowedFd};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Most connections at once; what comes beyond is closed. Each has two threads.
const CONNECTIONS: usize = 128;
/// Stack of one such thread, in bytes; its buffer is on the heap.
const STACK: usize = 64 << 10;
/// Bytes passed on at once.
const CHUNK: usize = 64 << 10;

/// The ways through of one child.
pub(crate) struct Ways {
    hatch: Hatch,
    /// The ports out that were ordered: whoever is inside cannot add one.
    out: Vec<u16>,
    /// Listeners out here, for what the child serves.
    doors: Vec<(u16, TcpListener)>,
    /// Listeners of the child's loopback, for what it reaches out here.
    inside: Vec<(u16, TcpListener)>,
    /// Connections from out here that the other side was asked to connect, oldest first.
    waiting: VecDeque<(u16, TcpStream)>,
    open: Arc<AtomicUsize>,
}

impl Ways {
    /// Listens out here for every way in. Fails when a port is taken.
    pub(crate) fn open(hatch: Hatch, ways: &[Way]) -> io::Result<Self> {
        let (mut out, mut doors) = (Vec::new(), Vec::new());
        for way in ways {
            match *way {
                Way::Out(port) => out.push(port),
                Way::In(port) => doors.push((port, TcpListener::bind(loopback(port))?)),
            }
        }
        let (inside, waiting, open) = (Vec::new(), VecDeque::new(), Arc::default());
        Ok(Self { hatch, out, doors, inside, waiting, open })
    }

    /// Asks the child to end; whether there was somebody to ask.
    pub(crate) fn ask_to_end(&self) -> bool {
        self.hatch.send(&Note::AskToEnd).is_ok()
    }

    /// What to wait for: once one of them can be read, [`Ways::heed`] is to be called with its place.
    pub(crate) fn watched(&self) -> Vec<BorrowedFd<'_>> {
        let listeners = self.doors.iter().chain(&self.inside).map(|(_, listener)| listener.as_fd());
        std::iter::once(self.hatch.as_fd()).chain(listeners).collect()
    }

    /// Does what is to be done about the watched descriptor at `place`. An error means that the hatch is shut.
    pub(crate) fn heed(&mut self, place: usize) -> io::Result<()> {
        let Some(place) = place.checked_sub(1) else { return self.take_note() };
        if let Some((port, listener)) = self.doors.get(place) {
            if let Ok((stream, _)) = listener.accept() {
                self.waiting.push_back((*port, stream));
                self.hatch.send(&Note::Connect(*port))?;
            }
        } else if let Some((port, listener)) = self.inside.get(place - self.doors.len())
            && let Ok((stream, _)) = listener.accept()
            && let Ok(there) = TcpStream::connect(loopback(*port))
        {
            self.join(&stream, &there);
        }
        Ok(())
    }

    fn take_note(&mut self) -> io::Result<()> {
        match self.hatch.receive() {
            Some(Note::Listens(port, fd))
                if self.out.contains(&port) && self.inside.len() < self.out.len() =>
            {
                let listener = TcpListener::from(fd);
                // Whoever connected may have gone before it is accepted.
                listener.set_nonblocking(true)?;
                self.inside.push((port, listener));
            }
            Some(Note::Connected(port, fd)) => {
                let at = self.waiting.iter().position(|(of, _)| *of == port);
                if let (Some((_, stream)), Some(fd)) = (at.and_then(|at| self.waiting.remove(at)), fd) {
                    self.join(&stream, &TcpStream::from(fd));
                }
            }
            Some(_) => {}
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        Ok(())
    }

    /// Passes bytes both ways until both have ended. Drops both when there are too many.
    fn join(&self, one: &TcpStream, other: &TcpStream) {
        if self.open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let place = Place(Arc::clone(&self.open));
        let ready = || {
            for stream in [one, other] {
                stream.set_nonblocking(false)?;
                stream.set_nodelay(true)?;
            }
            Ok::<_, io::Error>([
                (one.try_clone()?, other.try_clone()?),
                (other.try_clone()?, one.try_clone()?),
            ])
        };
        let Ok(directions) = ready() else { return };
        let place = Arc::new(place);
        for (from, to) in directions {
            let place = Arc::clone(&place);
            // Without a thread to be had, the streams are dropped with the closure.
            let _ = thread::Builder::new().stack_size(STACK).spawn(move || {
                pass(&from, &to);
                drop(place);
            });
        }
    }
}

/// One connection's place among those that may be open.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Passes bytes on until there are no more, and says so to the other side.
fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) if to.write_all(&chunk[..read]).is_ok() => {}
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => {
                // Neither side has anything to say to the other any more.
                let _ = from.shutdown(Shutdown::Both);
                break;
            }
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// A port of this machine's loopback that nobody has just now, for a [`Way::In`].
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(loopback(0))?.local_addr()?.port())
}

/// `port` of this process's loopback.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
