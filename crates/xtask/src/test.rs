//! `cargo xtask test`: what the tests need, one build, the tests.

use crate::needs;
use crate::stage::{Stages, cargo};

/// Runs the tests; `args` go to the runner (cargo-nextest when it is installed, else `cargo test`).
pub(crate) fn run(args: &[String]) -> anyhow::Result<()> {
    let mut stages = Stages::default();
    tests(&mut stages, args)?;
    stages.print();
    Ok(())
}

/// The stages of it, as `ci` uses them too.
pub(crate) fn tests(stages: &mut Stages, args: &[String]) -> anyhow::Result<()> {
    stages.step("needs", || needs::ensure(needs::TESTS))?;
    // The same targets as the runner builds, and the programs that tests start: features then unify in the same
    // way, and the runner finds everything built.
    stages.command("build", &mut cargo(&["build", "--workspace", "--all-targets"]))?;
    // What npm installs for tests is kept in target/; a test never waits for a download of another's.
    let mut runner = if has_nextest() {
        cargo(&["nextest", "run", "--workspace", "--all-targets", "--no-fail-fast"])
    } else {
        cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"])
    };
    stages.command("tests", runner.args(args))
}

fn has_nextest() -> bool {
    cargo(&["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}
