//! The build service's book in SQLite.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::{MessageId, ProjectId, ReleaseId, Timestamp};
use ports::releases::{Ending, Order, Ordered, ReleaseRow};
use ports::{ErrorKind, PortError, Releases, Result};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use std::time::Duration;
use uuid::Uuid;

/// The book.
pub(crate) struct SqliteReleases(pub(crate) Db);

#[async_trait]
impl Releases for SqliteReleases {
    async fn order(&self, order: &Ordered) -> Result<bool> {
        let order = order.clone();
        self.0
            .write(move |conn, _| {
                let (kind, target) = match &order.order {
                    Order::Push { commit } => ("push", Some(commit.as_str())),
                    Order::Rollback { message } => ("rollback", message.as_ref().map(MessageId::as_str)),
                };
                let inserted = conn
                    .prepare_cached(
                        "INSERT INTO orders (key, project, kind, target) VALUES (?1, ?2, ?3, ?4) \
                         ON CONFLICT (key) DO NOTHING",
                    )?
                    .execute(params![order.key, order.project.as_str(), kind, target])?;
                Ok(inserted == 1)
            })
            .await
    }

    async fn open_orders(&self) -> Result<Vec<Ordered>> {
        self.0
            .read(|conn, _| {
                let mut select = conn.prepare_cached("SELECT * FROM orders WHERE open = 1 ORDER BY ord")?;
                let rows = select.query_map([], ordered)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    async fn close_order(&self, key: &str) -> Result<()> {
        let key = key.to_owned();
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("UPDATE orders SET open = 0 WHERE key = ?1 AND open = 1")?
                    .execute([key])?;
                Ok(())
            })
            .await
    }

    async fn lock(&self, project: &ProjectId, lease: Duration) -> Result<Option<String>> {
        let project = project.clone();
        let token = Uuid::new_v4().to_string();
        self.0
            .write(move |conn, now| {
                let taken = conn
                    .prepare_cached(
                        "INSERT INTO release_locks (project, token, until) VALUES (?1, ?2, ?3) \
                         ON CONFLICT (project) DO UPDATE SET token = ?2, until = ?3 WHERE until <= ?4",
                    )?
                    .execute(params![project.as_str(), token, now.plus(lease).0, now.0])?;
                Ok((taken == 1).then_some(token))
            })
            .await
    }

    async fn relock(&self, project: &ProjectId, token: &str, lease: Duration) -> Result<()> {
        let (project, token) = (project.clone(), token.to_owned());
        self.0
            .write(move |conn, now| {
                let kept = conn
                    .prepare_cached("UPDATE release_locks SET until = ?3 WHERE project = ?1 AND token = ?2")?
                    .execute(params![project.as_str(), token, now.plus(lease).0])?;
                if kept == 1 { Ok(()) } else { Err(lost(&project).into()) }
            })
            .await
    }

    async fn unlock(&self, project: &ProjectId, token: &str) -> Result<()> {
        let (project, token) = (project.clone(), token.to_owned());
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("DELETE FROM release_locks WHERE project = ?1 AND token = ?2")?
                    .execute(params![project.as_str(), token])?;
                Ok(())
            })
            .await
    }

    async fn record(&self, token: &str, release: &ReleaseRow) -> Result<()> {
        let (token, release) = (token.to_owned(), release.clone());
        self.0.write(move |conn, _| record(conn, &token, &release)).await
    }

    async fn get(&self, id: &ReleaseId) -> Result<ReleaseRow> {
        let id = id.clone();
        self.0
            .read(move |conn, _| {
                find(conn, &id)?.ok_or_else(|| {
                    PortError::new(ErrorKind::NotFound, format_args!("no release {id}")).into()
                })
            })
            .await
    }

    async fn list(&self, project: &ProjectId, max: usize) -> Result<Vec<ReleaseRow>> {
        let project = project.clone();
        self.0
            .read(move |conn, _| {
                let sql = "SELECT * FROM releases WHERE project = ?1 ORDER BY ord DESC LIMIT ?2";
                all(conn, sql, params![project.as_str(), codec::limit(max)])
            })
            .await
    }

    async fn untold(&self) -> Result<Vec<ReleaseRow>> {
        self.0
            .read(|conn, _| {
                // CROSS JOIN keeps the order: from the few untold messages to their releases.
                let sql = "SELECT * FROM releases WHERE id IN (SELECT a.release FROM messages m \
                           CROSS JOIN release_answers a ON a.message = m.id WHERE m.told = 0) ORDER BY ord";
                all(conn, sql, [])
            })
            .await
    }
}

