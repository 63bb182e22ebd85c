//! From an edit of a CSS file in a previewed worktree to what a browser shows, beside bare `astro dev`.

use super::mail::{result, send};
use super::process::Running;
use super::product::Product;
use super::report::{Report, median};
use super::{folder, program};
use crate::needs;
use anyhow::{Context, bail, ensure};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const CSS: &str = "src/styles/global.css";
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn run() -> anyhow::Result<Report> {
    needs::ensure(needs::TESTS)?;
    let product = Product::start(&[])?;
    let sent =
        send(product.smtp(), "edit@demo.localhost", "replace \"We close at 6\" with \"We close at 5\"")?;
    let answer = result(&product.data.join("outbox"), &sent)?;
    let link = answer.text.split_whitespace().find(|word| word.contains("/session/"));
    let link = link.context("the answer has no preview link")?;
    let css = product.find(&format!("/{CSS}"))?;
    let previewed = browse(link, &css)?;
    let node = product.tool("/bin/node")?;
    let copy = copy_of(&css)?;
    drop(product);
    let (address, _server) = astro(&node, &copy)?;
    let bare = browse(&format!("http://{address}/"), &copy.join(CSS))?;
    let mut report = Report::new("Edit of a CSS file → the browser shows it");
    let reference = median(&bare);
    report.figure(format!("bare astro dev, median of {ROUNDS}"), reference, "ms");
    report.compared(
        format!("WebOrdinary's preview, median of {ROUNDS}"),
        (median(&previewed), "ms"),
        reference,
    );
    Ok(report)
}

/// Milliseconds of each edit until the page at `url` shows it.
fn browse(url: &str, css: &Path) -> anyhow::Result<Vec<f64>> {
    let output = Command::new(program("examples/edits"))
        .arg(url)
        .arg(css)
        .arg(ROUNDS.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the browser saw no edit at {url}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The site of the worktree that `css` lies in, with the same packages, in a folder of its own.
pub(super) fn copy_of(css: &Path) -> anyhow::Result<PathBuf> {
    let worktree = css.ancestors().nth(3).context("no worktree")?;
    let copy = folder().join("site");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    let modules = fs::canonicalize(worktree.join("node_modules"))?;
    for entry in fs::read_dir(worktree)? {
        let entry = entry?;
        if ![".git", ".astro", "node_modules"].iter().any(|name| entry.file_name() == *name) {
            let status = Command::new("cp").arg("-r").arg(entry.path()).arg(&copy).status()?;
            ensure!(status.success(), "the site cannot be copied");
        }
    }
    symlink(modules, copy.join("node_modules"))?;
    Ok(copy)
}

pub(super) fn astro(node: &Path, site: &Path) -> anyhow::Result<(String, Running)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let address = format!("127.0.0.1:{port}");
    let child = Command::new(node)
        .args(["node_modules/astro/bin/astro.mjs", "dev", "--host", "127.0.0.1", "--port", &port.to_string()])
        .current_dir(site)
        .env("ASTRO_TELEMETRY_DISABLED", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let server = Running(child);
    let until = Instant::now() + PATIENCE;
    while TcpStream::connect(&address).is_err() {
        if Instant::now() > until {
            bail!("astro dev does not listen");
        }
        sleep(Duration::from_millis(50));
    }
    Ok((address, server))
}
