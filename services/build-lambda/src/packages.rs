//! Sites' packages from the toolchain's cache.

use async_trait::async_trait;
use publish::{Packages, PackagesError};
use std::path::{Path, PathBuf};
use toolchain::{Silent, ToolchainError};

/// Installs what a site's lock file names, once, and shares it.
#[derive(Clone, Debug)]
pub struct NpmPackages(pub toolchain::Packages);

#[async_trait]
impl Packages for NpmPackages {
    async fn node_modules(&self, checkout: &Path) -> Result<PathBuf, PackagesError> {
        self.0.ensure(checkout, &Silent).await.map_err(|err| decide(&err))
    }
}

/// What a package manager says when the registry is out of reach, and not the lock file wrong.
const OUT_OF_REACH: [&str; 8] =
    ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENOSPC", "E429", "E50"];

fn decide(err: &ToolchainError) -> PackagesError {
    match err {
        ToolchainError::Site { .. } => PackagesError::Site(format!("The site cannot be built: {err}.")),
        ToolchainError::Install { says, .. } if !OUT_OF_REACH.iter().any(|code| says.contains(code)) => {
            PackagesError::Site(format!("The site cannot be built: {err}"))
        }
        _ => PackagesError::Unavailable(err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_lock_file_is_told_at_once_and_a_lost_network_is_tried_again() {
        let says = |says: &str| {
            let what = "the site's packages".to_owned();
            decide(&ToolchainError::Install { what, manager: "npm", says: says.to_owned(), hint: "" })
        };
        assert!(matches!(
            says("npm error code EUSAGE\nnpm error lock file is out of sync"),
            PackagesError::Site(_)
        ));
        assert!(matches!(says("npm error code ENOTFOUND"), PackagesError::Unavailable(_)));
    }
}
