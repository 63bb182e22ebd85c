//! From a thread to the origin, once.

use crate::fixture::{self, EPOCH, Site, commit, git, request, spec, thread_id, write};
use domain::Epoch;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use workspace::{ErrorKind, Preparation, PreparedPublish, Published, Push};

fn ready(site: &Site, message: u8) -> PreparedPublish {
    match site.workspace.prepare_publish(&request(1, message)).unwrap() {
        Preparation::Ready(prepared) => prepared,
        other => panic!("{other:?}"),
    }
}

fn hook(site: &Site, name: &str, body: &str) {
    let hook = site.path("origin.git/hooks").join(name);
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_publish_is_a_merge_commit_that_runs_the_origins_hook_and_pushes_no_thread() {
    let site = Site::new();
    hook(&site, "post-receive", "cat >> received");
    let tree = site.thread(1);
    assert_eq!(site.workspace.publish(&request(1, 8), EPOCH).unwrap(), Published::NothingNew);
    write(tree.path(), "a", "x\n");
    commit(&tree, 1);
    let Published::Pushed { commit, changes } = site.workspace.publish(&request(1, 9), EPOCH).unwrap() else {
        panic!("not pushed")
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(site.origin_file("a"), "x\n");
    let received = fs::read_to_string(site.path("origin.git/received")).unwrap();
    assert!(received.contains(commit.as_str()) && received.lines().count() == 1, "{received}");
    let refs = git(&site.path("origin.git"), &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(refs, "refs/heads/main\n");
    let said = git(&site.path("origin.git"), &["log", "-1", "--format=%P|%B", "main"]);
    assert_eq!(said.split('|').next().unwrap().split(' ').count(), 2, "a merge: {said}");
    assert!(said.contains(&format!("Webordinary-Thread: {}", thread_id(1).fingerprint())));
    assert!(!said.contains(thread_id(1).as_str()));
    let again = site.workspace.publish(&request(1, 9), EPOCH).unwrap();
    assert_eq!(again, Published::AlreadyPushed { commit });
    assert_eq!(site.workspace.publish(&request(1, 10), EPOCH).unwrap(), Published::NothingNew);
    site.fsck();
}

#[test]
fn a_crash_at_either_side_of_the_push_publishes_once() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x\n");
    commit(&tree, 1);
    let prepared = ready(&site, 9);
    // Killed before the push: a new process prepares the same commit, also when the thread went on.
    let site = Site { workspace: fixture::open(site.dir.path()), dir: site.dir };
    write(tree.path(), "later", "x\n");
    commit(&tree, 2);
    assert_eq!(ready(&site, 9), prepared);
    assert_eq!(site.workspace.push_publish(&prepared, EPOCH).unwrap(), Push::Done);
    // Killed after the push, before it was written down.
    assert_eq!(site.workspace.push_publish(&prepared, EPOCH).unwrap(), Push::Already);
    let found = Preparation::AlreadyPushed { commit: prepared.commit.clone() };
    assert_eq!(site.workspace.prepare_publish(&request(1, 9)).unwrap(), found);
    // The clone is lost as a whole: the trailer in the origin tells.
    fs::remove_dir_all(site.path("repo.git")).unwrap();
    let site = Site { workspace: fixture::open(site.dir.path()), dir: site.dir };
    site.thread(1);
    assert_eq!(site.workspace.prepare_publish(&request(1, 9)).unwrap(), found);
    assert_eq!(git(&site.path("origin.git"), &["rev-list", "--count", "--merges", "main"]).trim(), "1");
}

#[test]
fn a_push_in_between_is_kept_and_the_publish_made_anew() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x\n");
    commit(&tree, 1);
    let prepared = ready(&site, 9);
    site.push_by_another("b", "theirs\n");
    assert_eq!(site.workspace.push_publish(&prepared, EPOCH).unwrap(), Push::Moved);
    assert!(matches!(site.workspace.publish(&request(1, 9), EPOCH).unwrap(), Published::Pushed { .. }));
    assert_eq!((site.origin_file("a").as_str(), site.origin_file("b").as_str()), ("x\n", "theirs\n"));
}

#[test]
fn a_conflict_is_told_and_neither_side_dropped() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "src/pages/index.astro", "mine\n");
    let mine = commit(&tree, 1);
    site.push_by_another("src/pages/index.astro", "theirs\n");
    let told = site.workspace.publish(&request(1, 9), EPOCH).unwrap();
    assert_eq!(told, Published::Conflict { files: vec!["src/pages/index.astro".into()] });
    assert_eq!(site.origin_file("src/pages/index.astro"), "theirs\n");
    assert_eq!(tree.head().unwrap(), mine);
    assert_eq!(tree.prepare(&spec(2)).unwrap(), None);
}

#[test]
fn a_lost_claim_or_a_refusing_origin_stops_the_push() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x\n");
    commit(&tree, 1);
    let prepared = ready(&site, 9);
    hook(&site, "pre-receive", "echo closed for today >&2; exit 1");
    let error = site.workspace.push_publish(&prepared, EPOCH).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert!(error.to_string().contains("closed for today"), "{error}");
    site.workspace.take(Epoch(7)).unwrap();
    assert_eq!(site.workspace.push_publish(&prepared, EPOCH).unwrap_err().kind(), ErrorKind::LeaseLost);
}
