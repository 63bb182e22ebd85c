//! The build service's book in DynamoDB: orders, the right to a site, releases, and which messages they answer.

use crate::fault::fault;
use crate::item::{Item, Read, item, json, s, t};
use crate::messages;
use crate::store::{Store, Try, until_done, values};
use crate::write::{self, When};
use async_trait::async_trait;
use domain::names::RELEASES_TABLE;
use domain::{MessageId, ProjectId, ReleaseId, Timestamp};
use ports::releases::{Ending, Order, Ordered, ReleaseRow};
use ports::{ErrorKind, PortError, Releases, Result};
use std::time::Duration;
use uuid::Uuid;

/// What the index lists an order as that is not closed.
const OPEN: &str = "open order";
/// What it lists an answer as whose message may not have been told.
const UNTOLD: &str = "untold";

/// The table, and the name of its partition key.
const IN_BOOK: (&str, &str) = (RELEASES_TABLE, "book");

/// The book.
pub(crate) struct DynamoReleases(pub(crate) Store);

fn key(book: String, item_name: impl Into<String>) -> Item {
    item([("book", s(book)), ("item", s(item_name))])
}

fn order_key(key_of_order: &str) -> Item {
    key(format!("order {key_of_order}"), "order")
}

fn lock_key(project: &ProjectId) -> Item {
    key(format!("project {project}"), "lock")
}

fn id_key(id: &ReleaseId) -> Item {
    key(format!("release {id}"), "place")
}

#[async_trait]
impl Releases for DynamoReleases {
    async fn order(&self, order: &Ordered) -> Result<bool> {
        let (kind, target) = match &order.order {
            Order::Push { commit } => ("push", Some(commit.clone())),
            Order::Rollback { message } => ("rollback", message.as_ref().map(ToString::to_string)),
        };
        let mut row = order_key(&order.key);
        row.extend(item([
            ("key", s(&order.key)),
            ("project", s(order.project.as_str())),
            ("kind", s(kind)),
            ("todo", s(OPEN)),
            ("ord", s(Uuid::now_v7().to_string())),
        ]));
        row.extend(target.map(|target| ("target".to_owned(), s(target))));
        self.put_new(row, "entering an order").await
    }

    async fn open_orders(&self) -> Result<Vec<Ordered>> {
        self.0.due(IN_BOOK, OPEN).await?.iter().map(ordered).collect()
    }

    async fn close_order(&self, order: &str) -> Result<()> {
        let when = When::row("book");
        self.update(order_key(order), "REMOVE #todo", when).await.map(|_| ())
    }

    async fn lock(&self, project: &ProjectId, lease: Duration) -> Result<Option<String>> {
        let (token, now) = (Uuid::new_v4().to_string(), self.0.now());
        let free = "attribute_not_exists(#until) OR #until <= :now";
        let new = [(":token", s(&token)), (":until", t(now.plus(lease))), (":now", t(now))];
        let change = "SET #token = :token, #until = :until";
        let taken = self.update(lock_key(project), change, When::new(free, new)).await?;
        Ok(taken.then_some(token))
    }

    async fn relock(&self, project: &ProjectId, token: &str, lease: Duration) -> Result<()> {
        let until = self.0.now().plus(lease);
        let mine = When::new("#token = :token", [(":token", s(token)), (":until", t(until))]);
        let kept = self.update(lock_key(project), "SET #until = :until", mine).await?;
        if kept { Ok(()) } else { Err(lost(project)) }
    }

    async fn unlock(&self, project: &ProjectId, token: &str) -> Result<()> {
        let mine = When::new("#token = :token", [(":token", s(token))]);
        self.update(lock_key(project), "REMOVE #token, #until", mine).await.map(|_| ())
    }

    async fn record(&self, token: &str, release: &ReleaseRow) -> Result<()> {
        let what = format!("recording release {}", release.id);
        until_done!(&what, self.attempt(token, release, &what))
    }

    async fn get(&self, id: &ReleaseId) -> Result<ReleaseRow> {
        let missing = || PortError::new(ErrorKind::NotFound, format_args!("no release {id}"));
        self.find(id).await?.ok_or_else(missing)
    }

    async fn list(&self, project: &ProjectId, max: usize) -> Result<Vec<ReleaseRow>> {
        let condition = "#book = :book AND begins_with(#item, :release)";
        let query = self
            .0
            .db
            .query()
            .table_name(RELEASES_TABLE)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(max).unwrap_or(i32::MAX).max(1))
            .key_condition_expression(condition)
            .set_expression_attribute_names(write::names(condition))
            .set_expression_attribute_values(Some(values([
                (":book", s(format!("project {project}"))),
                (":release", s(RELEASE)),
            ])));
        let mut pages = query.into_paginator().items().send();
        let mut releases = Vec::new();
        while releases.len() < max
            && let Some(row) = pages.next().await
        {
            releases.push(read(&row.map_err(|error| fault("listing releases", &error))?)?);
        }
        Ok(releases)
    }

    async fn untold(&self) -> Result<Vec<ReleaseRow>> {
        let mut releases: Vec<ReleaseRow> = Vec::new();
        for answer in self.0.due(IN_BOOK, UNTOLD).await? {
            let (message, id): (MessageId, ReleaseId) = (answer.id("message")?, answer.id("release")?);
            let told = match messages::load(&self.0, &message).await {
                Ok(stored) => stored.told,
                Err(error) if error.kind() == ErrorKind::NotFound => true,
                Err(error) => return Err(error),
            };
            if told {
                let over = answer_key(&message, &id);
                self.update(over, "REMOVE #todo", When::row("book")).await?;
            } else if releases.iter().all(|known| known.id != id) {
                releases.push(self.get(&id).await?);
            }
        }
        Ok(releases)
    }
}

