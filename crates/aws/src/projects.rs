//! Projects in DynamoDB: a row by id, and one by mail domain that points to it.

use crate::fault::fault;
use crate::item::{Item, Read, item, json, s};
use crate::store::{Store, Try, until_done};
use crate::write::{self, When};
use async_trait::async_trait;
use domain::ProjectId;
use domain::names::PROJECTS_TABLE;
use domain::project::Project;
use ports::{ErrorKind, PortError, Projects, Result};
use uuid::Uuid;

/// The register of projects.
pub(crate) struct DynamoProjects(pub(crate) Store);

fn key(id: &str) -> Item {
    item([("projectId", s(id))])
}

/// No project has an id with an `@`.
fn domain_key(domain: &str) -> String {
    format!("@{}", domain.to_lowercase())
}

fn domain_row(project: &Project) -> Item {
    item([("projectId", s(domain_key(&project.mail_domain))), ("pointsTo", s(project.project_id.as_str()))])
}

#[async_trait]
impl Projects for DynamoProjects {
    async fn add(&self, project: &Project) -> Result<()> {
        let mut row = key(project.project_id.as_str());
        row.insert("doc".to_owned(), json(project)?);
        // Version 7: in the order in which they were made.
        row.insert("ord".to_owned(), s(Uuid::now_v7().to_string()));
        until_done!("adding a project", async {
            let free = || Some(When::new_row("projectId"));
            let writes = vec![
                write::put(PROJECTS_TABLE, row.clone(), free())?,
                write::put(PROJECTS_TABLE, domain_row(project), free())?,
            ];
            match self.0.transact("adding a project", writes).await? {
                Ok(()) => Ok(Try::Done(())),
                Err(cancelled) if cancelled.failed(0) || cancelled.failed(1) => Err(taken(project)),
                Err(_) => Ok(Try::Again),
            }
        })
    }

    async fn update(&self, project: &Project) -> Result<()> {
        let id = &project.project_id;
        until_done!("changing a project", async {
            let Some(before) = self.0.get(PROJECTS_TABLE, key(id.as_str())).await? else {
                return Err(missing(id));
            };
            let doc = before.text("doc")?.to_owned();
            let old: Project = before.json("doc")?;
            let as_read = When::new("#doc = :old", [(":old", s(doc)), (":doc", json(project)?)]);
            let mut writes =
                vec![write::update(PROJECTS_TABLE, key(id.as_str()), "SET #doc = :doc", as_read)?];
            if domain_key(&old.mail_domain) != domain_key(&project.mail_domain) {
                writes.push(write::put(
                    PROJECTS_TABLE,
                    domain_row(project),
                    Some(When::new_row("projectId")),
                )?);
                writes.push(write::delete(PROJECTS_TABLE, key(&domain_key(&old.mail_domain)))?);
            }
            match self.0.transact("changing a project", writes).await? {
                Ok(()) => Ok(Try::Done(())),
                Err(cancelled) if cancelled.failed(1) => Err(taken(project)),
                Err(_) => Ok(Try::Again),
            }
        })
    }

    async fn get(&self, id: &ProjectId) -> Result<Project> {
        let row = self.0.get(PROJECTS_TABLE, key(id.as_str())).await?;
        row.ok_or_else(|| missing(id))?.json("doc")
    }

    async fn by_mail_domain(&self, domain: &str) -> Result<Option<Project>> {
        let Some(pointer) = self.0.get(PROJECTS_TABLE, key(&domain_key(domain))).await? else {
            return Ok(None);
        };
        let row = self.0.get(PROJECTS_TABLE, key(pointer.text("pointsTo")?)).await?;
        row.map(|row| row.json("doc")).transpose()
    }

    async fn list(&self) -> Result<Vec<Project>> {
        let scan = self.0.db.scan().table_name(PROJECTS_TABLE).consistent_read(true);
        let rows = scan.filter_expression("attribute_exists(ord)").into_paginator().items().send();
        let rows = rows.collect::<std::result::Result<Vec<Item>, _>>().await;
        let mut rows = rows.map_err(|error| fault("listing projects", &error))?;
        rows.sort_by(|a, b| a.maybe_text("ord").cmp(&b.maybe_text("ord")));
        rows.iter().map(|row| row.json("doc")).collect()
    }
}

fn missing(id: &ProjectId) -> PortError {
    PortError::new(ErrorKind::NotFound, format_args!("no project {id}"))
}

fn taken(project: &Project) -> PortError {
    let (id, domain) = (&project.project_id, &project.mail_domain);
    PortError::new(ErrorKind::Conflict, format_args!("project {id} or its mail domain {domain} is taken"))
}
