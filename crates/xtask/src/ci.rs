//! `cargo xtask ci`: everything that must hold before a change is taken.

use crate::stage::{Stages, cargo};
use crate::{test, tidy};

/// Runs all stages; the first that fails ends it. The quick ones come first.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut stages = Stages::default();
    stages.command("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    stages.step("tidy", tidy::run)?;
    stages.command(
        "clippy",
        &mut cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]),
    )?;
    let mut doc = cargo(&["doc", "--workspace", "--all-features", "--no-deps", "--document-private-items"]);
    stages.command("doc", doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    test::tests(&mut stages, &[])?;
    stages.print();
    Ok(())
}
