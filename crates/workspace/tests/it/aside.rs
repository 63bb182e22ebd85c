//! Work that is set aside and brought back.

use crate::fixture::{EPOCH, Site, commit, message_id, read, spec, write};
use domain::Epoch;
use std::path::PathBuf;
use workspace::{BroughtBack, ErrorKind};

const ABOUT: &str = "src/pages/about.astro";

#[test]
fn what_is_set_aside_leaves_the_files_and_comes_back_on_top_of_what_came_since() {
    let site = Site::new();
    let tree = site.thread(1);
    write(tree.path(), ABOUT, "<h1>About</h1>\nwe sell stamps\nsince 1970\nin Bern\n");
    write(tree.path(), "src/pages/new.astro", "new\n");
    let kept = tree.set_aside(&spec(1), &message_id(1), EPOCH).unwrap();
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(read(tree.path(), ABOUT).contains("in Basel"));
    assert!(!tree.path().join("src/pages/new.astro").exists());
    assert!(tree.changes().unwrap().is_empty());

    write(tree.path(), "src/pages/index.astro", "<h1>Welcome</h1>\n");
    commit(&tree, 2);
    tree.hand_on(&message_id(1), &message_id(9)).unwrap();
    tree.hand_on(&message_id(7), &message_id(8)).unwrap();
    assert_eq!(tree.bring_back(&message_id(8)).unwrap(), BroughtBack::Nothing);
    assert_eq!(tree.bring_back(&message_id(9)).unwrap(), BroughtBack::Ready);
    assert!(read(tree.path(), ABOUT).contains("in Bern"));
    assert!(read(tree.path(), "src/pages/index.astro").contains("Welcome"));
    let changed: Vec<PathBuf> = tree.changes().unwrap().into_iter().map(|change| change.path).collect();
    assert_eq!(changed, [PathBuf::from(ABOUT), PathBuf::from("src/pages/new.astro")]);
    commit(&tree, 3);
    assert_eq!(tree.bring_back(&message_id(1)).unwrap(), BroughtBack::Nothing, "the branch has it all");
    site.fsck();
}

#[test]
fn nothing_and_a_conflict_are_said_and_change_nothing() {
    let site = Site::new();
    let tree = site.thread(1);
    assert!(tree.set_aside(&spec(1), &message_id(1), EPOCH).unwrap().is_empty());
    assert_eq!(tree.bring_back(&message_id(1)).unwrap(), BroughtBack::Nothing);
    write(tree.path(), "src/pages/index.astro", "<h1>One</h1>\n");
    tree.set_aside(&spec(2), &message_id(2), EPOCH).unwrap();
    write(tree.path(), "src/pages/index.astro", "<h1>Two</h1>\n");
    commit(&tree, 3);
    let BroughtBack::Conflict { files } = tree.bring_back(&message_id(2)).unwrap() else {
        panic!("no conflict")
    };
    assert_eq!(files, [PathBuf::from("src/pages/index.astro")]);
    assert!(tree.changes().unwrap().is_empty());
    let lost = tree.set_aside(&spec(4), &message_id(4), Epoch(2)).unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::LeaseLost);
}
