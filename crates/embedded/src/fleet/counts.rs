//! Desired counts, kept over restarts as ECS keeps them.

use crate::codec;
use crate::db::Db;
use ports::Result;
use rusqlite::{OptionalExtension, params};

/// The desired count of `service` that was kept last.
pub(super) async fn find(db: &Db, service: &str) -> Result<Option<u32>> {
    let service = service.to_owned();
    db.read(move |conn, _| {
        Ok(conn
            .prepare_cached("SELECT desired FROM services WHERE name = ?1")?
            .query_row([service], |row| {
                u32::try_from(codec::number(row, "desired")?).map_err(|err| codec::broken(Box::new(err)))
            })
            .optional()?)
    })
    .await
}

/// Keeps the desired count of `service`.
pub(super) async fn keep(db: &Db, service: &str, desired: u32) -> Result<()> {
    let service = service.to_owned();
    db.write(move |conn, _| {
        conn.prepare_cached(
            "INSERT INTO services (name, desired) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET desired = ?2",
        )?
        .execute(params![service, desired])?;
        Ok(())
    })
    .await
}