/// The same release again is fine; another of its id is not.
fn record(conn: &Connection, token: &str, release: &ReleaseRow) -> Result<(), Fault> {
    let holder: Option<String> = conn
        .prepare_cached("SELECT token FROM release_locks WHERE project = ?1")?
        .query_row([release.project.as_str()], |row| row.get(0))
        .optional()?;
    if holder.as_deref() != Some(token) {
        return Err(lost(&release.project).into());
    }
    match find(conn, &release.id)? {
        Some(known) if known == *release => return Ok(()),
        Some(_) => {
            let says = format_args!("release {} is recorded already, otherwise", release.id);
            return Err(Fault::new(ErrorKind::Conflict, says));
        }
        None => {}
    }
    insert(conn, release)
}

fn insert(conn: &Connection, release: &ReleaseRow) -> Result<(), Fault> {
    let failed = match &release.ending {
        Ending::Live => None,
        Ending::Failed { says } => Some(says),
    };
    conn.prepare_cached(
        "INSERT INTO releases (id, project, commit_id, restores, manifest, failed, at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        release.id.as_str(),
        release.project.as_str(),
        release.commit,
        release.restores.as_ref().map(ReleaseId::as_str),
        release.manifest,
        failed,
        release.at.0,
    ])?;
    let mut answers =
        conn.prepare_cached("INSERT INTO release_answers (release, pos, message) VALUES (?1, ?2, ?3)")?;
    for (pos, message) in release.answers.iter().enumerate() {
        answers.execute(params![release.id.as_str(), codec::limit(pos), message.as_str()])?;
    }
    Ok(())
}

fn lost(project: &ProjectId) -> PortError {
    PortError::new(ErrorKind::LeaseLost, format_args!("another holds the production site of {project}"))
}

fn find(conn: &Connection, id: &ReleaseId) -> Result<Option<ReleaseRow>, Fault> {
    Ok(all(conn, "SELECT * FROM releases WHERE id = ?1", [id.as_str()])?.pop())
}

fn all(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<ReleaseRow>, Fault> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select.query_map(params, release)?;
    let mut releases = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut select =
        conn.prepare_cached("SELECT message FROM release_answers WHERE release = ?1 ORDER BY pos")?;
    for release in &mut releases {
        let rows = select.query_map([release.id.as_str()], |row| codec::id(row, "message"))?;
        release.answers = rows.collect::<rusqlite::Result<_>>()?;
    }
    Ok(releases)
}

fn release(row: &Row<'_>) -> rusqlite::Result<ReleaseRow> {
    let failed: Option<String> = row.get("failed")?;
    Ok(ReleaseRow {
        id: codec::id(row, "id")?,
        project: codec::id(row, "project")?,
        commit: row.get("commit_id")?,
        restores: codec::maybe_id(row, "restores")?,
        manifest: row.get("manifest")?,
        ending: failed.map_or(Ending::Live, |says| Ending::Failed { says }),
        answers: Vec::new(),
        at: Timestamp(row.get("at")?),
    })
}

fn ordered(row: &Row<'_>) -> rusqlite::Result<Ordered> {
    let order = match row.get_ref("kind")?.as_str()? {
        "push" => Order::Push { commit: row.get("target")? },
        "rollback" => Order::Rollback { message: codec::maybe_id(row, "target")? },
        other => return Err(codec::broken(format!("{other:?} is no kind of order").into())),
    };
    Ok(Ordered { key: row.get("key")?, project: codec::id(row, "project")?, order })
}
