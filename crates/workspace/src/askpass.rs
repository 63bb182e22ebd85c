//! Giving git the token of a repository: this program is its own GIT_ASKPASS.
//!
//! git starts it under another name, from a directory that only this user can read and that is there while git runs.
//! So the token is in no URL, no argument, no environment and no log, and gone when site code runs.

use ports::Secret;
use std::fmt;
use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The name under which git starts this program.
const NAME: &str = "git-askpass";
const TOKEN: &str = "token";
const ORIGIN: &str = "origin";
/// The user name that GitHub takes with every kind of token.
const USER: &str = "x-access-token";

/// Answers git's question when git started this program for that. To be called before anything else in `main`.
pub fn run_if_askpass() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    let name = PathBuf::from(words.next()?);
    if name.file_name()? != NAME {
        return None;
    }
    let prompt = words.next().unwrap_or_default();
    let dir = name.parent().unwrap_or(Path::new(""));
    match answer_from(dir, &prompt.to_string_lossy()) {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(err) => {
            eprintln!("git-askpass: {err}");
            Some(ExitCode::FAILURE)
        }
    }
}

fn answer_from(dir: &Path, prompt: &str) -> io::Result<()> {
    let origin = std::fs::read_to_string(dir.join(ORIGIN))?;
    let Some(question) = question(prompt, &origin) else {
        return Err(io::Error::other("this is asked for by another host than the repository's"));
    };
    let mut out = io::stdout().lock();
    match question {
        Question::User => out.write_all(USER.as_bytes())?,
        Question::Password => out.write_all(&std::fs::read(dir.join(TOKEN))?)?,
    }
    out.write_all(b"\n")
}

#[derive(Debug, PartialEq, Eq)]
enum Question {
    User,
    Password,
}

/// What `prompt` asks for, if it asks on behalf of `origin`: `Username for 'https://github.com': `, then
/// `Password for 'https://x-access-token@github.com': `. A host that a redirect led to gets nothing.
fn question(prompt: &str, origin: &str) -> Option<Question> {
    let (asked, rest) = prompt.split_once(" for '")?;
    let url = rest.split_once('\'')?.0;
    let (scheme, authority) = url.split_once("://")?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if format!("{scheme}://{host}") != origin {
        return None;
    }
    match asked {
        "Username" => Some(Question::User),
        "Password" => Some(Question::Password),
        _ => None,
    }
}

/// What opens a repository. It is given to git only.
#[derive(Clone)]
pub struct Credential {
    /// A program that calls [`run_if_askpass`] at its beginning.
    pub(crate) program: PathBuf,
    /// Where the token lies while git runs.
    pub(crate) place: PathBuf,
    /// Scheme and host that may ask for it.
    pub(crate) origin: String,
    pub(crate) token: Secret,
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a credential for {}", self.origin)
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        (&self.program, &self.place, &self.origin) == (&other.program, &other.place, &other.origin)
            && self.token.bytes() == other.token.bytes()
    }
}

impl Eq for Credential {}

impl Credential {
    /// Lays the token out for git, in a new directory below this credential's place.
    pub(crate) fn lend(&self) -> io::Result<Lent> {
        std::fs::create_dir_all(&self.place)?;
        let dir = self.place.join(format!("askpass-{}", uuid::Uuid::new_v4().simple()));
        DirBuilder::new().mode(0o700).create(&dir)?;
        let lent = Lent { dir };
        for (name, bytes) in [(ORIGIN, self.origin.as_bytes()), (TOKEN, self.token.bytes())] {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(lent.dir.join(name))?;
            file.write_all(bytes)?;
        }
        symlink(&self.program, lent.program())?;
        Ok(lent)
    }
}

/// A token that lies where git's askpass finds it, until this is dropped.
pub(crate) struct Lent {
    dir: PathBuf,
}

impl Lent {
    /// What goes into GIT_ASKPASS.
    pub(crate) fn program(&self) -> PathBuf {
        self.dir.join(NAME)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Err(err) = std::fs::remove_dir_all(&self.dir) {
            tracing::error!(dir = %self.dir.display(), error = %err, "a token is left on the disk");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_repositorys_own_host_is_answered() {
        let origin = "https://github.com";
        let asks = |prompt: &str| question(prompt, origin);
        assert_eq!(asks("Username for 'https://github.com': "), Some(Question::User));
        assert_eq!(asks("Password for 'https://x-access-token@github.com': "), Some(Question::Password));
        for other in [
            "Password for 'https://x-access-token@evil.example': ",
            "Password for 'http://x-access-token@github.com': ",
            "Password for 'https://github.com@evil.example': ",
            "Password for 'https://github.com:8443': ",
            "Passphrase for 'https://github.com': ",
            "Password: ",
        ] {
            assert_eq!(asks(other), None, "{other}");
        }
    }

    #[test]
    fn a_lent_token_is_private_and_goes_away() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let credential = Credential {
            program: "/bin/true".into(),
            place: place.path().to_owned(),
            origin: "https://h".to_owned(),
            token: Secret::new("t"),
        };
        let lent = credential.lend().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&lent.dir), 0o700);
        assert_eq!(mode(&lent.dir.join(TOKEN)), 0o600);
        assert_eq!(std::fs::read(lent.dir.join(TOKEN)).unwrap(), b"t");
        drop(lent);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
