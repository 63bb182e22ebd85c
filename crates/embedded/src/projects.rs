//! Projects in SQLite.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::ProjectId;
use domain::project::Project;
use ports::{ErrorKind, PortError, Projects, Result};
use rusqlite::{Connection, OptionalExtension, params};

/// The register of projects.
pub(crate) struct SqliteProjects(pub(crate) Db);

#[async_trait]
impl Projects for SqliteProjects {
    async fn add(&self, project: &Project) -> Result<()> {
        let project = project.clone();
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("INSERT INTO projects (id, mail_domain, doc) VALUES (?1, ?2, ?3)")?
                    .execute(params![
                        project.project_id.as_str(),
                        project.mail_domain.to_lowercase(),
                        codec::to_json(&project)?
                    ])
                    .map_err(|err| taken(err, &project))?;
                Ok(())
            })
            .await
    }

    async fn update(&self, project: &Project) -> Result<()> {
        let project = project.clone();
        self.0
            .write(move |conn, _| {
                let changed = conn
                    .prepare_cached("UPDATE projects SET mail_domain = ?2, doc = ?3 WHERE id = ?1")?
                    .execute(params![
                        project.project_id.as_str(),
                        project.mail_domain.to_lowercase(),
                        codec::to_json(&project)?
                    ])
                    .map_err(|err| taken(err, &project))?;
                if changed == 0 { Err(missing(&project.project_id).into()) } else { Ok(()) }
            })
            .await
    }

    async fn get(&self, id: &ProjectId) -> Result<Project> {
        let id = id.clone();
        self.0
            .read(move |conn, _| {
                one(conn, "SELECT doc FROM projects WHERE id = ?1", id.as_str())?
                    .ok_or_else(|| missing(&id).into())
            })
            .await
    }

    async fn by_mail_domain(&self, domain: &str) -> Result<Option<Project>> {
        let domain = domain.to_lowercase();
        self.0
            .read(move |conn, _| one(conn, "SELECT doc FROM projects WHERE mail_domain = ?1", &domain))
            .await
    }

    async fn list(&self) -> Result<Vec<Project>> {
        self.0
            .read(|conn, _| {
                let mut select = conn.prepare_cached("SELECT doc FROM projects ORDER BY ord")?;
                let rows = select.query_map([], |row| codec::json(row, "doc"))?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }
}

fn one(conn: &Connection, sql: &str, key: &str) -> Result<Option<Project>, Fault> {
    Ok(conn.prepare_cached(sql)?.query_row([key], |row| codec::json(row, "doc")).optional()?)
}

fn missing(id: &ProjectId) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no project {id}"))
}

fn taken(err: rusqlite::Error, project: &Project) -> Fault {
    match err.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => Fault::new(
            ErrorKind::Conflict,
            format_args!(
                "project {} or its mail domain {} is taken",
                project.project_id, project.mail_domain
            ),
        ),
        _ => err.into(),
    }
}
