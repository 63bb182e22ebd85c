//! A site's node_modules: installed once per lock file, then shared by everything that serves that site.

use crate::error::ToolchainError;
use crate::paths::ToolPaths;
use crate::pinned::{Npm, PNPM, Pinned, YARN, YARN_BERRY, failed};
use crate::progress::Progress;
use crate::store::{Claim, Slot, slot};
use crate::version::Version;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Largest file of a site that is read here, in bytes.
const LARGEST: u64 = 32 << 20;
/// What may be in a site besides its manifest and lock file, and changes what is installed.
const SETTINGS: [&str; 2] = [".npmrc", "pnpm-workspace.yaml"];

/// Which package manager a site's lock file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    NpmCi,
    NpmInstall,
    Pnpm,
    Yarn,
    YarnBerry,
}

/// What decides about a site's packages, as read from it.
struct Request {
    manager: Manager,
    /// Names and contents, in the order in which they are hashed.
    files: Vec<(&'static str, Vec<u8>)>,
}

/// Installs sites' packages. Install scripts never run.
#[derive(Clone, Debug)]
pub struct Packages {
    paths: ToolPaths,
    npm: Npm,
    node: PathBuf,
    node_version: Version,
}

impl Packages {
    pub(crate) fn new(paths: &ToolPaths, npm: Npm, node: PathBuf, node_version: Version) -> Self {
        Self { paths: paths.clone(), npm, node, node_version }
    }

    /// The node_modules directory for the site in `site_dir`, to be linked into its worktrees and only read.
    ///
    /// Found in milliseconds when the same package.json and lock file were installed before; else installed by
    /// the package manager whose lock file the site has. Callers for the same site wait for one installation.
    /// A failed one leaves nothing, and the error has the last 20 lines the package manager said.
    pub async fn ensure(&self, site_dir: &Path, progress: &dyn Progress) -> Result<PathBuf, ToolchainError> {
        let request = Request::read(site_dir)?;
        let place = match slot(self.paths.packages().join(self.key(&request))).await? {
            Slot::Ready(place) => place,
            Slot::Open(claim) => self.fill(claim, &request, progress).await?,
        };
        Ok(place.join("node_modules"))
    }

    /// The directory below which [`Packages::ensure`] puts what it installs.
    pub fn place(&self) -> PathBuf {
        self.paths.packages()
    }

