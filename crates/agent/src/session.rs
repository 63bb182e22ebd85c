//! Which session of Claude Code a thread has, and whether it can be taken up again.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use uuid::Uuid;

/// How a process gets its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// It begins one: its memory is empty.
    New(Uuid),
    /// It takes up one whose transcript is there.
    Resumed(Uuid),
}

impl Session {
    /// The thread's session as its home tells it. Where the transcript is gone a new id is taken, since Claude Code
    /// refuses one that was in use; it is written down before this returns.
    pub fn of_home(home: &Path) -> io::Result<Self> {
        match remembered(home)? {
            Some(id) if has_transcript(home, id) => Ok(Self::Resumed(id)),
            _ => Self::begin(home),
        }
    }

    /// A new session, also where there is one.
    pub fn begin(home: &Path) -> io::Result<Self> {
        let id = Uuid::new_v4();
        fs::create_dir_all(home)?;
        replace(home, "spent", "0")?;
        replace(home, "session", &id.to_string())?;
        Ok(Self::New(id))
    }
}

/// US dollars that the session of `home` has cost so far, at most. Claude Code goes on counting when it resumes, and
/// holds its budget against the sum.
pub(crate) fn spent(home: &Path) -> f64 {
    let text = fs::read_to_string(home.join("spent")).unwrap_or_default();
    text.trim().parse().ok().filter(|usd: &f64| usd.is_finite() && *usd >= 0.0).unwrap_or_default()
}

/// Writes down what the session has cost so far.
pub(crate) fn record_spent(home: &Path, usd: f64) -> io::Result<()> {
    replace(home, "spent", &usd.to_string())
}

fn replace(home: &Path, name: &str, text: &str) -> io::Result<()> {
    let draft = home.join(format!("{name}.new"));
    // The agent may write here too: a link it left must not lead us to another file.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::File::create_new(&draft)?.write_all(text.as_bytes())?,
    }
    fs::rename(draft, home.join(name))
}

fn remembered(home: &Path) -> io::Result<Option<Uuid>> {
    match fs::read_to_string(home.join("session")) {
        Ok(text) => Ok(Uuid::parse_str(text.trim()).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The transcript is under a folder named after the working directory, in a way that is Claude Code's own.
fn has_transcript(home: &Path, id: Uuid) -> bool {
    let Ok(projects) = fs::read_dir(home.join(".claude/projects")) else { return false };
    projects.flatten().any(|project| {
        fs::metadata(project.path().join(format!("{id}.jsonl")))
            .is_ok_and(|file| file.is_file() && file.len() > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_resumed_only_with_its_transcript() {
        let home = tempfile::tempdir().unwrap();
        let Session::New(first) = Session::of_home(home.path()).unwrap() else { panic!("nothing to resume") };
        let Session::New(second) = Session::of_home(home.path()).unwrap() else { panic!("no transcript") };
        assert_ne!(first, second);
        let project = home.path().join(".claude/projects/-work");
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join(format!("{second}.jsonl")), "{}\n").unwrap();
        assert_eq!(Session::of_home(home.path()).unwrap(), Session::Resumed(second));
        record_spent(home.path(), 1.25).unwrap();
        assert!((spent(home.path()) - 1.25).abs() < 1e-9);
        fs::write(home.path().join("session"), "../../x").unwrap();
        assert!(matches!(Session::of_home(home.path()).unwrap(), Session::New(_)));
        assert!(spent(home.path()).abs() < 1e-9);
    }
}
