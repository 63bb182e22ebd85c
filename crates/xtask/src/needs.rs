//! Programs that the tests and benches need beside the Rust toolchain; as root on Debian they are installed.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program, where it may be, and how to get it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    name: &'static str,
    /// Names on the `PATH`; any of them will do.
    programs: &'static [&'static str],
    /// The variable that may name the program instead.
    variable: Option<&'static str>,
    /// The Debian package, when this may install it.
    package: Option<&'static str>,
    /// What to do about it, as it reads after "NAME is missing: ".
    advice: &'static str,
}

/// What the tests need.
pub(crate) const TESTS: &[Need] = &[
    Need {
        name: "git",
        programs: &["git"],
        variable: None,
        package: None,
        advice: "install git (apt-get install git)",
    },
    Need {
        name: "npm",
        programs: &["npm"],
        variable: None,
        package: None,
        advice: "install Node.js with npm (https://nodejs.org, or apt-get install nodejs npm)",
    },
    Need {
        name: "python3",
        programs: &["python3"],
        variable: None,
        package: Some("python3"),
        advice: "run `apt-get install python3` as root",
    },
    Need {
        name: "curl",
        programs: &["curl"],
        variable: None,
        package: Some("curl"),
        advice: "run `apt-get install curl` as root",
    },
    Need {
        name: "kill",
        programs: &["kill"],
        variable: None,
        package: Some("procps"),
        advice: "run `apt-get install procps` as root",
    },
    Need {
        name: "bubblewrap",
        programs: &["bwrap"],
        variable: None,
        package: Some("bubblewrap"),
        advice: "run `apt-get install bubblewrap` as root",
    },
    Need {
        name: "setpriv",
        programs: &["setpriv"],
        variable: None,
        package: Some("util-linux"),
        advice: "run `apt-get install util-linux` as root",
    },
    Need {
        name: "the AWS CLI",
        programs: &["aws"],
        variable: None,
        package: Some("awscli"),
        advice: "run `apt-get install awscli` as root",
    },
    Need {
        name: "Chromium",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        variable: Some("CHROMIUM"),
        package: Some("chromium"),
        advice: "run `apt-get install chromium` as root, or set CHROMIUM to the path of one",
    },
];

/// What the bench of the proxy is compared with.
pub(crate) const PROXIES: &[Need] = &[
    Need {
        name: "nginx",
        programs: &["nginx"],
        variable: None,
        package: Some("nginx-light"),
        advice: "run `apt-get install nginx-light` as root",
    },
    Need {
        name: "haproxy",
        programs: &["haproxy"],
        variable: None,
        package: Some("haproxy"),
        advice: "run `apt-get install haproxy` as root",
    },
];

/// Makes sure that all of `needs` are there. Says in one line what is missing and how to get it.
pub(crate) fn ensure(needs: &[Need]) -> anyhow::Result<()> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !present(need)).collect();
    let packages: Vec<&str> = missing.iter().filter_map(|need| need.package).collect();
    // What nothing can be done about is told before anything is installed.
    let beyond: Vec<Need> =
        missing.iter().copied().filter(|need| need.package.is_none() || !may_install()).collect();
    if !beyond.is_empty() {
        bail!("{}", told(&beyond));
    }
    if packages.is_empty() {
        return Ok(());
    }
    eprintln!("xtask: installing {} …", packages.join(" "));
    apt_get(&["update", "-q"])?;
    apt_get(&[&["install", "-q", "-y", "--no-install-recommends"], &packages[..]].concat())?;
    let missing: Vec<Need> = missing.into_iter().filter(|need| !present(need)).collect();
    if missing.is_empty() { Ok(()) } else { bail!("{}", told(&missing)) }
}

fn told(missing: &[Need]) -> String {
    let each: Vec<String> =
        missing.iter().map(|need| format!("{} is missing: {}", need.name, need.advice)).collect();
    each.join("; ")
}

fn present(need: &Need) -> bool {
    need.variable.and_then(std::env::var_os).is_some_and(|path| Path::new(&path).exists())
        || need.programs.iter().any(|program| find(program).is_some())
}

/// A program on the `PATH`, or where Debian keeps daemons.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/bin".into(), "/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

fn may_install() -> bool {
    let user = Command::new("id").arg("-u").output();
    user.is_ok_and(|user| user.stdout.trim_ascii() == b"0") && find("apt-get").is_some()
}

fn apt_get(args: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .context("apt-get cannot be run")?;
    if status.success() { Ok(()) } else { bail!("apt-get {} failed ({status})", args.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::{Need, find, present, told};

    const NOTHING: Need = Need {
        name: "Nothing",
        programs: &["no-such-program-anywhere"],
        variable: None,
        package: None,
        advice: "make it",
    };

    #[test]
    fn what_is_missing_is_told_in_one_line() {
        assert!(!present(&NOTHING) && find("sh").is_some());
        assert_eq!(told(&[NOTHING, NOTHING]), "Nothing is missing: make it; Nothing is missing: make it");
    }
}
