//! A site's origin and a workspace on it, in a folder that goes away.

use domain::{Epoch, MessageId, ThreadId, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use workspace::{
    Author, CommitId, CommitSpec, FirstCommit, Origin, Places, PublishRequest, ThreadTree, Workspace,
    create_bare,
};

pub(crate) const FILES: [(&str, &str); 4] = [
    ("src/pages/index.astro", "<h1>Home</h1>\n"),
    ("src/pages/about.astro", "<h1>About</h1>\nwe sell stamps\nsince 1970\nin Basel\n"),
    ("package.json", "{}\n"),
    (".gitignore", ".env\n"),
];
pub(crate) const EPOCH: Epoch = Epoch(3);

pub(crate) struct Site {
    pub(crate) dir: TempDir,
    pub(crate) workspace: Workspace,
}

impl Site {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        create_bare(&dir.path().join("origin.git"), &first(), FILES).unwrap();
        let workspace = open(dir.path());
        workspace.take(EPOCH).unwrap();
        Self { dir, workspace }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn thread(&self, n: u8) -> ThreadTree {
        self.workspace.thread(&thread_id(n)).unwrap()
    }

    /// Another person pushes a file to the origin.
    pub(crate) fn push_by_another(&self, path: &str, content: &str) {
        let clone = tempfile::tempdir_in(self.dir.path()).unwrap();
        git(self.dir.path(), &["clone", "-q", "origin.git", clone.path().to_str().unwrap()]);
        write(clone.path(), path, content);
        git(clone.path(), &["add", "-A"]);
        git(clone.path(), &["-c", "user.name=o", "-c", "user.email=o@x", "commit", "-qm", "another's"]);
        git(clone.path(), &["push", "-q", "origin", "main"]);
    }

    pub(crate) fn origin_file(&self, path: &str) -> String {
        git(&self.path("origin.git"), &["show", &format!("main:{path}")])
    }

    pub(crate) fn fsck(&self) {
        git(&self.path("repo.git"), &["fsck", "--full", "--strict"]);
        git(&self.path("origin.git"), &["fsck", "--full", "--strict"]);
    }
}

/// Commits what changed in `tree` for message `n`.
pub(crate) fn commit(tree: &ThreadTree, n: u8) -> CommitId {
    let prepared = tree.prepare(&spec(n)).unwrap().expect("something changed");
    tree.finish(&prepared, EPOCH).unwrap();
    prepared.commit
}

pub(crate) fn open(dir: &Path) -> Workspace {
    let places = Places { repo: dir.join("repo.git"), worktrees: dir.join("trees") };
    Workspace::open(origin(dir), places).unwrap()
}

pub(crate) fn origin(dir: &Path) -> Origin {
    Origin {
        url: dir.join("origin.git").to_str().unwrap().into(),
        default_branch: "main".into(),
        credential: None,
    }
}

pub(crate) fn first() -> FirstCommit {
    FirstCommit {
        branch: "main".into(),
        subject: "Begin the site".into(),
        author: author(),
        when: Timestamp(1_700_000_000_000),
    }
}

pub(crate) fn author() -> Author {
    Author { name: "Ann".into(), email: "ann@x.org".into() }
}

pub(crate) fn thread_id(n: u8) -> ThreadId {
    ThreadId::from_entropy([n; 8])
}

pub(crate) fn message_id(n: u8) -> MessageId {
    format!("00000000-0000-4000-8000-0000000000{n:02x}").parse().unwrap()
}

pub(crate) fn spec(n: u8) -> CommitSpec {
    CommitSpec {
        subject: format!("Do number {n}"),
        body: String::new(),
        trailers: vec![("Webordinary-Message".into(), message_id(n).as_str().into())],
        author: author(),
        when: Timestamp(1_700_000_000_000 + i64::from(n) * 1000),
    }
}

pub(crate) fn request(thread: u8, message: u8) -> PublishRequest {
    PublishRequest {
        thread: thread_id(thread),
        message: message_id(message),
        author: author(),
        subject: "Publish".into(),
        when: Timestamp(1_700_000_100_000),
    }
}

pub(crate) fn write(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

pub(crate) fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap()
}

/// Runs git as a person would, and gives what it says.
pub(crate) fn git(dir: &Path, args: &[&str]) -> String {
    let out = Command::new("git")
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// What `git status` finds in a thread's files.
pub(crate) fn status(tree: &ThreadTree) -> String {
    git(tree.path(), &["status", "--porcelain"])
}
