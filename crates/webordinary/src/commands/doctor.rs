//! `webordinary doctor`.

use crate::cli::Up;
use crate::data::DataDir;
use anyhow::{Context, bail};
use sandbox::Launcher;
use toolchain::ToolPaths;

/// Prints every check; fails when one does.
pub(crate) async fn run(data: &DataDir, up: &Up) -> anyhow::Result<()> {
    std::fs::create_dir_all(data.root()).with_context(|| format!("cannot make {}", data.root().display()))?;
    let launcher = Launcher::of_this_program();
    let search = std::env::var_os("PATH").unwrap_or_default();
    let paths = ToolPaths::new(data.root(), search).with_environment(|name| std::env::var_os(name));
    // A running product has the ports itself.
    let running = data.ready().exists();
    let ports = if running { Vec::new() } else { vec![up.http, up.smtp, up.site, up.ecs] };
    let findings = toolchain::doctor::examine(&paths, &launcher, &ports).await;
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
