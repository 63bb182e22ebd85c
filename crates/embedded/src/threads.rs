//! Threads and their aliases in SQLite.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::{Pair, ProjectId, ThreadId, Timestamp, UserId};
use ports::threads::Thread;
use ports::{ErrorKind, PortError, Result, Threads};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The register of threads.
pub(crate) struct SqliteThreads(pub(crate) Db);

#[async_trait]
impl Threads for SqliteThreads {
    async fn get(&self, id: &ThreadId) -> Result<Thread> {
        let id = id.clone();
        self.0.read(move |conn, _| find(conn, &id)?.ok_or_else(|| missing(&id).into())).await
    }

    async fn by_alias(&self, project: &ProjectId, alias: &str) -> Result<Option<ThreadId>> {
        let (project, alias) = (project.clone(), alias.to_owned());
        self.0
            .read(move |conn, _| {
                Ok(conn
                    .prepare_cached("SELECT thread FROM aliases WHERE project = ?1 AND alias = ?2")?
                    .query_row(params![project.as_str(), alias], |row| codec::id(row, "thread"))
                    .optional()?)
            })
            .await
    }

    async fn add_aliases(&self, id: &ThreadId, aliases: &[String]) -> Result<()> {
        let (id, aliases) = (id.clone(), aliases.to_vec());
        self.0
            .write(move |conn, _| {
                let thread = find(conn, &id)?.ok_or_else(|| missing(&id))?;
                add_aliases(conn, &thread.pair.project_id, &id, &aliases)
            })
            .await
    }

    async fn list(&self, project: &ProjectId, user: Option<&UserId>, max: usize) -> Result<Vec<Thread>> {
        let (project, user) = (project.clone(), user.cloned());
        self.0
            .read(move |conn, _| {
                let (whose, user) = match &user {
                    Some(user) => ("AND user = ?3", user.as_str()),
                    None => ("AND ?3 = ''", ""),
                };
                let mut select = conn.prepare_cached(&format!(
                    "SELECT * FROM threads WHERE project = ?1 {whose} ORDER BY last_activity DESC LIMIT ?2"
                ))?;
                let rows = select.query_map(params![project.as_str(), codec::limit(max), user], thread)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

/// One thread.
pub(crate) fn find(conn: &Connection, id: &ThreadId) -> Result<Option<Thread>, Fault> {
    Ok(conn
        .prepare_cached("SELECT * FROM threads WHERE id = ?1")?
        .query_row([id.as_str()], thread)
        .optional()?)
}

/// Says that there is no such thread.
pub(crate) fn missing(id: &ThreadId) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no thread #{id}"))
}

/// Adds names; one that is known keeps its thread.
pub(crate) fn add_aliases(
    conn: &Connection,
    project: &ProjectId,
    thread: &ThreadId,
    aliases: &[String],
) -> Result<(), Fault> {
    let mut insert =
        conn.prepare_cached("INSERT OR IGNORE INTO aliases (project, alias, thread) VALUES (?1, ?2, ?3)")?;
    for alias in aliases {
        insert.execute(params![project.as_str(), alias, thread.as_str()])?;
    }
    Ok(())
}

/// Notes that something was said. Never goes back.
pub(crate) fn touch(conn: &Connection, thread: &ThreadId, at: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE threads SET last_activity = max(last_activity, ?2) WHERE id = ?1")?
        .execute(params![thread.as_str(), at.0])?;
    Ok(())
}

/// Notes the thread's newest snapshot.
pub(crate) fn show(conn: &Connection, thread: &ThreadId, snapshot: &str) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE threads SET snapshot = ?2 WHERE id = ?1")?
        .execute(params![thread.as_str(), snapshot])?;
    Ok(())
}

fn thread(row: &Row<'_>) -> rusqlite::Result<Thread> {
    Ok(Thread {
        id: codec::id(row, "id")?,
        pair: codec::id::<Pair>(row, "pair")?,
        title: row.get("title")?,
        created_at: codec::time(row, "created_at")?,
        last_activity: codec::time(row, "last_activity")?,
        snapshot: row.get("snapshot")?,
    })
}
