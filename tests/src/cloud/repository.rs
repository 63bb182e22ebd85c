//! Repositories of sites, made anew for each fleet.

use crate::git::Git;
use std::path::Path;

/// The demo site as a bare repository.
pub(super) fn demo_repository(bare: &Path) -> Git {
    let work = bare.with_extension("work");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/webordinary/demo-site"), &work);
    let tree = Git::at(&work);
    tree.run(&["init", "--quiet", "--initial-branch=main"]);
    tree.run(&["add", "--all"]);
    tree.run(&["commit", "--quiet", "--message", "Bake the first site"]);
    tree.run(&["clone", "--quiet", "--bare", ".", bare.to_str().expect("UTF-8")]);
    Git::at(bare)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the demo site").flatten() {
        let name = entry.file_name();
        if ["node_modules", "dist", ".astro"].iter().any(|left| name == *left) {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            std::fs::copy(entry.path(), to.join(name)).expect("a file of the demo site");
        }
    }
}
