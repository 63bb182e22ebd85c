//! The site's npm packages: where they come from, and how a checkout gets to see them.

use async_trait::async_trait;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Why a site has no packages to build with.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// The site's own fault: the words are for its owner.
    #[error("{0}")]
    Site(String),
    /// Try again later: the registry, the network, the disk.
    #[error("{0}")]
    Unavailable(String),
}

/// Gives a site the packages that its lock file names.
#[async_trait]
pub trait Packages: Send + Sync {
    /// The `node_modules` directory for the site checked out at `checkout`; shared, so nothing may write to it.
    async fn node_modules(&self, checkout: &Path) -> Result<PathBuf, PackagesError>;
}

/// What tools write inside `node_modules`: a checkout has its own.
const OWN: [&str; 3] = [".astro", ".vite", ".cache"];

/// Makes `node_modules` in `checkout`: a directory of its own, which holds links to everything in `shared`, so that
/// what Astro keeps in there stays with this checkout. Whatever the repository had at that place goes away. Blocks.
pub fn link(shared: &Path, checkout: &Path) -> io::Result<()> {
    let shared = shared.canonicalize()?;
    let place = checkout.join("node_modules");
    match place.symlink_metadata() {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(&place)?,
        Ok(_) => fs::remove_file(&place)?,
        Err(err) if err.kind() == io::ErrorKind::NotFound => {}
        Err(err) => return Err(err),
    }
    fs::create_dir(&place)?;
    for item in fs::read_dir(&shared)? {
        let name = item?.file_name();
        if !OWN.iter().any(|own| name == *own) {
            symlink(shared.join(&name), place.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_sees_the_packages_and_writes_beside_them() {
        let dir = tempfile::tempdir().unwrap();
        let (shared, checkout) = (dir.path().join("shared"), dir.path().join("checkout"));
        fs::create_dir_all(shared.join("astro")).unwrap();
        fs::create_dir_all(shared.join(".astro")).unwrap();
        fs::create_dir_all(&checkout).unwrap();
        symlink("/etc", checkout.join("node_modules")).unwrap();
        link(&shared, &checkout).unwrap();
        link(&shared, &checkout).unwrap();
        assert!(checkout.join("node_modules/astro").is_dir());
        assert!(!checkout.join("node_modules/.astro").exists());
        assert!(shared.join("astro").is_dir() && Path::new("/etc").is_dir());
    }
}
