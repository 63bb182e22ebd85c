//! The hatch between a supervisor and its child's own loopback: orders go in, and sockets of the loopback come out.
//!
//! Nothing that is connected to this machine's network ever goes in: site code lives there, and a socket keeps the
//! network in which it was made.

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, IoSlice, IoSliceMut};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use std::mem::MaybeUninit;

/// What passes through.
#[derive(Debug)]
pub(crate) enum Note {
    /// In: the child is to be asked to end.
    AskToEnd,
    /// In: connect to this port of the loopback in there.
    Connect(u16),
    /// Out: this listens on this port in there.
    Listens(u16, OwnedFd),
    /// Out: the connection to this port, if there is anybody.
    Connected(u16, Option<OwnedFd>),
}

/// One side of the hatch.
#[derive(Debug)]
pub(crate) struct Hatch(OwnedFd);

impl Hatch {
    /// Both sides: the supervisor's, and the one that the child's process inherits.
    pub(crate) fn pair() -> Result<(Self, OwnedFd), Errno> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The side that was inherited.
    pub(crate) const fn inherited(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Puts `note` through. Fails when the other side is gone.
    pub(crate) fn send(&self, note: &Note) -> Result<(), Errno> {
        let (kind, port, fd) = match note {
            Note::AskToEnd => (b'T', 0, None),
            Note::Connect(port) => (b'C', *port, None),
            Note::Listens(port, fd) => (b'L', *port, Some(fd.as_fd())),
            Note::Connected(port, fd) => (b'S', *port, fd.as_ref().map(AsFd::as_fd)),
        };
        let [high, low] = port.to_be_bytes();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        let fds: Vec<BorrowedFd<'_>> = fd.into_iter().collect();
        if !fds.is_empty() {
            beside.push(SendAncillaryMessage::ScmRights(&fds));
        }
        let bytes = [kind, high, low];
        sendmsg(&self.0, &[IoSlice::new(&bytes)], &mut beside, SendFlags::NOSIGNAL).map(drop)
    }

    /// Takes the next note, waiting for one. `None` when the other side is gone, or says what cannot be understood.
    pub(crate) fn receive(&self) -> Option<Note> {
        let mut bytes = [0; 3];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let read = loop {
            match recvmsg(&self.0, &mut [IoSliceMut::new(&mut bytes)], &mut beside, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => {}
                read => break read.ok()?,
            }
        };
        let fd = beside.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        if read.bytes != bytes.len() {
            return None;
        }
        let port = u16::from_be_bytes([bytes[1], bytes[2]]);
        match (bytes[0], fd) {
            (b'T', _) => Some(Note::AskToEnd),
            (b'C', _) => Some(Note::Connect(port)),
            (b'L', Some(fd)) => Some(Note::Listens(port, fd)),
            (b'S', fd) => Some(Note::Connected(port, fd)),
            _ => None,
        }
    }
}

impl AsFd for Hatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn notes_and_their_descriptors_come_through() {
        let (one, other) = Hatch::pair().unwrap();
        let other = Hatch::inherited(other);
        one.send(&Note::Connect(8080)).unwrap();
        one.send(&Note::AskToEnd).unwrap();
        assert!(matches!(other.receive(), Some(Note::Connect(8080))));
        assert!(matches!(other.receive(), Some(Note::AskToEnd)));
        let (read, write) = std::io::pipe().unwrap();
        other.send(&Note::Connected(7, Some(write.into()))).unwrap();
        other.send(&Note::Connected(7, None)).unwrap();
        assert!(matches!(one.receive(), Some(Note::Connected(7, Some(_)))));
        assert!(matches!(one.receive(), Some(Note::Connected(7, None))));
        let mut rest = Vec::new();
        { read }.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
        drop(other);
        assert!(one.receive().is_none());
        assert!(one.send(&Note::AskToEnd).is_err());
    }
}
