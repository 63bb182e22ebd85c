//! `cargo xtask test`: what the tests need, one build, the tests.

use crate::needs;
use crate::stage::{AWS, Stages, cargo};

/// Whatever holds tests or is started by them, the services' own programs included; no examples.
const TARGETS: &[&str] = &["--workspace", "--lib", "--bins", "--tests", "--features", AWS];

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
    // The same targets as the runner's: features then unify in the same way, and it finds everything built, the
    // programs that tests start included.
    stages.command("build", &mut cargo(&[&["build"], TARGETS].concat()))?;
    let runner: &[&str] = if has_nextest() { &["nextest", "run"] } else { &["test"] };
    let mut runner = cargo(&[runner, TARGETS, &["--no-fail-fast"]].concat());
    stages.command("tests", runner.args(args))
}

fn has_nextest() -> bool {
    cargo(&["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}
