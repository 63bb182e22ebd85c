//! Sites' packages from the toolchain's cache.

use async_trait::async_trait;
use publish::{Packages, PackagesError};
use std::path::{Path, PathBuf};
use toolchain::Silent;

/// Installs what a site's lock file names, once, and shares it.
#[derive(Clone, Debug)]
pub struct NpmPackages(pub toolchain::Packages);

#[async_trait]
impl Packages for NpmPackages {
    async fn node_modules(&self, checkout: &Path) -> Result<PathBuf, PackagesError> {
        self.0.ensure(checkout, &Silent).await.map_err(|err| {
            if err.is_the_sites() {
                PackagesError::Site(format!("The site cannot be built: {err}"))
            } else {
                PackagesError::Unavailable(err.to_string())
            }
        })
    }
}
