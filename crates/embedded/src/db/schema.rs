//! The tables, by numbered steps.

use crate::fault::Fault;
use ports::{ErrorKind, PortError, Result};
use rusqlite::Connection;
use std::path::Path;

/// Step n brings a database of version n to n + 1. Steps that were released are never changed.
const STEPS: [&str; 3] =
    [include_str!("schema/0.sql"), include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// Brings the database to the newest version; each step is one transaction. `Malformed`, and nothing is touched, when it
/// is newer already.
pub(super) fn migrate(conn: &mut Connection, dir: &Path) -> Result<()> {
    let found: usize = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(Fault::from)?;
    if found > STEPS.len() {
        return Err(PortError::new(
            ErrorKind::Malformed,
            format_args!(
                "the data in {} was written by a newer WebOrdinary (version {found} of its tables; this one knows {}): \
                 run that one, or use another data directory",
                dir.display(),
                STEPS.len()
            ),
        ));
    }
    for (version, step) in STEPS.iter().enumerate().skip(found) {
        apply(conn, version + 1, step)?;
    }
    Ok(())
}

/// Ends every lease that an earlier process took: it is gone, for this one has the data directory, and nobody else can
/// hold any. Epochs stay, so that what it began is still fenced.
pub(super) fn end_leases(conn: &Connection) -> Result<()> {
    let over = "UPDATE claims SET container = NULL WHERE container IS NOT NULL;
        DELETE FROM release_locks;
        UPDATE pool SET leader = NULL;
        UPDATE deliveries SET visible_at = 0 WHERE visible_at > 0;";
    Ok(conn.execute_batch(over).map_err(Fault::from)?)
}

fn apply(conn: &mut Connection, version: usize, step: &str) -> Result<(), Fault> {
    let tx = conn.transaction()?;
    tx.execute_batch(step)?;
    tx.pragma_update(None, "user_version", version)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_database_is_refused_in_words_and_left_alone() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "user_version", STEPS.len() + 1).unwrap();
        let err = migrate(&mut conn, Path::new("/data")).unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Malformed);
        assert!(err.to_string().contains("newer WebOrdinary"), "{err}");
        let tables: u32 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, Path::new("/data")).unwrap();
        migrate(&mut conn, Path::new("/data")).unwrap();
    }
}
