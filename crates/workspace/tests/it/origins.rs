//! Cloning, checking out, making and importing.

use crate::fixture::{self, EPOCH, FILES, Site, commit, first, git, origin, read, request, write};
use std::fs;
use workspace::{ErrorKind, Origin, Places, Workspace, checkout, create_bare, head, import, is_ancestor};

#[test]
fn a_missing_empty_or_other_origin_is_an_error_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "--bare", "empty.git"]);
    create_bare(&dir.path().join("full.git"), &first(), FILES).unwrap();
    for (name, branch) in [("none.git", "main"), ("empty.git", "main"), ("full.git", "trunk")] {
        let origin = Origin {
            url: dir.path().join(name).to_str().unwrap().into(),
            default_branch: branch.into(),
            credential: None,
        };
        let places = Places { repo: dir.path().join("repo.git"), worktrees: dir.path().join("trees") };
        let error = Workspace::open(origin.clone(), places).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{name}: {error}");
        assert!(!dir.path().join("repo.git").exists());
        assert_eq!(head(&origin).unwrap_err().kind(), ErrorKind::NotFound, "{name}");
    }
    let empty = dir.path().join("empty.git");
    assert_eq!(
        import(empty.to_str().unwrap(), &dir.path().join("i")).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn a_half_clone_is_made_whole() {
    let dir = tempfile::tempdir().unwrap();
    create_bare(&dir.path().join("origin.git"), &first(), FILES).unwrap();
    write(dir.path(), "repo.git.draft/objects/half", "x");
    let workspace = fixture::open(dir.path());
    assert_eq!(read(workspace.thread(&fixture::thread_id(1)).unwrap().path(), "package.json"), "{}\n");
    assert!(!dir.path().join("repo.git.draft").exists());
    // A fetch that was killed left its lock.
    write(dir.path(), "repo.git/refs/remotes/origin/main.lock", "");
    workspace.fetch().unwrap();
}

#[test]
fn the_build_gets_the_head_or_an_exact_commit() {
    let site = Site::new();
    let origin = origin(site.dir.path());
    let old = head(&origin).unwrap();
    let tree = site.thread(1);
    write(tree.path(), "a", "x\n");
    commit(&tree, 1);
    site.workspace.publish(&request(1, 9), EPOCH).unwrap();
    let new = head(&origin).unwrap();
    let (at_new, at_old) = (site.path("new"), site.path("old"));
    assert_eq!(checkout(&origin, None, &at_new).unwrap(), new);
    assert_eq!(read(&at_new, "a"), "x\n");
    assert_eq!(checkout(&origin, Some(&old), &at_old).unwrap(), old);
    assert!(!at_old.join("a").exists() && at_old.join("package.json").exists());
    assert_eq!(checkout(&origin, None, &at_old).unwrap_err().kind(), ErrorKind::Conflict);
    let unknown = "1".repeat(40).parse().unwrap();
    assert!(checkout(&origin, Some(&unknown), &site.path("unknown")).is_err());
    assert!(!site.path("unknown").exists());
    let bare = site.path("origin.git");
    assert!(is_ancestor(&bare, &old, &new).unwrap() && is_ancestor(&bare, &new, &new).unwrap());
    assert!(!is_ancestor(&bare, &new, &old).unwrap() && !is_ancestor(&bare, &unknown, &new).unwrap());
}

#[test]
fn a_project_is_imported_with_its_branches() {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "trunk", "source"]);
    let source = dir.path().join("source");
    write(&source, "index.html", "x");
    git(&source, &["add", "-A"]);
    git(&source, &["-c", "user.name=o", "-c", "user.email=o@x", "commit", "-qm", "first"]);
    git(&source, &["branch", "side"]);
    let bare = dir.path().join("imported.git");
    assert_eq!(import(source.to_str().unwrap(), &bare).unwrap(), "trunk");
    let refs = git(&bare, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(refs, "refs/heads/side\nrefs/heads/trunk\n");
    assert_eq!(fs::read_to_string(bare.join("HEAD")).unwrap(), "ref: refs/heads/trunk\n");
    git(&bare, &["fsck", "--full", "--strict"]);
    assert_eq!(import(source.to_str().unwrap(), &bare).unwrap_err().kind(), ErrorKind::Conflict);
}
