//! `cargo xtask aws-demo`: the fleet on an AWS stand-in on loopback, shown.

use crate::needs;
use crate::stage::{SERVICES, cargo};
use anyhow::ensure;

/// Builds, and runs it until Ctrl-C; `args` go to it (`--once` ends it by itself).
pub(crate) fn run(args: &[String]) -> anyhow::Result<()> {
    needs::ensure(needs::TESTS)?;
    ensure!(cargo(&[&["build"], SERVICES].concat()).status()?.success(), "the services were not built");
    let mut show = cargo(&["run", "--package", "fleet-tests", "--example", "aws-demo", "--"]);
    ensure!(show.args(args).status()?.success(), "the demonstration failed");
    Ok(())
}
