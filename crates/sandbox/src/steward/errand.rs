//! What is asked of the steward: one child, with its streams and its lifeline, and how it ended.

use super::{connect, share};
use crate::argv::{self, Order};
use crate::inherited;
use crate::protection::Protection;
use crate::signals::{self, NOT_SUPERVISED};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::{IoSlice, IoSliceMut};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Most bytes of an order: the kernel takes no longer command lines either.
const LONGEST: u64 = 4 << 20;

/// An order as the steward gets it.
pub(super) struct Errand {
    /// Standard input, output, error, and the lifeline.
    pub(super) fds: [OwnedFd; 4],
    /// The child's paths, packed.
    pub(super) paths: OwnedFd,
    pub(super) cwd: PathBuf,
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) order: Order,
}

/// Has the steward start a child with this process's streams, environment and directory, and ends as the child did.
pub(crate) fn run(mut words: impl Iterator<Item = OsString>) -> ! {
    let mut number =
        || words.next().ok_or("no numbers in the order".to_owned()).and_then(|word| argv::number(&word));
    let outcome = number().and_then(|lifeline| Ok([lifeline, number()?])).and_then(|[lifeline, paths]| {
        ask(lifeline, paths, &words.collect::<Vec<_>>())
            .map_err(|err| format!("the steward did not start the child: {err}"))
    });
    match outcome {
        Ok(status) => match (status.code(), status.signal()) {
            (None, Some(signal)) => signals::end_by(signal),
            (code, _) => std::process::exit(code.unwrap_or(NOT_SUPERVISED)),
        },
        Err(says) => {
            eprintln!("launcher: {says}");
            std::process::exit(NOT_SUPERVISED)
        }
    }
}

fn ask(lifeline: i32, paths: i32, words: &[OsString]) -> io::Result<ExitStatus> {
    let (lifeline, paths) = (inherited::take(lifeline)?, inherited::take(paths)?);
    let mut order = argv::read(words.iter().cloned()).map_err(io::Error::other)?;
    let Protection::OtherUser(user) = order.protection else {
        return Err(io::Error::other("the order names no user"));
    };
    let mut packed = Vec::new();
    File::from(paths).read_to_end(&mut packed)?;
    argv::unpack(&packed, &mut order).map_err(io::Error::other)?;
    share::with_group(&order.reach, user.gid)?;
    let mut stream = connect(user.steward)?;
    let (said, packed) = (memory(&pack(words)?)?, memory(&packed)?);
    let [input, output, error] = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
    let fds = [input, output, error, lifeline.as_fd(), packed.as_fd(), said.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(6))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    beside.push(SendAncillaryMessage::ScmRights(&fds));
    sendmsg(&stream, &[IoSlice::new(b"!")], &mut beside, SendFlags::NOSIGNAL)?;
    drop((lifeline, packed, said));
    signals::let_go_of_streams()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    match <[u8; 4]>::try_from(answer) {
        Ok(raw) => Ok(ExitStatus::from_raw(i32::from_be_bytes(raw))),
        Err(says) => Err(io::Error::other(String::from_utf8_lossy(&says).into_owned())),
    }
}

/// Takes what comes through `stream`: an order, or `None` for the question who runs children.
pub(super) fn receive(stream: &UnixStream) -> io::Result<Option<Errand>> {
    let mut kind = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(6))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    recvmsg(stream, &mut [IoSliceMut::new(&mut kind)], &mut beside, RecvFlags::CMSG_CLOEXEC)?;
    if kind == *b"?" {
        return Ok(None);
    }
    let fds: Vec<OwnedFd> = beside
        .drain()
        .flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(fds) => fds.collect::<Vec<_>>(),
            _ => Vec::new(),
        })
        .collect();
    let cut = || io::Error::new(io::ErrorKind::InvalidData, "an order without its streams");
    let [input, output, error, lifeline, paths, said] = <[OwnedFd; 6]>::try_from(fds).map_err(|_| cut())?;
    let mut packed = Vec::new();
    File::from(said).take(LONGEST).read_to_end(&mut packed)?;
    let (cwd, env, order) = unpack(&packed)?;
    Ok(Some(Errand { fds: [input, output, error, lifeline], paths, cwd, env, order }))
}

/// The directory, the environment and the words, each word with its length before it.
fn pack(words: &[OsString]) -> io::Result<Vec<u8>> {
    let env: Vec<OsString> = std::env::vars_os().flat_map(|(name, value)| [name, value]).collect();
    let count = OsString::from((env.len() / 2).to_string());
    let all = [std::env::current_dir()?.into_os_string(), count]
        .into_iter()
        .chain(env)
        .chain(words.iter().cloned());
    let mut packed = Vec::new();
    for word in all {
        let length = u32::try_from(word.len()).map_err(io::Error::other)?;
        packed.extend(length.to_be_bytes());
        packed.extend(word.as_bytes());
    }
    Ok(packed)
}

type Unpacked = (PathBuf, Vec<(OsString, OsString)>, Order);

fn unpack(mut packed: &[u8]) -> io::Result<Unpacked> {
    let cut = || io::Error::new(io::ErrorKind::InvalidData, "an order that is cut short");
    let mut next = || {
        let (length, rest) = packed.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (word, rest) = rest.split_at_checked(length)?;
        packed = rest;
        Some(OsStr::from_bytes(word).to_owned())
    };
    let cwd = next().ok_or_else(cut)?.into();
    let count: usize = argv::number(&next().ok_or_else(cut)?).map_err(io::Error::other)?;
    let env = (0..count).map(|_| Some((next()?, next()?))).collect::<Option<_>>().ok_or_else(cut)?;
    let order = argv::read(std::iter::from_fn(next)).map_err(io::Error::other)?;
    Ok((cwd, env, order))
}

/// A file in memory with `bytes`.
fn memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("order", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}
