//! From a thread's branch to the origin's default branch.

use crate::change::{Change, between};
use crate::commit::{self, Author, CommitId, CommitSpec};
use crate::error::{ErrorKind, WorkspaceError};
use crate::lock::{Guard, Scope};
use crate::tree::{MESSAGE_TRAILER, merge};
use crate::{Result, Workspace, claim, program};
use domain::{Epoch, MessageId, ThreadId, Timestamp};
use git2::{Oid, Repository};
use std::path::PathBuf;

/// How often a publish is prepared anew because somebody else pushed in between.
const ATTEMPTS: usize = 3;

/// What is to be published, and by whose word.
#[derive(Clone, Debug)]
pub struct PublishRequest {
    /// The thread.
    pub thread: ThreadId,
    /// The message that asked for it; the same message publishes once.
    pub message: MessageId,
    /// Who asked.
    pub author: Author,
    /// First line of the merge commit.
    pub subject: String,
    /// When it was asked; a repeat with the same time gives the same commit.
    pub when: Timestamp,
}

/// What a publish would push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// To be stored, then pushed.
    Ready(PreparedPublish),
    /// The thread has nothing that the origin has not.
    NothingNew,
    /// The origin has the merge commit of this message.
    AlreadyPushed {
        /// The merge commit.
        commit: CommitId,
    },
    /// Both sides changed these files; nothing was done.
    Conflict {
        /// Sorted.
        files: Vec<PathBuf>,
    },
}

/// A merge commit that is kept by a ref of the workspace and not pushed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedPublish {
    /// The merge commit.
    pub commit: CommitId,
    /// The origin's commit on which it stands.
    pub base: CommitId,
    /// What it changes there.
    pub changes: Vec<Change>,
}

/// How a push went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// The origin took it now.
    Done,
    /// The origin had it.
    Already,
    /// Somebody else pushed in between: prepare again.
    Moved,
}

/// How a publish went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// The origin took it.
    Pushed {
        /// The merge commit.
        commit: CommitId,
        /// What it changed.
        changes: Vec<Change>,
    },
    /// The thread has nothing that the origin has not.
    NothingNew,
    /// The origin had the merge commit of this message, from before a crash.
    AlreadyPushed {
        /// The merge commit.
        commit: CommitId,
    },
    /// Both sides changed these files; nothing was done.
    Conflict {
        /// Sorted.
        files: Vec<PathBuf>,
    },
}

impl Workspace {
    /// Prepares and pushes, up to three times when somebody else pushes in between.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`]; [`ErrorKind::Transient`] when the origin is out of reach or moves on all the time;
    /// [`ErrorKind::Denied`] when it refuses.
    pub fn publish(&self, request: &PublishRequest, epoch: Epoch) -> Result<Published> {
        for _ in 0..ATTEMPTS {
            let prepared = match self.prepare_publish(request)? {
                Preparation::Ready(prepared) => prepared,
                Preparation::NothingNew => return Ok(Published::NothingNew),
                Preparation::AlreadyPushed { commit } => return Ok(Published::AlreadyPushed { commit }),
                Preparation::Conflict { files } => return Ok(Published::Conflict { files }),
            };
            match self.push_publish(&prepared, epoch)? {
                Push::Done => {
                    return Ok(Published::Pushed { commit: prepared.commit, changes: prepared.changes });
                }
                Push::Already => return Ok(Published::AlreadyPushed { commit: prepared.commit }),
                Push::Moved => {}
            }
        }
        Err(WorkspaceError::new(ErrorKind::Transient, "the origin changes faster than can be pushed"))
    }

    /// Fetches, and makes the merge commit (never a fast-forward, so that it can be found by its trailers). A repeat
    /// gives the same commit as long as the origin stands still.
    pub fn prepare_publish(&self, request: &PublishRequest) -> Result<Preparation> {
        self.fetch()?;
        let repo = self.repository()?;
        let base = self.default_tip(&repo)?;
        let tip = repo.refname_to_id(&format!("refs/heads/{}", request.thread.branch()))?;
        let kept = format!("refs/webordinary/publish/{}", request.message);
        if let Some(preparation) = earlier(&repo, &kept, base, request)? {
            return Ok(preparation);
        }
        if commit::contains(&repo, base, tip)? {
            return Ok(Preparation::NothingNew);
        }
        let spec = CommitSpec {
            subject: request.subject.clone(),
            body: String::new(),
            trailers: vec![
                (MESSAGE_TRAILER.into(), request.message.as_str().into()),
                ("Webordinary-Thread".into(), request.thread.fingerprint()),
            ],
            author: request.author.clone(),
            when: request.when,
        };
        match merge(&repo, (base, tip), &spec)? {
            Err(files) => Ok(Preparation::Conflict { files }),
            Ok(merged) => {
                claim::point(&repo, &kept, merged)?;
                ready(&repo, base, merged)
            }
        }
    }

    /// Pushes a prepared merge commit to the origin's default branch, and nothing else. The origin's hooks run.
    ///
    /// # Errors
    /// [`ErrorKind::LeaseLost`] when `epoch` is not the current one; [`ErrorKind::Denied`] when the origin refuses.
    pub fn push_publish(&self, prepared: &PreparedPublish, epoch: Epoch) -> Result<Push> {
        let guard = Guard::acquire(&self.places.repo, Scope::Origin)?;
        let repo = self.repository()?;
        claim::check(&repo, epoch)?;
        let (commit, branch) = (prepared.commit.oid()?, &self.origin.default_branch);
        let what = format!("{commit}:refs/heads/{branch}");
        let args = ["push", "--porcelain", "--no-verify", "--no-signed", "--", &self.origin.url, &what];
        let run = program::run(&self.origin, &self.places.repo, &args, Some(&guard))?;
        if run.ok {
            claim::point(&repo, &self.tracking(), commit)?;
            let new = run.stdout.lines().any(|line| line.starts_with([' ', '*']));
            return Ok(if new { Push::Done } else { Push::Already });
        }
        // What the push said may be lost or unclear; where the origin stands is not.
        self.fetch_holding(&guard, &self.places.repo)?;
        let now = self.default_tip(&repo)?;
        if commit::contains(&repo, now, commit)? {
            return Ok(Push::Already);
        }
        if now != prepared.base.oid()? {
            return Ok(Push::Moved);
        }
        let words = format!("{}\n{}", run.stderr, run.stdout);
        Err(program::failure(&words).doing("the origin did not take the push"))
    }
}

/// What an earlier attempt for the same message left.
fn earlier(
    repo: &Repository,
    kept: &str,
    base: Oid,
    request: &PublishRequest,
) -> Result<Option<Preparation>> {
    if let Ok(commit) = repo.refname_to_id(kept) {
        if commit::contains(repo, base, commit)? {
            return Ok(Some(Preparation::AlreadyPushed { commit: commit.into() }));
        }
        if repo.find_commit(commit)?.parent_id(0)? == base {
            return ready(repo, base, commit).map(Some);
        }
    }
    let pushed = commit::find_trailer(repo, base, (MESSAGE_TRAILER, request.message.as_str()))?;
    Ok(pushed.map(|commit| Preparation::AlreadyPushed { commit: commit.into() }))
}

fn ready(repo: &Repository, base: Oid, commit: Oid) -> Result<Preparation> {
    let changes = between(repo, base, commit)?;
    Ok(Preparation::Ready(PreparedPublish { commit: commit.into(), base: base.into(), changes }))
}
