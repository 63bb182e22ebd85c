//! The data directory: what lies where, and the secrets that are made on the first start.

use anyhow::Context;
use data_encoding::HEXLOWER;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The data directory.
#[derive(Clone, Debug)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// The directory at `path`, which need not exist yet.
    pub(crate) fn new(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path).with_context(|| format!("{} is not a path", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// What a script reads to find the running product.
    pub(crate) fn ready(&self) -> PathBuf {
        self.0.join("ready.json")
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.0.join("outbox")
    }

    /// The bare repository of a project.
    pub(crate) fn repository(&self, project: &str) -> PathBuf {
        self.0.join("repositories").join(format!("{project}.git"))
    }

    /// Bare clones, transcripts and attachments of the edit containers.
    pub(crate) fn workspaces(&self) -> PathBuf {
        self.0.join("workspaces")
    }

    /// Worktrees and caches of dev servers.
    pub(crate) fn local(&self) -> PathBuf {
        self.0.join("local")
    }

    /// Where this process tries what confines its children.
    pub(crate) fn self_test(&self) -> PathBuf {
        self.local().join(format!("self-test-{}", std::process::id()))
    }

    pub(crate) fn builds(&self) -> PathBuf {
        self.0.join("builds")
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.0.join("tools")
    }

    /// Secrets, one file each: our own, and the tokens that people put there.
    pub(crate) fn secrets(&self) -> PathBuf {
        self.0.join("secrets")
    }

    /// A secret of this name: made from the system's CSPRNG when first asked for, readable by this user only.
    pub(crate) fn secret(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        let dir = self.secrets();
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let path = dir.join(name);
        if let Ok(secret) = fs::read(&path)
            && secret.len() == 64
        {
            return Ok(secret);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no random numbers: {e}"))?;
        let secret = HEXLOWER.encode(&bytes).into_bytes();
        write_private(&path, &secret).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(secret)
    }

    /// The operator's token, if the product has been started here.
    pub(crate) fn operator_token(&self) -> anyhow::Result<String> {
        let token = self.secret(OPERATOR)?;
        String::from_utf8(token).context("the operator's token is not text")
    }
}

/// Names of secrets.
pub(crate) const OPERATOR: &str = "operator";
pub(crate) const REPLIES: &str = "reply-addresses";
pub(crate) const WEBHOOKS: &str = "webhooks";
pub(crate) const ECS_ID: &str = "ecs-access-key-id";
pub(crate) const ECS_SECRET: &str = "ecs-secret-access-key";

/// Writes a file of this user's own, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
