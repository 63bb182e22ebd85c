//! Worktrees, commits and the fence.

use crate::fixture::{self, EPOCH, Site, commit, git, message_id, read, spec, status, thread_id, write};
use domain::Epoch;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use workspace::{ChangeKind, CommitId, ErrorKind, Merge, Revert, checkout, tree_at};

#[test]
fn a_commit_says_what_it_was_told_and_leaves_a_clean_tree() {
    let site = Site::new();
    let tree = site.thread(1);
    assert_eq!(tree.prepare(&spec(1)).unwrap(), None, "no commit without a change");
    write(tree.path(), "src/pages/index.astro", "<h1>Hello</h1>\n");
    let mut spec = spec(1);
    spec.subject = "Say \"$(touch pwned)\" `id` 'x' -m; \\".into();
    let prepared = tree.prepare(&spec).unwrap().unwrap();
    assert_eq!(tree.head().unwrap(), prepared.parent, "preparing moves nothing");
    assert!(tree.exists(&prepared.commit).unwrap() && !tree.contains(&prepared.commit).unwrap());
    tree.finish(&prepared, EPOCH).unwrap();
    tree.finish(&prepared, EPOCH).unwrap();
    assert_eq!(tree.head().unwrap(), prepared.commit);
    assert_eq!(status(&tree), "");
    let said = git(
        tree.path(),
        &["log", "-1", "--format=%B%an <%ae>|%(trailers:key=Webordinary-Message,valueonly)"],
    );
    assert!(said.starts_with(&format!("{}\n\nWebordinary-Message: ", spec.subject)), "{said}");
    assert!(said.contains(&format!("Ann <ann@x.org>|{}", message_id(1))), "{said}");
    assert_eq!(tree.find(&message_id(1)).unwrap(), Some(prepared.commit));
    assert_eq!(tree.find(&message_id(2)).unwrap(), None);
    site.fsck();
}

#[test]
fn renames_deletions_modes_links_and_strange_names_are_kept() {
    let site = Site::new();
    let tree = site.thread(1);
    let base = tree.head().unwrap();
    let root = tree.path();
    fs::rename(root.join("src/pages/about.astro"), root.join("src/pages/us.astro")).unwrap();
    fs::remove_file(root.join("package.json")).unwrap();
    write(root, "package.json/deep", "a folder now\n");
    write(root, "build.sh", "#!/bin/sh\n");
    fs::set_permissions(root.join("build.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let strange = OsStr::from_bytes(b"caf\xe9 \"q\" $(x).md");
    fs::write(root.join(strange), "x").unwrap();
    symlink("pages/us.astro", root.join("src/link")).unwrap();
    write(root, "crlf.txt", "a\r\nb\r\n");
    let shown = tree.changes().unwrap();
    commit(&tree, 1);
    assert_eq!(status(&tree), "");
    let changes = tree.diff_since(&base).unwrap();
    assert_eq!(changes, shown);
    let kind = |path: &str| changes.iter().find(|c| c.path == Path::new(path)).map(|c| c.kind);
    assert_eq!(kind("src/pages/us.astro"), Some(ChangeKind::Renamed));
    assert_eq!(kind("package.json"), Some(ChangeKind::Deleted));
    assert_eq!(kind("package.json/deep"), Some(ChangeKind::Added));
    assert!(changes.iter().any(|c| c.path.as_os_str() == strange));
    let listed = git(root, &["ls-tree", "-r", "HEAD"]);
    assert!(listed.contains("100755 blob") && listed.contains("120000 blob"), "{listed}");
    assert_eq!(git(root, &["show", "HEAD:crlf.txt"]), "a\r\nb\r\n");
    fs::remove_dir_all(root.join("package.json")).unwrap();
    write(root, "package.json", "a file again\n");
    commit(&tree, 2);
    assert_eq!(git(root, &["show", "HEAD:package.json"]), "a file again\n");
    site.fsck();
}

#[test]
fn litter_and_what_is_installed_or_built_is_not_committed() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), ".gitignore", ".env\n!node_modules\n");
    symlink("/opt/cache/node_modules", tree.path().join("node_modules")).unwrap();
    for path in
        ["dist/index.html", ".astro/types.d.ts", ".env", "src/a.astro.tmp.77.0af1", "sub/node_modules/x.js"]
    {
        write(tree.path(), path, "x");
    }
    write(tree.path(), "public/dist/lib.js", "kept");
    commit(&tree, 1);
    let listed = git(tree.path(), &["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(
        listed,
        ".gitignore\npackage.json\npublic/dist/lib.js\nsrc/pages/about.astro\nsrc/pages/index.astro\n"
    );
    assert!(!tree.path().join("src/a.astro.tmp.77.0af1").exists());
    tree.discard().unwrap();
    assert!(fs::symlink_metadata(tree.path().join("node_modules")).is_ok(), "installed packages stay");
    assert!(tree.path().join(".env").exists());
}

