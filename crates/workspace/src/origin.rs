//! The origin of a site: asking it, checking a commit out of it, and making or importing one.

use crate::askpass::Credential;
use crate::commit::{self, Author, CommitId, CommitSpec};
use crate::error::{ErrorKind, WorkspaceError};
use crate::layout::{self, Kind};
use crate::tree::write_commit;
use crate::{Result, files, program};
use domain::Timestamp;
use git2::build::CheckoutBuilder;
use git2::{Index, IndexEntry, IndexTime, Repository};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Where a site's repository comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// An absolute path or an https URL, without credentials.
    pub url: String,
    /// The branch that is live.
    pub default_branch: String,
    /// What opens it, if it needs that.
    pub credential: Option<Credential>,
}

/// The first commit of a repository.
#[derive(Clone, Debug)]
pub struct FirstCommit {
    /// The default branch.
    pub branch: String,
    /// The commit's subject.
    pub subject: String,
    /// Who makes it.
    pub author: Author,
    /// When.
    pub when: Timestamp,
}

/// The tip of the origin's default branch.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is no such branch.
pub fn head(origin: &Origin) -> Result<CommitId> {
    let name = format!("refs/heads/{}", origin.default_branch);
    let listed = program::succeed(origin, Path::new("/"), &["ls-remote", "--", &origin.url, &name], None)?;
    let tip = listed.lines().find_map(|line| line.split_once('\t').filter(|(_, found)| *found == name));
    tip.and_then(|(id, _)| id.parse().ok()).ok_or_else(|| no_branch(origin))
}

/// Puts the files of `commit`, or of the default branch's tip, into `dir`, which must not be there yet. Without history;
/// no hook, filter or submodule runs.
///
/// # Errors
/// [`ErrorKind::Conflict`] when `dir` is there; [`ErrorKind::NotFound`] without that commit.
pub fn checkout(origin: &Origin, commit: Option<&CommitId>, dir: &Path) -> Result<CommitId> {
    files::appear(dir, |draft| {
        let repo = layout::init(draft, &origin.default_branch, Kind::Tree)?;
        let what = match commit {
            Some(commit) => commit.to_string(),
            None => format!("refs/heads/{}", origin.default_branch),
        };
        let refspec = format!("{what}:refs/webordinary/checkout");
        let args = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--depth=1",
            "--no-write-fetch-head",
            "--",
            &origin.url,
            &refspec,
        ];
        program::succeed(origin, draft, &args, None)?;
        let found = repo.find_reference("refs/webordinary/checkout")?.peel_to_commit()?;
        repo.set_head_detached(found.id())?;
        repo.checkout_tree(found.as_object(), Some(CheckoutBuilder::new().force()))?;
        Ok(found.id().into())
    })
}

/// Whether `a` is `b` or comes before it, in the bare repository at `bare`. An unknown commit comes before nothing.
pub fn is_ancestor(bare: &Path, a: &CommitId, b: &CommitId) -> Result<bool> {
    let repo = Repository::open_bare(bare)?;
    let (a, b) = (a.oid()?, b.oid()?);
    if repo.find_commit(a).is_err() || repo.find_commit(b).is_err() {
        return Ok(false);
    }
    commit::contains(&repo, b, a)
}

/// Makes a bare repository with one commit of `files` (path and content) at `dir`, whole or not at all.
///
/// # Errors
/// [`ErrorKind::Conflict`] when `dir` is there; [`ErrorKind::Malformed`] without a file.
pub fn create_bare<P, B>(
    dir: &Path,
    first: &FirstCommit,
    files: impl IntoIterator<Item = (P, B)>,
) -> Result<CommitId>
where
    P: AsRef<Path>,
    B: AsRef<[u8]>,
{
    files::appear(dir, |draft| {
        let repo = layout::init(draft, &first.branch, Kind::Bare)?;
        let mut index = Index::new()?;
        for (path, content) in files {
            index.add(&plain(path.as_ref(), repo.blob(content.as_ref())?))?;
        }
        if index.is_empty() {
            return Err(WorkspaceError::new(ErrorKind::Malformed, "a repository needs a file"));
        }
        let spec = CommitSpec {
            subject: first.subject.clone(),
            body: String::new(),
            trailers: Vec::new(),
            author: first.author.clone(),
            when: first.when,
        };
        let commit = write_commit(&repo, &spec, index.write_tree_to(&repo)?, &[])?;
        repo.reference(&format!("refs/heads/{}", first.branch), commit, false, "create")?;
        Ok(commit.into())
    })
}

/// Copies every branch and tag of `source` (a path or URL) into a bare repository at `dir`, whole or not at all, and
/// gives the name of its default branch.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is no such repository, or it has no commit on its default branch.
pub fn import(source: &str, dir: &Path) -> Result<String> {
    let url = fs::canonicalize(source).map_or_else(|_| source.to_owned(), |path| path.display().to_string());
    let mut origin = Origin { url, default_branch: String::new(), credential: None };
    origin.default_branch = default_branch(&origin)?;
    copy(&origin, dir)?;
    Ok(origin.default_branch)
}

/// Copies every branch and tag of `origin` into a bare repository at `dir`, whole or not at all.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is no such repository, or no commit on its default branch.
pub fn copy(origin: &Origin, dir: &Path) -> Result<()> {
    files::appear(dir, |draft| {
        let repo = layout::init(draft, &origin.default_branch, Kind::Bare)?;
        let args = ["fetch", "--quiet", "--no-write-fetch-head", "--", &origin.url];
        let refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        program::succeed(origin, draft, &[&args[..], &refs[..]].concat(), None)?;
        repo.find_reference(&format!("refs/heads/{}", origin.default_branch))?.peel_to_commit()?;
        Ok(())
    })
}

fn default_branch(origin: &Origin) -> Result<String> {
    let listed = program::succeed(
        origin,
        Path::new("/"),
        &["ls-remote", "--symref", "--", &origin.url, "HEAD"],
        None,
    )?;
    let symref = |line: &str| Some(line.strip_prefix("ref: refs/heads/")?.strip_suffix("\tHEAD")?.to_owned());
    let has_commit = listed.lines().any(|line| !line.starts_with("ref: ") && line.ends_with("\tHEAD"));
    listed.lines().find_map(symref).filter(|_| has_commit).ok_or_else(|| {
        WorkspaceError::new(
            ErrorKind::NotFound,
            format!("{} has no commit on a default branch (is it empty?)", origin.url),
        )
    })
}

fn plain(path: &Path, id: git2::Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_os_str().as_bytes().to_vec(),
    }
}

fn no_branch(origin: &Origin) -> WorkspaceError {
    let words = format!("{} has no branch {}", origin.url, origin.default_branch);
    WorkspaceError::new(ErrorKind::NotFound, words)
}
