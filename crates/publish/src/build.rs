//! The site's own build, run as a child that holds no secret.

use crate::log;
use crate::packages;
use crate::place::{Base, Built, place};
use crate::walk::{WalkError, walk};
use sandbox::{Launcher, Spec};
use serde::Deserialize;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::process::Output;
use std::time::Duration;

/// Longest build.
pub const BUILD_MAX: Duration = Duration::from_mins(10);
/// The program that runs the build, and what it puts before its last words.
const WRAPPER: &str = include_str!("../wrapper/build.mjs");
const TAG: &str = "webordinary:built ";
/// Heap of the build's JavaScript, in MiB.
const HEAP_MIB: u32 = 1024;

/// Why there is no built site.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The site's own fault: the words are for its owner and for the operator.
    #[error("{0}")]
    Site(String),
    /// This machine's fault; may work when tried again.
    #[error("cannot build here: {0}")]
    Machine(#[from] io::Error),
}

/// Builds sites.
///
/// Checkouts and shared packages must lie under one directory other than `/`: Astro takes a path that has no part in
/// common with the site's for one inside the site, and then sites that use its components (`ClientRouter`) fail.
#[derive(Clone, Debug)]
pub struct Builder {
    /// Starts the child.
    pub launcher: Launcher,
    /// The Node program, as an absolute path.
    pub node: PathBuf,
    /// The child's `PATH`.
    pub path_env: OsString,
    /// Longest build; [`BUILD_MAX`] unless a test wants less.
    pub limit: Duration,
}

