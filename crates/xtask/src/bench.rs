//! `cargo xtask bench`: figures of the release build, each beside what it is to be compared with.

mod aws;
mod claude;
mod crowd;
mod edit;
mod interrupt;
mod kills;
mod load;
mod mail;
mod process;
mod product;
mod proxy;
mod queue;
mod recorder;
mod report;
mod start;
mod turn;
mod wake;

use crate::stage::{cargo, root};
use anyhow::{Context, bail, ensure};
use report::Report;
use std::path::PathBuf;

type Bench = fn() -> anyhow::Result<Report>;

const ALL: &[(&str, Bench)] = &[
    ("start", start::run),
    ("turn", turn::run),
    ("interrupt", interrupt::run),
    ("edit", edit::run),
    ("wake", wake::run),
    ("crowd", crowd::run),
    ("queue", queue::run),
    ("proxy", proxy::run),
    ("aws", aws::run),
    ("kills", kills::run),
];

/// Runs only when it is named: it takes half an hour.
const LONG: &str = "kills";

/// Runs the benches named (all but the long one when none is), prints their tables, and writes `target/bench/NAME.json`.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = names.iter().find(|name| !ALL.iter().any(|(known, _)| known == name)) {
        let known: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no bench {unknown}; there are {}", known.join(", "));
    }
    build()?;
    std::fs::create_dir_all(folder())?;
    let wanted = |name: &str| if names.is_empty() { name != LONG } else { names.iter().any(|n| n == name) };
    let chosen = ALL.iter().filter(|(name, _)| wanted(name));
    for (name, bench) in chosen {
        let report = bench().with_context(|| format!("the bench {name} failed"))?;
        println!("{report}");
        let path = folder().join(format!("{name}.json"));
        std::fs::write(&path, format!("{:#}\n", report.json()))?;
    }
    println!("The figures are in {}.", folder().display());
    Ok(())
}

/// One build of everything that is measured, so that features unify once.
fn build() -> anyhow::Result<()> {
    eprintln!("xtask: building for release …");
    let packages = ["-p", "webordinary", "-p", "embedded", "-p", "preview", "-p", "hermes", "-p", "xtask"];
    let mut build = cargo(&["build", "--release", "--bins", "--examples"]);
    let status = build.args(packages).arg("-p").arg("sandbox").status()?;
    ensure!(status.success(), "the release build failed");
    Ok(())
}

/// Where figures and data of the benches are kept.
fn folder() -> PathBuf {
    target().join("bench")
}

/// A program of the release build, such as `webordinary` or `examples/queue_bench`.
fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}
