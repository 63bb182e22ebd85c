//! A site whose repository wants to do harm.

use crate::fixture::{EPOCH, Site, commit, git, message_id, read, request, spec, status, thread_id, write};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use workspace::{ErrorKind, Published};

#[test]
fn a_link_out_of_the_site_is_refused_by_name() {
    for target in ["/etc/passwd", "../../repo.git/config", "src/../../x", ".git"] {
        let site = Site::new();
        let tree = site.thread(1);
        symlink(target, tree.path().join("evil")).unwrap();
        let error = tree.prepare(&spec(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{target}");
        assert!(error.to_string().contains("evil"), "{error}");
    }
}

#[test]
fn a_repository_inside_the_site_is_refused_by_name() {
    let site = Site::new();
    let tree = site.thread(1);
    git(tree.path(), &["init", "-q", "inner"]);
    write(tree.path(), "inner/file", "x");
    let error = tree.prepare(&spec(1)).unwrap_err();
    assert!(error.kind() == ErrorKind::Malformed && error.to_string().contains("inner"), "{error}");
}

#[test]
fn a_git_file_that_names_another_repository_is_not_believed() {
    let site = Site::new();
    let tree = site.thread(1);
    git(site.dir.path(), &["init", "-q", "other"]);
    fs::write(tree.path().join(".git"), format!("gitdir: {}\n", site.path("other/.git").display())).unwrap();
    write(tree.path(), "a", "x");
    let commit = commit(&tree, 1);
    let tree = site.thread(1);
    assert_eq!((tree.head().unwrap(), status(&tree).as_str()), (commit, ""));
}

#[test]
fn no_hook_filter_or_driver_of_the_site_runs() {
    let site = Site::new();
    let mark = site.path("pwned");
    let evil = format!("#!/bin/sh\ntouch {}\ncat\n", mark.display());
    let tree = site.thread(1);
    write(
        tree.path(),
        ".gitattributes",
        "* filter=evil text=auto eol=crlf merge=union diff=evil\n*.bin filter=lfs\n",
    );
    write(tree.path(), ".gitconfig", "[filter \"evil\"]\n\tclean = /bin/false\n\trequired = true\n");
    write(tree.path(), ".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c touch%20pwned\n");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    write(tree.path(), "big.bin", pointer);
    for name in
        ["pre-commit", "commit-msg", "post-checkout", "pre-push", "post-merge", "reference-transaction"]
    {
        for folder in [".githooks", "hooks"] {
            write(tree.path(), &format!("{folder}/{name}"), &evil);
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(tree.path().join(folder).join(name), mode).unwrap();
        }
        // Even hooks in the clone itself do not run by what we do.
        let hook = site.path("repo.git/hooks").join(name);
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, &evil).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    }
    commit(&tree, 1);
    site.push_by_another("b", "x");
    assert!(matches!(site.workspace.publish(&request(1, 9), EPOCH).unwrap(), Published::Pushed { .. }));
    tree.merge_default(&spec(2), EPOCH).unwrap();
    tree.discard().unwrap();
    assert_eq!(site.origin_file("big.bin"), pointer);
    let out = site.path("out");
    workspace::checkout(&crate::fixture::origin(site.dir.path()), None, &out).unwrap();
    assert_eq!(read(&out, "big.bin"), pointer, "bytes stay as they are");
    assert!(!mark.exists(), "something of the site ran");
}

#[test]
fn a_built_in_merge_driver_does_not_settle_a_conflict() {
    let site = Site::new();
    site.push_by_another(".gitattributes", "* merge=union\n");
    site.workspace.fetch().unwrap();
    let tree = site.thread(1);
    write(tree.path(), "package.json", "mine\n");
    commit(&tree, 1);
    site.push_by_another("package.json", "theirs\n");
    let told = site.workspace.publish(&request(1, 9), EPOCH).unwrap();
    assert_eq!(told, Published::Conflict { files: vec!["package.json".into()] });
    assert_eq!(tree.find(&message_id(9)).unwrap(), None);
    assert!(site.workspace.thread(&thread_id(1)).is_ok());
}
