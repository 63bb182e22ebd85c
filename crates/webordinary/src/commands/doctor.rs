//! `webordinary doctor`.

use crate::cli::Up;
use crate::data::DataDir;
use anyhow::{Context, bail};
use sandbox::{Launcher, Report};
use std::io;
use toolchain::ToolPaths;
use toolchain::doctor::Finding;

/// Prints every check; fails when one does.
pub(crate) async fn run(data: &DataDir, up: &Up) -> anyhow::Result<()> {
    std::fs::create_dir_all(data.root()).with_context(|| format!("cannot make {}", data.root().display()))?;
    let launcher = Launcher::of_this_program();
    let search = std::env::var_os("PATH").unwrap_or_default();
    let paths = ToolPaths::new(data.root(), search).with_environment(|name| std::env::var_os(name));
    // A running product has the ports itself.
    let running = data.ready().exists();
    let ports = if running { Vec::new() } else { vec![up.http, up.smtp, up.site, up.ecs] };
    let confined = Launcher::of_this_program().protected(up.sandbox, &data.self_test()).await;
    let mut findings = toolchain::doctor::examine(&paths, &launcher, &ports).await;
    findings.push(sandbox(confined.map(|(_, report)| report)));
    for finding in &findings {
        let mark = if finding.ok { "ok  " } else { "FAIL" };
        println!("{mark}  {:<16} {}", finding.name, finding.says);
        if !finding.fix.is_empty() {
            println!("      {:<16} → {}", "", finding.fix);
        }
    }
    match findings.iter().filter(|f| !f.ok).count() {
        0 => Ok(()),
        1 => bail!("one thing is to be mended"),
        n => bail!("{n} things are to be mended"),
    }
}

/// What confines site code and the agent. Too little is a fault only where it is required.
fn sandbox(report: io::Result<Report>) -> Finding {
    let (ok, says, fix) = match report {
        Ok(report) if report.is_enough() => (true, report.to_string(), ""),
        Ok(report) => (true, report.to_string(), Report::ADVICE),
        Err(error) => (false, error.to_string(), Report::ADVICE),
    };
    Finding { name: "sandbox".to_owned(), ok, says, fix: fix.to_owned() }
}