impl Builder {
    /// Builds the site in `checkout` with the packages in `shared`. `scratch` becomes the child's home and
    /// temporary directory; what it keeps there makes the next build of the same site faster. Dropping the call ends the
    /// build.
    pub async fn build(&self, checkout: &Path, shared: &Path, scratch: &Path) -> Result<Built, BuildError> {
        let checkout = checkout.canonicalize()?;
        let (wrapper, program) = {
            let (checkout, shared, scratch) = (checkout.clone(), shared.to_owned(), scratch.to_owned());
            blocking(move || prepare(&checkout, &shared, &scratch)).await??
        };
        let output = self.run(&checkout, [&wrapper, &program], scratch, shared).await?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let said = if stderr.trim().is_empty() { &*stdout } else { &*stderr };
            return Err(BuildError::Site(log::short(said)));
        }
        blocking(move || collect(&checkout, &said(&stdout)?)).await?
    }

    async fn run(
        &self,
        checkout: &Path,
        programs: [&Path; 2],
        scratch: &Path,
        shared: &Path,
    ) -> Result<Output, BuildError> {
        let spec = Spec::new(&self.node, checkout)
            .args(programs)
            .arg("build")
            .env("PATH", &self.path_env)
            .env("HOME", scratch)
            .env("TMPDIR", scratch)
            .env("LANG", "C.UTF-8")
            .env("CI", "1")
            .env("NO_COLOR", "1")
            .env("ASTRO_TELEMETRY_DISABLED", "1")
            .env("NODE_OPTIONS", format!("--max-old-space-size={HEAP_MIB}"))
            .reads(shared.canonicalize()?)
            .writes(checkout)
            .writes(scratch.canonicalize()?);
        match self.launcher.spawn(&spec)?.output(self.limit).await {
            Ok(output) => Ok(output),
            Err(err) if err.kind() == io::ErrorKind::TimedOut => {
                let says = format!("The build did not end within {} seconds.", self.limit.as_secs());
                Err(BuildError::Site(says))
            }
            Err(err) => Err(err.into()),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BuildError> {
    tokio::task::spawn_blocking(work).await.map_err(|err| BuildError::Machine(io::Error::other(err)))
}

/// Links the packages, writes our program, and finds the one that Astro's own package.json names.
fn prepare(checkout: &Path, shared: &Path, scratch: &Path) -> Result<(PathBuf, PathBuf), BuildError> {
    std::fs::create_dir_all(scratch)?;
    let wrapper = scratch.canonicalize()?.join("build.mjs");
    put_anew(&wrapper, WRAPPER)?;
    if !share_a_directory(checkout, &shared.canonicalize()?) {
        tracing::warn!(checkout = %checkout.display(), packages = %shared.display(), "no directory in common: some sites will fail");
    }
    packages::link(shared, checkout)?;
    keep_pictures(checkout, scratch)?;
    let package = checkout.join("node_modules/astro");
    let no_astro = || BuildError::Site("The site does not have Astro among its packages.".to_owned());
    let text = std::fs::read_to_string(package.join("package.json")).map_err(|_| no_astro())?;
    let bin = astro_bin(&text).ok_or_else(no_astro)?;
    Ok((wrapper, package.join(bin)))
}

/// Writes a file of our own where an earlier build may have left anything, such as a link to somewhere else.
fn put_anew(file: &Path, text: &str) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    io::Write::write_all(&mut std::fs::File::create_new(file)?, text.as_bytes())
}

/// Lets Astro keep the pictures that it makes in `scratch`, where a later build finds them: each takes seconds.
fn keep_pictures(checkout: &Path, scratch: &Path) -> io::Result<()> {
    let (pictures, cache) = (scratch.canonicalize()?.join("pictures"), checkout.join("node_modules/.astro"));
    std::fs::create_dir_all(&pictures)?;
    std::fs::create_dir_all(&cache)?;
    std::os::unix::fs::symlink(pictures, cache.join("assets"))
}

fn share_a_directory(a: &Path, b: &Path) -> bool {
    a.components().nth(1) == b.components().nth(1)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bin {
    One(PathBuf),
    Named { astro: PathBuf },
}

#[derive(Deserialize)]
struct Package {
    bin: Bin,
}

fn astro_bin(package_json: &str) -> Option<PathBuf> {
    let package: Package = serde_json::from_str(package_json).ok()?;
    let (Bin::One(path) | Bin::Named { astro: path }) = package.bin;
    let inside = path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    inside.then_some(path)
}

/// What the build says at its end. The site's code ran in the same process, so it may be anything.
#[derive(Debug, Deserialize)]
struct Said {
    base: String,
    dir: PathBuf,
    output: String,
}

fn said(stdout: &str) -> Result<Said, BuildError> {
    let last = stdout.lines().rev().find_map(|line| line.strip_prefix(TAG));
    let said = last.and_then(|json| serde_json::from_str(json).ok());
    said.ok_or_else(|| BuildError::Site("The build ended early, without an error.".to_owned()))
}

/// Reads what was built. The child has ended with all its descendants, so nothing changes under our hands.
fn collect(checkout: &Path, said: &Said) -> Result<Built, BuildError> {
    let site = |says: String| BuildError::Site(says);
    if said.output != "static" {
        let says = "The site is set up for rendering on a server (output: 'server'). Only static sites can be published.";
        return Err(site(says.to_owned()));
    }
    let base = Base::parse(&said.base).ok_or_else(|| {
        let named: String = said.base.chars().filter(|c| !c.is_control()).take(80).collect();
        site(format!("The site cannot be published under its base ({named})."))
    })?;
    let none = |_| site("The build ended well but left no files.".to_owned());
    let dist = checkout.join(&said.dir).canonicalize().map_err(none)?;
    let inside = dist.strip_prefix(checkout).is_ok_and(|p| p.components().next().is_some());
    if !inside || dist.starts_with(checkout.join("node_modules")) {
        return Err(site(
            "The site is built into a directory outside of its repository (outDir).".to_owned(),
        ));
    }
    match walk(&dist).and_then(|files| place(&dist, files, &base)) {
        Ok(built) => Ok(built),
        Err(WalkError::Io(err)) => Err(err.into()),
        Err(err) => Err(site(format!("The built site cannot be published: {err}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Content;
    use std::fs;

    #[test]
    fn the_program_is_what_the_package_names() {
        assert_eq!(astro_bin(r#"{"bin":"./astro.js"}"#), Some("./astro.js".into()));
        assert_eq!(astro_bin(r#"{"bin":{"astro":"bin/astro.mjs","x":"y"}}"#), Some("bin/astro.mjs".into()));
        assert_eq!(astro_bin(r#"{"bin":{"astro":"../../x"}}"#), None);
        assert_eq!(astro_bin(r#"{"bin":"/bin/sh"}"#), None);
        assert_eq!(astro_bin("{}"), None);
    }

    #[test]
    fn only_a_directory_inside_the_checkout_is_collected() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("site");
        fs::create_dir_all(root.join("dist")).unwrap();
        fs::write(root.join("dist/index.html"), "hi").unwrap();
        fs::create_dir_all(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/index.html"), "hi").unwrap();
        let built = |dir: &str| {
            let said = Said { base: "/".to_owned(), dir: dir.into(), output: "static".to_owned() };
            collect(&root, &said)
        };
        let whole = built(&format!("{}/dist/", root.display())).unwrap();
        assert_eq!(whole.manifest.files.len(), 1);
        assert_eq!(whole.contents["index.html"], Content::File(root.join("dist/index.html")));
        for bad in ["../out", "/etc", ".", "nowhere"] {
            assert!(matches!(built(bad), Err(BuildError::Site(_))), "{bad}");
        }
        std::os::unix::fs::symlink(dir.path().join("out"), root.join("led-out")).unwrap();
        assert!(matches!(built("led-out"), Err(BuildError::Site(_))));
        for (base, output) in [("/../x", "static"), ("/", "server")] {
            let said = Said { base: base.to_owned(), dir: "dist".into(), output: output.to_owned() };
            assert!(matches!(collect(&root, &said), Err(BuildError::Site(_))), "{said:?}");
        }
    }

    #[test]
    fn a_link_that_a_build_left_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, theirs) = (dir.path().join("ours"), dir.path().join("build.mjs"));
        fs::write(&ours, "kept").unwrap();
        std::os::unix::fs::symlink(&ours, &theirs).unwrap();
        put_anew(&theirs, "program").unwrap();
        assert_eq!(fs::read_to_string(&ours).unwrap(), "kept");
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "program");
    }

    #[test]
    fn the_last_words_of_a_build_count() {
        let line =
            |base: &str| format!("{TAG}{{\"base\":\"{base}\",\"dir\":\"/d\",\"output\":\"static\"}}\n");
        assert_eq!(said(&format!("{}noise\n{}", line("/a"), line("/b"))).unwrap().base, "/b");
        for bad in ["", "noise", &format!("{TAG}{{}}"), &format!("x {}", line("/a"))] {
            assert!(matches!(said(bad), Err(BuildError::Site(_))), "{bad}");
        }
    }
}