const RELEASE: &str = "release#";

fn answer_key(message: &MessageId, release: &ReleaseId) -> Item {
    key(format!("answer {message}"), release.to_string())
}

impl DynamoReleases {
    /// The same release again is fine; another of its id is not.
    async fn attempt(&self, token: &str, release: &ReleaseRow, what: &str) -> Result<Try<()>> {
        let project = &release.project;
        let held = self.0.get(RELEASES_TABLE, lock_key(project)).await?;
        if held.as_ref().and_then(|row| row.maybe_text("token")) != Some(token) {
            return Err(lost(project));
        }
        match self.find(&release.id).await? {
            Some(known) if known == *release => return Ok(Try::Done(())),
            Some(_) => {
                let says = format_args!("release {} is recorded already, otherwise", release.id);
                return Err(PortError::new(ErrorKind::Conflict, says));
            }
            None => {}
        }
        let ord = Uuid::now_v7().to_string();
        let (book, name) = (format!("project {project}"), format!("{RELEASE}{ord}"));
        let mut row = key(book.clone(), name.clone());
        row.extend(attributes(release)?);
        let mut id = id_key(&release.id);
        id.extend(item([("pointsToBook", s(book)), ("pointsToItem", s(name))]));
        let mine = When::new("#token = :token", [(":token", s(token))]);
        let mut writes = vec![
            write::check(RELEASES_TABLE, lock_key(project), mine)?,
            write::put(RELEASES_TABLE, id, Some(When::new_row("book")))?,
            write::put(RELEASES_TABLE, row, None)?,
        ];
        for message in &release.answers {
            let mut answer = answer_key(message, &release.id);
            answer.extend(item([
                ("message", s(message.as_str())),
                ("release", s(release.id.as_str())),
                ("todo", s(UNTOLD)),
                ("ord", s(&ord)),
            ]));
            writes.push(write::put(RELEASES_TABLE, answer, None)?);
        }
        match self.0.transact(what, writes).await? {
            Ok(()) => Ok(Try::Done(())),
            Err(cancelled) if cancelled.failed(0) => Err(lost(project)),
            Err(_) => Ok(Try::Again),
        }
    }

    async fn find(&self, id: &ReleaseId) -> Result<Option<ReleaseRow>> {
        let Some(place) = self.0.get(RELEASES_TABLE, id_key(id)).await? else { return Ok(None) };
        let at = key(place.text("pointsToBook")?.to_owned(), place.text("pointsToItem")?);
        self.0.get(RELEASES_TABLE, at).await?.map(|row| read(&row)).transpose()
    }

    /// Puts a row unless there is one of its key; false when there is.
    async fn put_new(&self, row: Item, what: &str) -> Result<bool> {
        let put = self
            .0
            .db
            .put_item()
            .table_name(RELEASES_TABLE)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(book)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Ok(false),
                _ => Err(fault(what, &error)),
            },
        }
    }

    /// Changes a row; false when the condition does not hold.
    async fn update(&self, key: Item, change: &str, when: When) -> Result<bool> {
        self.0.update((RELEASES_TABLE, key), change, when).await
    }
}

fn lost(project: &ProjectId) -> PortError {
    PortError::new(ErrorKind::LeaseLost, format_args!("the right to the site of {project} is another's"))
}

fn attributes(release: &ReleaseRow) -> Result<Item> {
    let mut row = item([
        ("id", s(release.id.as_str())),
        ("project", s(release.project.as_str())),
        ("commit", s(&release.commit)),
        ("answers", json(&release.answers)?),
        ("at", t(release.at)),
    ]);
    row.extend(release.restores.as_ref().map(|id| ("restores".to_owned(), s(id.as_str()))));
    row.extend(release.manifest.as_ref().map(|manifest| ("manifest".to_owned(), s(manifest))));
    if let Ending::Failed { says } = &release.ending {
        row.insert("failed".to_owned(), s(says));
    }
    Ok(row)
}

fn read(row: &Item) -> Result<ReleaseRow> {
    let failed = row.maybe_text("failed");
    Ok(ReleaseRow {
        id: row.id("id")?,
        project: row.id("project")?,
        commit: row.text("commit")?.to_owned(),
        restores: row.maybe_id("restores")?,
        manifest: row.maybe_text("manifest").map(str::to_owned),
        ending: failed.map_or(Ending::Live, |says| Ending::Failed { says: says.to_owned() }),
        answers: row.json("answers")?,
        at: Timestamp(row.number("at")?),
    })
}

fn ordered(row: &Item) -> Result<Ordered> {
    let order = match row.text("kind")? {
        "push" => Order::Push { commit: row.text("target")?.to_owned() },
        "rollback" => Order::Rollback { message: row.maybe_id("target")? },
        other => return Err(crate::item::broken("kind", format_args!("{other:?} is no kind of order"))),
    };
    Ok(Ordered { key: row.text("key")?.to_owned(), project: row.id("project")?, order })
}
