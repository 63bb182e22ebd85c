//! Blobs: bytes in files, names in SQLite. A name appears together with its media type, after its bytes are synced.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use crate::files;
use async_trait::async_trait;
use bytes::Bytes;
use ports::blobs::BlobMeta;
use ports::{Blobs, ErrorKind, PortError, Result};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// Longest key, in bytes; S3 takes 1,024.
const KEY_MAX: usize = 900;
/// How often a read that meets a replacement looks again.
const TRIES: usize = 8;

/// The object store.
pub(crate) struct DirectoryBlobs {
    db: Db,
    /// Finished files, in 256 directories by the first two digits of their names.
    dir: Arc<PathBuf>,
}

/// Whether a taken key is replaced.
#[derive(Clone, Copy, PartialEq)]
enum Taken {
    Replace,
    Refuse,
}

/// A row: where the bytes are.
struct Stored {
    meta: BlobMeta,
    file: String,
}

impl DirectoryBlobs {
    /// Opens the store under the data directory and sweeps files that a crash left without a name.
    pub(crate) async fn open(db: Db) -> Result<Self> {
        let dir = Arc::new(db.dir().join("blobs"));
        let blobs = Self { db, dir: dir.clone() };
        let named: HashSet<String> = blobs
            .db
            .read(|conn, _| {
                let mut select = conn.prepare_cached("SELECT file FROM blobs")?;
                let rows = select.query_map([], |row| row.get(0))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await?;
        off_runtime(move || sweep(&dir, &named)).await?.map_err(Fault::from)?;
        Ok(blobs)
    }

    /// Gives `file` to the key in one step; the file that had it before goes. False when the key is taken and stays.
    async fn name(&self, meta: BlobMeta, file: String, taken: Taken) -> Result<bool> {
        let dir = self.dir.clone();
        let ours = file.clone();
        let before = self.db.write(move |conn, _| rename(conn, &meta, &file, taken)).await;
        // After an error the row may be there all the same (a failed sync): the file stays, the next start sweeps.
        let (named, idle) = match before? {
            Renamed::Done { before } => (true, before),
            Renamed::Refused => (false, Some(ours)),
        };
        if let Some(idle) = idle {
            off_runtime(move || discard(&dir, &idle)).await?;
        }
        Ok(named)
    }

    async fn store(&self, key: &str, media_type: &str, bytes: Bytes, taken: Taken) -> Result<bool> {
        check_key(key)?;
        let meta =
            BlobMeta { key: key.to_owned(), bytes: bytes.len() as u64, media_type: media_type.to_owned() };
        let (file, dir) = (Uuid::new_v4().simple().to_string(), self.dir.clone());
        let name = file.clone();
        off_runtime(move || {
            let scratch = dir.join("tmp").join(&name);
            files::place(&scratch, &path(&dir, &name), &[&bytes])
        })
        .await?
        .map_err(Fault::from)?;
        self.name(meta, file, taken).await
    }

    async fn find(&self, key: &str) -> Result<Option<Stored>> {
        check_key(key)?;
        let key = key.to_owned();
        self.db.read(move |conn, _| find(conn, &key)).await
    }

    /// Does `act` with an object's file; once more when the object was replaced meanwhile.
    async fn with_file<T: Send + 'static>(
        &self,
        key: &str,
        act: impl Fn(&Path) -> io::Result<T> + Clone + Send + 'static,
    ) -> Result<(BlobMeta, T)> {
        for _ in 0..TRIES {
            let stored = self.find(key).await?.ok_or_else(|| missing(key))?;
            let (from, act) = (path(&self.dir, &stored.file), act.clone());
            match off_runtime(move || act(&from)).await? {
                Ok(done) => return Ok((stored.meta, done)),
                Err(err) if err.kind() == io::ErrorKind::NotFound => {}
                Err(err) => return Err(Fault::from(err).into()),
            }
        }
        Err(PortError::new(ErrorKind::Transient, format_args!("{key} has no readable file")))
    }
}

#[async_trait]
impl Blobs for DirectoryBlobs {
    async fn put(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<()> {
        self.store(key, media_type, bytes, Taken::Replace).await.map(|_| ())
    }

    async fn put_new(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<bool> {
        // Spares the write in the usual case; the row decides.
        if self.find(key).await?.is_some() {
            return Ok(false);
        }
        self.store(key, media_type, bytes, Taken::Refuse).await
    }

    async fn get(&self, key: &str) -> Result<(BlobMeta, Bytes)> {
        let (meta, bytes) = self.with_file(key, |file| fs::read(file)).await?;
        Ok((meta, bytes.into()))
    }

    async fn head(&self, key: &str) -> Result<Option<BlobMeta>> {
        Ok(self.find(key).await?.map(|stored| stored.meta))
    }

    async fn copy(&self, from: &str, to: &str, media_type: &str) -> Result<()> {
        check_key(to)?;
        let (file, dir) = (Uuid::new_v4().simple().to_string(), self.dir.clone());
        let target = path(&dir, &file);
        // Files never change, so two names may share the bytes.
        let (meta, ()) = self
            .with_file(from, move |from| {
                fs::hard_link(from, &target)?;
                target.parent().map_or(Ok(()), files::sync_dir)
            })
            .await?;
        let meta = BlobMeta { key: to.to_owned(), media_type: media_type.to_owned(), ..meta };
        self.name(meta, file, Taken::Replace).await.map(|_| ())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        check_key(key)?;
        let key = key.to_owned();
        let before: Option<String> = self
            .db
            .write(move |conn, _| {
                Ok(conn
                    .prepare_cached("DELETE FROM blobs WHERE key = ?1 RETURNING file")?
                    .query_row([key], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        let dir = self.dir.clone();
        match before {
            Some(file) => off_runtime(move || discard(&dir, &file)).await,
            None => Ok(()),
        }
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<String>> {
        let (prefix, after) = (prefix.to_owned(), after.unwrap_or_default().to_owned());
        self.db.read(move |conn, _| list(conn, &prefix, &after, max)).await
    }
}

/// What became of a wish for a key.
enum Renamed {
    Done { before: Option<String> },
    Refused,
}

fn rename(conn: &Connection, meta: &BlobMeta, file: &str, taken: Taken) -> Result<Renamed, Fault> {
    let before = find(conn, &meta.key)?.map(|stored| stored.file);
    if taken == Taken::Refuse && before.is_some() {
        return Ok(Renamed::Refused);
    }
    conn.prepare_cached(
        "INSERT OR REPLACE INTO blobs (key, media_type, bytes, file) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![meta.key, meta.media_type, codec::signed(meta.bytes), file])?;
    Ok(Renamed::Done { before })
}

fn find(conn: &Connection, key: &str) -> Result<Option<Stored>, Fault> {
    Ok(conn
        .prepare_cached("SELECT * FROM blobs WHERE key = ?1")?
        .query_row([key], |row| {
            let meta = BlobMeta {
                key: row.get("key")?,
                bytes: codec::number(row, "bytes")?,
                media_type: row.get("media_type")?,
            };
            Ok(Stored { meta, file: row.get("file")? })
        })
        .optional()?)
}

fn list(conn: &Connection, prefix: &str, after: &str, max: usize) -> Result<Vec<String>, Fault> {
    // One bound, so that the search begins at the first key that is wanted.
    let (sql, from) = if after < prefix {
        ("SELECT key FROM blobs WHERE key >= ?1 ORDER BY key LIMIT ?2", prefix)
    } else {
        ("SELECT key FROM blobs WHERE key > ?1 ORDER BY key LIMIT ?2", after)
    };
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map(params![from, codec::limit(max)], |row| row.get::<_, String>(0))?;
    let mut keys = Vec::new();
    for key in rows {
        let key = key?;
        // In byte order, the keys of a prefix stand together.
        if !key.starts_with(prefix) {
            break;
        }
        keys.push(key);
    }
    Ok(keys)
}

fn check_key(key: &str) -> Result<()> {
    let fits = (1..=KEY_MAX).contains(&key.len())
        && key.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
        && !key.contains('\0');
    if fits {
        return Ok(());
    }
    let says = format_args!("a key has 1 to {KEY_MAX} bytes in segments that are not empty, . or ..");
    Err(PortError::new(ErrorKind::Malformed, says))
}

fn path(dir: &Path, file: &str) -> PathBuf {
    dir.join(file.get(..2).unwrap_or("00")).join(file)
}

fn missing(key: &str) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no object {key}"))
}

fn stopped(err: &tokio::task::JoinError) -> PortError {
    PortError::new(ErrorKind::Transient, format_args!("a file operation did not run to its end: {err}"))
}

async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|err| stopped(&err))
}

/// A file that has no name any more. What cannot be removed now is swept at the next start.
fn discard(dir: &Path, file: &str) {
    match fs::remove_file(path(dir, file)) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(error = %err, "a replaced object's file stays until the next start");
        }
        _ => {}
    }
}

/// Makes the directories, and removes files that no row names.
fn sweep(dir: &Path, named: &HashSet<String>) -> io::Result<()> {
    fs::create_dir_all(dir.join("tmp"))?;
    for digits in 0..=0xff_u8 {
        fs::create_dir_all(dir.join(format!("{digits:02x}")))?;
    }
    files::sync_dir(dir)?;
    for shelf in fs::read_dir(dir)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shelf.path())? {
            let file = file?;
            if !named.contains(&*file.file_name().to_string_lossy()) {
                fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}
