//! The fence: refs move only while `refs/webordinary/claim` names the mover's epoch.

use crate::Result;
use crate::error::{ErrorKind, WorkspaceError};
use crate::lock::{Guard, Scope, remove_stale};
use domain::Epoch;
use domain::lease::{Fence, Fenced};
use git2::{Oid, Repository, Signature, Transaction};

const CLAIM: &str = "refs/webordinary/claim";

/// Writes `epoch` as the current one; a second time is as good.
///
/// # Errors
/// [`ErrorKind::LeaseLost`] when a higher epoch is written there.
pub(crate) fn take(repo: &Repository, epoch: Epoch) -> Result<()> {
    let _guard = Guard::acquire(repo.commondir(), Scope::Refs)?;
    let mut transaction = locked(repo, CLAIM)?;
    let fence = current(repo)?;
    if fence.raise(epoch).map_err(lost)? == fence {
        return Ok(());
    }
    let blob = repo.blob(format!("epoch {}\n", epoch.0).as_bytes())?;
    transaction.set_target(CLAIM, blob, Some(&mover()?), "claim")?;
    Ok(transaction.commit()?)
}

/// Says whether `epoch` is the current one.
///
/// # Errors
/// [`ErrorKind::LeaseLost`] when it is not.
pub(crate) fn check(repo: &Repository, epoch: Epoch) -> Result<()> {
    current(repo)?.check(epoch).map_err(lost)
}

/// Moves `branch` (a full ref name) from `from` to `to` while the claim is locked at `epoch`.
///
/// # Errors
/// [`ErrorKind::LeaseLost`]; [`ErrorKind::Conflict`] when the branch is neither at `from` nor at `to`.
pub(crate) fn advance(repo: &Repository, branch: &str, (from, to): (Oid, Oid), epoch: Epoch) -> Result<()> {
    let _guard = Guard::acquire(repo.commondir(), Scope::Refs)?;
    // The claim has a transaction of its own: libgit2 lets the refs of one go in no known order, and the claim must
    // stay locked until the branch has moved.
    let claim = locked(repo, CLAIM)?;
    check(repo, epoch)?;
    let mut transaction = locked(repo, branch)?;
    let tip = repo.refname_to_id(branch)?;
    if tip != to {
        if tip != from {
            return Err(WorkspaceError::new(
                ErrorKind::Conflict,
                format!("the branch is at {tip}, not at {from}, from which the work began"),
            ));
        }
        transaction.set_target(branch, to, Some(&mover()?), "advance")?;
        transaction.commit()?;
    }
    drop(claim);
    Ok(())
}

/// Makes a ref of ours point to `to`, wherever it pointed.
pub(crate) fn point(repo: &Repository, name: &str, to: Oid) -> Result<()> {
    let _guard = Guard::acquire(repo.commondir(), Scope::Refs)?;
    let mut transaction = locked(repo, name)?;
    transaction.set_target(name, to, Some(&mover()?), "point")?;
    Ok(transaction.commit()?)
}

fn locked<'r>(repo: &'r Repository, name: &str) -> Result<Transaction<'r>> {
    remove_stale(&repo.commondir().join(name))?;
    let mut transaction = repo.transaction()?;
    transaction.lock_ref(name)?;
    Ok(transaction)
}

fn current(repo: &Repository) -> Result<Fence> {
    let oid = match repo.refname_to_id(CLAIM) {
        Ok(oid) => oid,
        Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(Fence::default()),
        Err(error) => return Err(error.into()),
    };
    let blob = repo.find_blob(oid)?;
    let text = String::from_utf8_lossy(blob.content());
    let number = text.trim().strip_prefix("epoch ").and_then(|n| n.parse().ok());
    number.map(|n| Fence(Some(Epoch(n)))).ok_or_else(|| {
        WorkspaceError::new(ErrorKind::Malformed, "the repository's claim does not name an epoch")
    })
}

fn lost(fenced: Fenced) -> WorkspaceError {
    WorkspaceError::new(ErrorKind::LeaseLost, fenced.to_string())
}

fn mover() -> Result<Signature<'static>> {
    Ok(Signature::new("webordinary", "webordinary@localhost", &git2::Time::new(0, 0))?)
}
