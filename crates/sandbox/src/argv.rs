//! How the launcher's stages tell each other what to do: words on the command line.

use crate::spec::Limits;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

/// First argument of the process that watches over a child. Then: the lifeline's number, limits, `--`, the program.
pub(crate) const SUPERVISE: &str = "launch-supervise";
/// First argument of the process that becomes the child. Then: the supervisor's id, limits, `--`, the program.
pub(crate) const CONFINE: &str = "launch-child";

/// What follows the stage's name and its number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) limits: Limits,
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
}

/// The words for `limits`, up to and including `--`.
pub(crate) fn words(limits: &Limits) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.push(name.into());
            words.push(value.into());
        }
    };
    add("--open-files", limits.open_files.map(|n| n.to_string()));
    add("--file-size", limits.file_size.map(|n| n.to_string()));
    add("--cpu-seconds", limits.cpu_time.map(|time| time.as_secs().max(1).to_string()));
    add("--nice", limits.nice.map(|n| n.to_string()));
    words.push("--".into());
    words
}

/// Reads what [`words`], the program and its arguments made.
pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Order, String> {
    let mut words = words.into_iter();
    let mut limits = Limits { open_files: None, file_size: None, cpu_time: None, nice: None };
    loop {
        let name = words.next().ok_or("no -- in the order")?;
        if name == "--" {
            break;
        }
        let value = words.next().ok_or("a limit without its value")?;
        match name.to_str() {
            Some("--open-files") => limits.open_files = Some(number(&value)?),
            Some("--file-size") => limits.file_size = Some(number(&value)?),
            Some("--cpu-seconds") => limits.cpu_time = Some(Duration::from_secs(number(&value)?)),
            Some("--nice") => limits.nice = Some(number(&value)?),
            _ => return Err(format!("unknown limit {}", name.display())),
        }
    }
    let program = words.next().ok_or("no program in the order")?;
    Ok(Order { limits, program, args: words.collect() })
}

/// Reads a number off the command line.
pub(crate) fn number<T: std::str::FromStr>(word: &OsStr) -> Result<T, String> {
    word.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| format!("{} is not the number expected", word.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let limits = Limits {
            open_files: Some(9),
            file_size: Some(u64::MAX),
            cpu_time: Some(Duration::from_secs(3)),
            nice: Some(-2),
        };
        let mut all = words(&limits);
        all.extend(["/bin/echo", "--", "--nice"].map(OsString::from));
        let order = read(all).unwrap();
        assert_eq!(order.limits, limits);
        assert_eq!(order.program, "/bin/echo");
        assert_eq!(order.args, ["--", "--nice"]);
    }

    #[test]
    fn an_order_that_is_cut_short_is_refused() {
        assert!(read(["--nice".into()]).is_err());
        assert!(read(["--".into()]).is_err());
        assert!(read(["--colour".into(), "red".into(), "--".into(), "x".into()]).is_err());
    }
}
