//! Sign-in tokens in SQLite, by their hashes.

use crate::codec;
use crate::db::Db;
use async_trait::async_trait;
use ports::sign_in::{Identity, TokenUse};
use ports::{Result, SignIns};
use rusqlite::{OptionalExtension, Row, params};
use std::time::Duration;

/// The register of tokens.
pub(crate) struct SqliteSignIns(pub(crate) Db);

#[async_trait]
impl SignIns for SqliteSignIns {
    async fn issue(&self, hash: &str, used_for: TokenUse, identity: &Identity, life: Duration) -> Result<()> {
        let (hash, identity) = (hash.to_owned(), identity.clone());
        self.0
            .write(move |conn, now| {
                // What has expired is nobody's any more; this keeps the table as small as its living tokens.
                conn.prepare_cached("DELETE FROM tokens WHERE until <= ?1")?.execute([now.0])?;
                conn.prepare_cached(
                    "INSERT INTO tokens (hash, used_for, user, address, project, until) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    hash,
                    used_for.word(),
                    identity.user.as_str(),
                    identity.address,
                    identity.project.as_str(),
                    now.plus(life).0
                ])?;
                Ok(())
            })
            .await
    }

    async fn look_up(&self, hash: &str, used_for: TokenUse) -> Result<Option<Identity>> {
        let hash = hash.to_owned();
        self.0
            .read(move |conn, now| {
                Ok(conn
                    .prepare_cached("SELECT * FROM tokens WHERE hash = ?1 AND used_for = ?2 AND until > ?3")?
                    .query_row(params![hash, used_for.word(), now.0], identity)
                    .optional()?)
            })
            .await
    }

    async fn spend(&self, hash: &str) -> Result<Option<Identity>> {
        let hash = hash.to_owned();
        self.0
            .write(move |conn, now| {
                Ok(conn
                    .prepare_cached(
                        "DELETE FROM tokens WHERE hash = ?1 AND used_for = ?2 AND until > ?3 \
                         RETURNING user, address, project",
                    )?
                    .query_row(params![hash, TokenUse::Link.word(), now.0], identity)
                    .optional()?)
            })
            .await
    }

    async fn revoke(&self, hash: &str) -> Result<()> {
        let hash = hash.to_owned();
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("DELETE FROM tokens WHERE hash = ?1 AND used_for = ?2")?
                    .execute(params![hash, TokenUse::Session.word()])?;
                Ok(())
            })
            .await
    }
}

fn identity(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        user: codec::id(row, "user")?,
        address: row.get("address")?,
        project: codec::id(row, "project")?,
    })
}
