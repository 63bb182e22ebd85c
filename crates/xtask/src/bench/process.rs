//! What Linux knows about a process: its CPU time, its memory, its children.

use anyhow::Context;
use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Ticks per second of the times in /proc: what every Linux of today tells user space.
const TICKS: f64 = 100.0;

/// A child that is asked to end when it is dropped, and made to when it does not.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(None)) {
            return;
        }
        // An end that cannot be arranged leaves a process behind, and nothing else to do about it.
        let _ = Command::new("kill").args(["-INT", &self.id().to_string()]).status();
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Seconds of CPU that a process has used.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<f64> {
    let fields = stat(pid)?;
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    // utime and stime are fields 14 and 15; `fields` begins with the third.
    Ok((ticks(11) + ticks(12)) / TICKS)
}

/// Seconds of CPU of a process and of all that it started.
pub(crate) fn cpu_of_family(pid: u32) -> anyhow::Result<f64> {
    family(pid).into_iter().map(cpu).sum()
}

/// A process and all that it started.
fn family(pid: u32) -> Vec<u32> {
    [vec![pid], descendants(pid)].concat()
}

/// Megabytes of memory of a process, its children left out.
pub(crate) fn rss(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}

/// Megabytes of memory of a process and of all that it started, shared pages counted with each.
pub(crate) fn rss_of_family(pid: u32) -> f64 {
    // One may end between the list and the look.
    family(pid).into_iter().filter_map(|pid| rss(pid).ok()).sum()
}

/// All processes that `pid` started, and those that they did.
pub(crate) fn descendants(pid: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(fields) = stat(child) else { continue };
        if let Some(parent) = fields.get(1).and_then(|field| field.parse().ok()) {
            children.entry(parent).or_default().push(child);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![pid];
    while let Some(parent) = next.pop() {
        let of_it = children.remove(&parent).unwrap_or_default();
        next.extend(&of_it);
        found.extend(of_it);
    }
    found
}

/// The fields of /proc/PID/stat from the state on.
fn stat(pid: u32) -> anyhow::Result<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("an unknown format of /proc/PID/stat")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{cpu, descendants, rss};

    #[test]
    fn this_process_is_known() {
        let me = std::process::id();
        assert!(cpu(me).unwrap() >= 0.0);
        assert!(rss(me).unwrap() > 0.5);
        assert!(!descendants(me).contains(&me));
    }
}
