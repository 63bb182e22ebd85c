//! Why something could not be prepared.

use std::io;
use std::path::PathBuf;

/// A preparation's failure. Its text is one line that says what is wrong and, where there is a way, what to do.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// A program of the machine is missing from PATH.
    #[error("{program} is missing; install it (Debian: `apt-get install {package}`)")]
    Missing {
        /// What was looked for.
        program: &'static str,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// There is no pinned package for this machine.
    #[error("no {tool} for this kind of machine ({arch}); {fix}")]
    Unsupported {
        /// What is needed.
        tool: &'static str,
        /// The machine's architecture.
        arch: &'static str,
        /// What helps.
        fix: &'static str,
    },
    /// The package manager refused; `says` has its last lines, at most 20.
    #[error("{what} could not be installed{hint}: {manager} said\n{says}")]
    Install {
        /// What was being installed.
        what: String,
        /// Which package manager.
        manager: &'static str,
        /// Its last lines.
        says: String,
        /// What probably helps, with a leading separator; empty when nothing is known.
        hint: &'static str,
    },
    /// An installed package lacks what it is there for.
    #[error("{what} was installed, but {} is not in it", .path.display())]
    Incomplete {
        /// The package.
        what: &'static str,
        /// The file looked for.
        path: PathBuf,
    },
    /// A site without a readable package.json, or with links where files belong.
    #[error("the site's {}: {source}", .path.display())]
    Site {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The file system or a child process.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

/// What a package manager says when the registry is out of reach, and not the lock file wrong.
const OUT_OF_REACH: [&str; 8] =
    ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOSPC", "E429", "E50"];

impl ToolchainError {
    /// Whether the site's own files are at fault, so that trying again helps nothing.
    pub fn is_the_sites(&self) -> bool {
        match self {
            Self::Site { .. } => true,
            Self::Install { says, .. } => !OUT_OF_REACH.iter().any(|code| says.contains(code)),
            _ => false,
        }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_lock_file_is_the_sites_and_a_lost_network_is_not() {
        let says = |says: &str| {
            let what = "the site's packages".to_owned();
            ToolchainError::Install { what, manager: "npm", says: says.to_owned(), hint: "" }
        };
        assert!(says("npm error code EUSAGE\nnpm error lock file is out of sync").is_the_sites());
        assert!(!says("npm error code ENOTFOUND").is_the_sites());
    }
}