#[test]
fn discarding_leaves_the_tip_and_nothing_else() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "src/pages/index.astro", "changed");
    fs::remove_file(tree.path().join("package.json")).unwrap();
    write(tree.path(), "new/deep/file", "x");
    write(tree.path(), "staged", "x");
    write(tree.path(), "src/a.tmp.1.ff", "x");
    git(tree.path(), &["add", "staged", "src/pages/index.astro"]);
    git(tree.path(), &["init", "-q", "nested"]);
    write(tree.path(), "nested/file", "x");
    tree.discard().unwrap();
    assert_eq!(status(&tree), "");
    assert_eq!(tree.changes().unwrap(), []);
    for gone in ["new", "staged", "src/a.tmp.1.ff", "nested"] {
        assert!(!tree.path().join(gone).exists(), "{gone}");
    }
}

#[test]
fn a_stale_epoch_moves_nothing() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x");
    let prepared = tree.prepare(&spec(1)).unwrap().unwrap();
    site.workspace.take(Epoch(4)).unwrap();
    assert_eq!(site.workspace.take(EPOCH).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(tree.finish(&prepared, EPOCH).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(tree.finish(&prepared, Epoch(5)).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(tree.head().unwrap(), prepared.parent);
    site.push_by_another("b", "x");
    site.workspace.fetch().unwrap();
    tree.discard().unwrap();
    assert_eq!(tree.merge_default(&spec(2), EPOCH).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert!(!tree.path().join("b").exists() && tree.head().unwrap() == prepared.parent);
    tree.finish(&prepared, Epoch(4)).unwrap();
}

#[test]
fn a_commit_on_another_tip_is_refused() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x");
    let prepared = tree.prepare(&spec(1)).unwrap().unwrap();
    commit(&tree, 2);
    assert_eq!(tree.finish(&prepared, EPOCH).unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn a_kill_between_prepare_and_finish_loses_nothing() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x");
    let prepared = tree.prepare(&spec(1)).unwrap().unwrap();
    for lock in [
        format!("refs/heads/{}.lock", thread_id(1).branch()),
        "refs/webordinary/claim.lock".into(),
        format!("worktrees/{}/index.lock", thread_id(1).branch()),
    ] {
        fs::write(site.path("repo.git").join(lock), "").unwrap();
    }
    let again = fixture::open(site.dir.path());
    again.take(Epoch(9)).unwrap();
    let tree = again.thread(&thread_id(1)).unwrap();
    assert_eq!(read(tree.path(), "a"), "x", "the edit is still there");
    tree.finish(&prepared, Epoch(9)).unwrap();
    assert_eq!(status(&tree), "");
    site.fsck();
}

#[test]
fn a_deleted_or_half_written_worktree_is_made_anew() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), "a", "x");
    let commit = commit(&tree, 1);
    fs::remove_dir_all(tree.path()).unwrap();
    let tree = site.thread(1);
    assert_eq!((read(tree.path(), "a").as_str(), status(&tree).as_str()), ("x", ""));
    let admin = site.path("repo.git").join("worktrees").join(thread_id(1).branch());
    fs::remove_file(admin.join("complete")).unwrap();
    fs::remove_file(tree.path().join("package.json")).unwrap();
    let tree = site.thread(1);
    assert_eq!(status(&tree), "");
    fs::remove_dir_all(&admin).unwrap();
    let tree = site.thread(1);
    assert_eq!((status(&tree).as_str(), tree.head().unwrap()), ("", commit));
    assert!(git(&site.path("repo.git"), &["worktree", "list"]).contains(&thread_id(1).branch()));
}

#[test]
fn threads_work_at_once_and_see_only_their_own() {
    let site = Site::new();
    std::thread::scope(|scope| {
        for n in 1..=4_u8 {
            let site = &site;
            scope.spawn(move || {
                for round in 0..5_u8 {
                    let tree = site.thread(n);
                    write(tree.path(), &format!("own-{n}"), &round.to_string());
                    commit(&tree, n * 10 + round);
                    site.workspace.fetch().unwrap();
                }
            });
        }
    });
    for n in 1..=4_u8 {
        let tree = site.thread(n);
        assert_eq!(git(tree.path(), &["rev-list", "--count", "HEAD"]).trim(), "6");
        assert_eq!(status(&tree), "");
        let files = git(tree.path(), &["ls-files", "own-*"]);
        assert_eq!(files, format!("own-{n}\n"));
    }
    site.fsck();
}

