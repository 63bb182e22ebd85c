//! Who still runs on behalf of a data directory.

use std::fs;
use std::path::Path;

/// A running process that names the data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its id.
    pub pid: i32,
    /// Its command line, shortened.
    pub command: String,
}

/// All processes whose command line, environment or working directory names `data`.
pub fn of(data: &Path) -> Vec<Running> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| running(pid, data)).collect()
}

/// Those of them whose command line holds `word`.
pub fn with(data: &Path, word: &str) -> Vec<Running> {
    of(data).into_iter().filter(|process| process.command.contains(word)).collect()
}

fn running(pid: i32, data: &Path) -> Option<Running> {
    let dir = Path::new("/proc").join(pid.to_string());
    // A zombie does nothing any more, and has no command line.
    let command = fs::read(dir.join("cmdline")).ok().filter(|line| !line.is_empty())?;
    let environment = fs::read(dir.join("environ")).unwrap_or_default();
    let inside = fs::read_link(dir.join("cwd")).is_ok_and(|cwd| cwd.starts_with(data));
    let name = data.to_str()?.as_bytes();
    if !inside && !holds(&command, name) && !holds(&environment, name) {
        return None;
    }
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    Some(Running { pid, command: command.chars().take(400).collect() })
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
