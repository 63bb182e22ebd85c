//! A thousand kills at random, in rounds: each must lose nothing and double nothing. A run that is broken off goes on where
//! it was.

use super::folder;
use super::report::{Report, Target};
use crate::stage::cargo;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

const KILLS: u64 = 1_000;
const ROUND: u64 = 50;
const TEST: &str = "at_random::kills_at_random_lose_nothing_and_double_nothing";

pub(super) fn run() -> anyhow::Result<Report> {
    let path = folder().join("kills-so-far.json");
    let so_far: Value =
        fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let mut done = so_far["kills"].as_u64().unwrap_or_default();
    let mut seconds = so_far["seconds"].as_f64().unwrap_or_default();
    while done < KILLS {
        let began = Instant::now();
        let status = cargo(&[
            "test",
            "-q",
            "-p",
            "fleet-tests",
            "--test",
            "crash",
            "--",
            "--exact",
            TEST,
            "--nocapture",
        ])
        .env("WEBORDINARY_KILLS", ROUND.to_string())
        .status()
        .context("the test cannot be run")?;
        ensure!(status.success(), "after {done} kills a round failed; its seed is printed above");
        done += ROUND;
        seconds += began.elapsed().as_secs_f64();
        fs::write(&path, json!({ "kills": done, "seconds": seconds }).to_string())?;
        eprintln!("xtask: {done} of {KILLS} kills");
    }
    fs::remove_file(&path)?;
    let mut report = Report::new(
        "Kills at random: nothing lost, no answer and no commit twice, no orphan, git fsck clean",
    );
    // A round that breaks any of it ends the bench.
    report.judged("kills survived", (f64::from(u32::try_from(done)?), ""), Target::AtLeast(1000.0));
    report.figure("in all", seconds, "s");
    Ok(report)
}