    fn key(&self, request: &Request) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("node {}\n", self.node_version.0));
        for (name, content) in &request.files {
            hash.update(format!("{name} {}\n", content.len()));
            hash.update(content);
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    async fn fill(
        &self,
        claim: Claim,
        request: &Request,
        progress: &dyn Progress,
    ) -> Result<PathBuf, ToolchainError> {
        progress.step("Installing the site's packages");
        let says = format!("cannot write {}", claim.draft().display());
        let written =
            request.files.iter().try_for_each(|(name, text)| fs::write(claim.draft().join(name), text));
        // A site without dependencies has an empty one.
        written
            .and_then(|()| fs::create_dir(claim.draft().join("node_modules")))
            .map_err(ToolchainError::io(says))?;
        self.install(request.manager, claim.draft(), progress).await?;
        claim.publish()
    }

    async fn install(
        &self,
        manager: Manager,
        dir: &Path,
        progress: &dyn Progress,
    ) -> Result<(), ToolchainError> {
        let what = "the site's packages";
        match manager {
            Manager::NpmCi => self.npm.install(what, &["ci", "--ignore-scripts"], dir, progress).await,
            Manager::NpmInstall => {
                let args = ["install", "--ignore-scripts", "--no-package-lock"];
                self.npm.install(what, &args, dir, progress).await
            }
            Manager::Pnpm => {
                let mut args = vec!["install", "--frozen-lockfile", "--ignore-scripts", "--ignore-pnpmfile"];
                if !dir.join("pnpm-workspace.yaml").exists() {
                    // The workspace of a folder further up would take the installation to itself.
                    args.push("--ignore-workspace");
                }
                self.run(&PNPM, "pnpm/bin/pnpm.cjs", &args, (dir, progress)).await
            }
            Manager::Yarn => {
                let args = ["install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive"];
                self.run(&YARN, "yarn/bin/yarn.js", &args, (dir, progress)).await
            }
            Manager::YarnBerry => {
                let args = ["install", "--immutable"];
                self.run(&YARN_BERRY, "@yarnpkg/cli-dist/bin/yarn.js", &args, (dir, progress)).await
            }
        }
    }

    /// Runs another package manager, which is itself a package.
    async fn run(
        &self,
        tool: &Pinned,
        script: &str,
        args: &[&str],
        (dir, progress): (&Path, &dyn Progress),
    ) -> Result<(), ToolchainError> {
        let script = tool.ensure(&self.paths, &self.npm, progress).await?.join(script);
        let script = script.to_str().unwrap_or_default();
        let all: Vec<&str> = std::iter::once(script).chain(args.iter().copied()).collect();
        let runner = self.npm.ready().await;
        let runner = runner
            .with("CI", "true")
            .with("npm_config_store_dir", self.paths.cache("pnpm"))
            .with("npm_config_manage_package_manager_versions", "false")
            .with("YARN_CACHE_FOLDER", self.paths.cache("yarn"))
            .with("YARN_ENABLE_GLOBAL_CACHE", "false")
            .with("YARN_ENABLE_SCRIPTS", "false")
            .with("YARN_ENABLE_TELEMETRY", "false")
            .with("YARN_IGNORE_PATH", "1")
            .with("YARN_NODE_LINKER", "node-modules");
        let ran = runner.run(&self.node, &all, dir, progress).await;
        ran.map_err(|failure| failed("the site's packages", tool.name(), failure))
    }
}

impl Request {
    fn read(site: &Path) -> Result<Self, ToolchainError> {
        let manifest = file(site, "package.json")?.ok_or_else(|| ToolchainError::Site {
            path: "package.json".into(),
            source: io::Error::new(io::ErrorKind::NotFound, "is missing"),
        })?;
        let mut files = vec![("package.json", manifest)];
        let mut manager = Manager::NpmInstall;
        for name in ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"] {
            if let Some(lock) = file(site, name)? {
                manager = Manager::of(name, &lock);
                files.push((name, lock));
                break;
            }
        }
        for name in SETTINGS {
            if let Some(content) = file(site, name)? {
                files.push((name, content));
            }
        }
        Ok(Self { manager, files })
    }
}

impl Manager {
    fn of(lock_name: &str, lock: &[u8]) -> Self {
        match lock_name {
            "package-lock.json" => Self::NpmCi,
            "pnpm-lock.yaml" => Self::Pnpm,
            _ if String::from_utf8_lossy(lock).contains("\n__metadata:") => Self::YarnBerry,
            _ => Self::Yarn,
        }
    }
}

/// Reads one of a site's files. Links are refused: a site must not have us read, and show, what is not its own.
fn file(site: &Path, name: &'static str) -> Result<Option<Vec<u8>>, ToolchainError> {
    let path = site.join(name);
    let read = || match fs::symlink_metadata(&path) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
        Ok(meta) if !meta.is_file() => Err(io::Error::other("is not a file")),
        Ok(meta) if meta.len() > LARGEST => Err(io::Error::other("is larger than 32 MiB")),
        Ok(_) => fs::read(&path).map(Some),
    };
    read().map_err(|source| ToolchainError::Site { path: name.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_names_the_package_manager() {
        let dir = tempfile::tempdir().unwrap();
        let manager = || Request::read(dir.path()).map(|request| request.manager);
        assert!(matches!(manager(), Err(ToolchainError::Site { .. })));
        fs::write(dir.path().join("package.json"), "{}").unwrap();
        assert_eq!(manager().unwrap(), Manager::NpmInstall);
        fs::write(dir.path().join("yarn.lock"), "# yarn lockfile v1\n").unwrap();
        assert_eq!(manager().unwrap(), Manager::Yarn);
        fs::write(dir.path().join("yarn.lock"), "# generated\n\n__metadata:\n  version: 8\n").unwrap();
        assert_eq!(manager().unwrap(), Manager::YarnBerry);
        fs::write(dir.path().join("pnpm-lock.yaml"), "").unwrap();
        assert_eq!(manager().unwrap(), Manager::Pnpm);
        fs::write(dir.path().join("package-lock.json"), "{}").unwrap();
        assert_eq!(manager().unwrap(), Manager::NpmCi);
    }

    #[test]
    fn a_link_in_place_of_a_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("package.json")).unwrap();
        let says = Request::read(dir.path()).err().unwrap().to_string();
        assert_eq!(says, "the site's package.json: is not a file");
    }
}