#[test]
fn the_default_branch_is_merged_when_that_is_clean() {
    let site = Site::new();
    let tree = site.thread(1);
    assert_eq!(tree.merge_default(&spec(1), EPOCH).unwrap(), Merge::UpToDate);
    site.push_by_another("b", "theirs\n");
    site.workspace.fetch().unwrap();
    assert!(matches!(tree.merge_default(&spec(1), EPOCH).unwrap(), Merge::FastForward(_)));
    assert_eq!((read(tree.path(), "b").as_str(), status(&tree).as_str()), ("theirs\n", ""));
    write(tree.path(), "a", "mine\n");
    assert_eq!(commit(&tree, 1), tree.head().unwrap());
    site.push_by_another("c", "theirs\n");
    site.workspace.fetch().unwrap();
    write(tree.path(), "open", "x");
    assert_eq!(tree.merge_default(&spec(2), EPOCH).unwrap_err().kind(), ErrorKind::Conflict);
    tree.discard().unwrap();
    let Merge::Merged(merged) = tree.merge_default(&spec(2), EPOCH).unwrap() else { panic!("not merged") };
    assert_eq!((tree.head().unwrap(), status(&tree).as_str()), (merged, ""));
    assert_eq!((read(tree.path(), "a").as_str(), read(tree.path(), "c").as_str()), ("mine\n", "theirs\n"));
    write(tree.path(), "c", "mine\n");
    let before = commit(&tree, 3);
    site.push_by_another("c", "theirs again\n");
    site.workspace.fetch().unwrap();
    let told = tree.merge_default(&spec(4), EPOCH).unwrap();
    assert_eq!(told, Merge::Conflict { files: vec!["c".into()] });
    assert_eq!(
        (tree.head().unwrap(), read(tree.path(), "c").as_str(), status(&tree).as_str()),
        (before, "mine\n", "")
    );
    site.fsck();
}

#[test]
fn commits_are_taken_back_by_one() {
    let site = Site::new();
    let tree = site.thread(1);
    let change = |path: &str, text: &str, n: u8| {
        write(tree.path(), path, text);
        commit(&tree, n)
    };
    let (first, second) = (change("a", "one\n", 1), change("b", "two\n", 2));
    let third = change("a", "three\n", 3);
    let revert = |commits: &[CommitId], n: u8| tree.prepare_revert(commits, &spec(n)).unwrap();
    let Revert::Ready(prepared) = revert(&[third.clone(), first.clone()], 4) else { panic!("not ready") };
    assert_eq!(prepared.parent, third, "one commit, on the tip");
    tree.finish(&prepared, EPOCH).unwrap();
    tree.discard().unwrap();
    assert!(!tree.path().join("a").exists() && tree.path().join("b").exists());
    assert_eq!(revert(&[first], 5), Revert::NothingLeft);
    change("b", "four\n", 6);
    assert_eq!(revert(&[second], 7), Revert::Conflict { files: vec!["b".into()] });
}

#[test]
fn a_prepared_commit_is_exported_whole_while_the_branch_stays() {
    let site = Site::new();
    let tree = site.thread(1);
    let before = tree.head().unwrap();
    write(tree.path(), "src/pages/new.astro", "<h1>New</h1>\n");
    fs::remove_file(tree.path().join("src/pages/about.astro")).unwrap();
    let prepared = tree.prepare(&spec(1)).unwrap().unwrap();
    let out = site.path("out");
    write(&out, "left/over", "from an earlier one");
    tree.export(&prepared.commit, &out).unwrap();
    assert_eq!(read(&out, "src/pages/new.astro"), "<h1>New</h1>\n");
    assert_eq!(read(&out, "package.json"), "{}\n");
    assert!(!out.join("src/pages/about.astro").exists() && !out.join("left").exists());
    assert_eq!(tree.head().unwrap(), before);
    assert_eq!(read(tree.path(), "src/pages/new.astro"), "<h1>New</h1>\n");
    // The same files are the same tree, wherever they are checked out.
    assert_ne!(tree.tree_id(&prepared.commit).unwrap(), tree.tree_id(&before).unwrap());
    let checked_out = site.path("checkout");
    checkout(&fixture::origin(site.dir.path()), None, &checked_out).unwrap();
    assert_eq!(tree_at(&checked_out).unwrap(), tree.tree_id(&before).unwrap());
}
