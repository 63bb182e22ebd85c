//! Mail out: a Maildir that any mail program can read, and a relay if there is one.

use crate::db::Db;
use crate::fault::Fault;
use crate::files;
use async_trait::async_trait;
use data_encoding::HEXLOWER;
use ports::mailer::Mail;
use ports::{ErrorKind, Mailer, PortError, Result};
use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;
use uuid::Uuid;

/// Takes mail further than the outbox.
#[async_trait]
pub trait Relay: Send + Sync {
    /// Hands one mail over. `Transient` when it may be tried again. A mail whose fate is unknown is handed over again.
    async fn send(&self, from: &str, to: &str, raw: &[u8]) -> Result<()>;
}

/// The outbox.
pub(crate) struct MaildirMailer {
    db: Db,
    dir: PathBuf,
    relay: Option<Arc<dyn Relay>>,
    // One at a time, so that two sends of one key cannot both find it new.
    writing: Mutex<()>,
    relaying: Mutex<()>,
}

/// How far a mail has come.
#[derive(Clone, Copy)]
struct Fate {
    relayed: bool,
}

impl MaildirMailer {
    /// Opens the outbox under the data directory.
    pub(crate) async fn open(db: Db, relay: Option<Arc<dyn Relay>>) -> Result<Self> {
        let dir = db.dir().join("outbox");
        let made = dir.clone();
        blocking(move || {
            for part in ["tmp", "new", "cur"] {
                fs::create_dir_all(made.join(part))?;
            }
            sweep(&made.join("tmp"))?;
            files::sync_dir(&made)
        })
        .await?;
        Ok(Self { db, dir, relay, writing: Mutex::new(()), relaying: Mutex::new(()) })
    }

    async fn fate(&self, key: &str) -> Result<Option<Fate>> {
        let key = key.to_owned();
        self.db
            .read(move |conn, _| {
                Ok(conn
                    .prepare_cached("SELECT relayed FROM mails WHERE key = ?1")?
                    .query_row([key], |row| Ok(Fate { relayed: row.get("relayed")? }))
                    .optional()?)
            })
            .await
    }

    /// Writes the mail unless it was written before: a row says so, or, after a crash between the two, a file.
    async fn deliver(&self, mail: &Mail<'_>) -> Result<()> {
        let _one = self.writing.lock().await;
        if self.fate(mail.key).await?.is_some() {
            return Ok(());
        }
        let (dir, name, raw) = (self.dir.clone(), file_name(mail.key), mail.raw.to_vec());
        blocking(move || {
            if is_there(&dir, &name)? {
                return Ok(());
            }
            let scratch = dir.join("tmp").join(Uuid::new_v4().to_string());
            files::place(&scratch, &dir.join("new").join(&name), &[&raw])
        })
        .await?;
        let key = mail.key.to_owned();
        self.db
            .write(move |conn, now| {
                conn.prepare_cached("INSERT INTO mails (key, at) VALUES (?1, ?2)")?
                    .execute(rusqlite::params![key, now.0])?;
                Ok(())
            })
            .await
    }

    async fn relay(&self, relay: &dyn Relay, mail: &Mail<'_>) -> Result<()> {
        let _one = self.relaying.lock().await;
        if self.fate(mail.key).await?.is_some_and(|fate| fate.relayed) {
            return Ok(());
        }
        relay.send(mail.from, mail.to, mail.raw).await?;
        let key = mail.key.to_owned();
        self.db
            .write(move |conn, _| {
                conn.prepare_cached("UPDATE mails SET relayed = 1 WHERE key = ?1")?.execute([key])?;
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl Mailer for MaildirMailer {
    async fn send(&self, mail: Mail<'_>) -> Result<Option<String>> {
        self.deliver(&mail).await?;
        if let Some(relay) = &self.relay {
            self.relay(relay.as_ref(), &mail).await?;
        }
        Ok(None)
    }

    /// Whether the outbox is there; the relay is not asked.
    async fn ready(&self) -> Result<()> {
        let new = self.dir.join("new");
        blocking(move || fs::metadata(new).map(drop)).await
    }
}

/// The name a mail of this key has in the Maildir, without a reader's `:2,` flags.
fn file_name(key: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(key.as_bytes()));
    format!("{}.webordinary", &hash[..24])
}

fn is_there(dir: &Path, name: &str) -> io::Result<bool> {
    // A reader moves a mail from new to cur, never back: this order cannot miss it.
    if dir.join("new").join(name).try_exists()? {
        return Ok(true);
    }
    for entry in fs::read_dir(dir.join("cur"))? {
        let found = entry?.file_name();
        let found = found.to_string_lossy();
        if found.split(':').next() == Some(name) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A crash may have left half a mail here.
fn sweep(tmp: &Path) -> io::Result<()> {
    for entry in fs::read_dir(tmp)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<()> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|err| {
        PortError::new(ErrorKind::Transient, format_args!("a file operation did not run to its end: {err}"))
    })?;
    done.map_err(|err| Fault::from(err).into())
}
