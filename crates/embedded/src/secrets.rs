//! Secrets: one file each, readable by this user only.

use async_trait::async_trait;
use ports::secrets::check_secret_name;
use ports::{ErrorKind, PortError, Result, Secret, Secrets};
use std::io;
use std::path::PathBuf;

/// Longest file that is taken for a secret, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The files of a directory. They are read anew each time, so that a new secret counts at once.
#[derive(Clone, Debug)]
pub struct FileSecrets {
    dir: PathBuf,
}

impl FileSecrets {
    /// The files of `dir`, which need not be there.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }
}

#[async_trait]
impl Secrets for FileSecrets {
    async fn get(&self, name: &str) -> Result<Secret> {
        check_secret_name(name)?;
        let path = self.dir.join(name);
        let read = tokio::task::spawn_blocking(move || {
            let meta = std::fs::metadata(&path)?;
            if !meta.is_file() || meta.len() > LONGEST {
                return Err(io::Error::new(io::ErrorKind::NotFound, "not a short file"));
            }
            std::fs::read(&path)
        });
        let mut bytes = read.await.unwrap_or_else(|err| Err(io::Error::other(err))).map_err(|err| {
            let missing = matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
            let kind = if missing { ErrorKind::NotFound } else { ErrorKind::Transient };
            PortError::new(kind, format!("the secret {name}: {err}"))
        })?;
        // Whoever writes such a file with an editor leaves a line's end.
        while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(Secret::new(bytes))
    }
}
