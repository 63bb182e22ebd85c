//! The book of what the model has cost, in SQLite. Accounts are sums over its entries.

use crate::codec;
use crate::db::Db;
use crate::fault::Fault;
use async_trait::async_trait;
use domain::message::Billing;
use domain::money::{Caps, Money, Span, Spent};
use domain::{MessageId, ProjectId, Timestamp, UserId};
use ports::spending::{Account, Entry, Now, Part, Payer};
use ports::{Result, Spending};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::time::Duration;

/// How long an entry is kept. No account that anybody asks for reaches back so far.
const KEPT: Duration = Duration::from_hours(24 * 400);

/// The book of spending.
pub(crate) struct SqliteSpending(pub(crate) Db);

#[async_trait]
impl Spending for SqliteSpending {
    async fn record(&self, entry: &Entry) -> Result<()> {
        let entry = entry.clone();
        self.0.write(move |conn, now| record(conn, &entry, now)).await
    }

    async fn spent(&self, project: &ProjectId, user: &UserId, message: &MessageId) -> Result<Now> {
        let (project, user, message) = (project.clone(), user.clone(), message.clone());
        self.0
            .read(move |conn, at| {
                let spent = spent(conn, (&project, &user, &message), at)?;
                let in_vain = sum(conn, "billed = 0 AND message = ?1", &[&message.as_str()])?;
                Ok(Now { spent, in_vain, at })
            })
            .await
    }

    async fn caps(&self, project: &ProjectId) -> Result<Caps> {
        let project = project.clone();
        self.0
            .read(move |conn, _| {
                let caps = conn
                    .prepare_cached("SELECT caps FROM caps WHERE project = ?1")?
                    .query_row([project.as_str()], |row| codec::json(row, "caps"))
                    .optional()?;
                Ok(caps.unwrap_or_default())
            })
            .await
    }

    async fn set_caps(&self, project: &ProjectId, caps: &Caps) -> Result<()> {
        let (project, caps) = (project.clone(), *caps);
        self.0
            .write(move |conn, _| {
                conn.prepare_cached("INSERT OR REPLACE INTO caps (project, caps) VALUES (?1, ?2)")?
                    .execute(params![project.as_str(), codec::to_json(&caps)?])?;
                Ok(())
            })
            .await
    }

    async fn hints(&self, payer: &Payer, span: Span, message: &MessageId) -> Result<bool> {
        let (payer, message) = (payer.key(), message.clone());
        self.0
            .write(move |conn, now| {
                let key = params![payer, span.name(now), message.as_str()];
                conn.prepare_cached(
                    "INSERT OR IGNORE INTO hints (payer, span, message) VALUES (?1, ?2, ?3)",
                )?
                .execute(key)?;
                let carries = "SELECT 1 FROM hints WHERE payer = ?1 AND span = ?2 AND message = ?3";
                Ok(conn.prepare_cached(carries)?.exists(key)?)
            })
            .await
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        self.0
            .read(|conn, now| {
                let mut all = Vec::new();
                for span in [Span::Day, Span::Month] {
                    for payer in ["project", "user"] {
                        all.extend(accounts(conn, (payer, span), now)?);
                    }
                }
                all.sort_by(|a: &Account, b| a.payer.cmp(&b.payer));
                Ok(all)
            })
            .await
    }
}

fn record(conn: &Connection, entry: &Entry, now: Timestamp) -> Result<(), Fault> {
    let turn = i64::from(entry.part.number());
    let message = entry.message.as_str();
    let late = "SELECT 1 FROM spending WHERE message = ?1 AND part > ?2 AND billed = 1";
    let is_turn = matches!(entry.part, Part::Turn(_));
    let is_late = is_turn && conn.prepare_cached(late)?.exists(params![message, turn])?;
    let billed = entry.billing == Billing::Billed && !is_late;
    let entered = conn
        .prepare_cached(
            "INSERT OR IGNORE INTO spending \
             (message, part, project, user, day, month, cost, input_tokens, output_tokens, billed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            message,
            turn,
            entry.project.as_str(),
            entry.user.as_str(),
            Span::Day.name(now),
            Span::Month.name(now),
            codec::signed(entry.used.cost.0),
            codec::signed(entry.used.input_tokens),
            codec::signed(entry.used.output_tokens),
            billed,
        ])?;
    if entered == 1 && billed {
        conn.prepare_cached("UPDATE spending SET billed = 0 WHERE message = ?1 AND part > 0 AND part < ?2")?
            .execute(params![message, turn])?;
    }
    let old = Span::Day.name(now.minus(KEPT));
    conn.prepare_cached("DELETE FROM spending WHERE month < ?1 AND day < ?2")?
        .execute(params![Span::Month.name(now.minus(KEPT)), old])?;
    Ok(())
}

fn spent(
    conn: &Connection,
    (project, user, message): (&ProjectId, &UserId, &MessageId),
    at: Timestamp,
) -> Result<Spent, Fault> {
    let sum = |of: &str, keys: &[&dyn ToSql]| sum(conn, &format!("billed = 1 AND {of}"), keys);
    let (day, month) = (Span::Day.name(at), Span::Month.name(at));
    let (project, user) = (project.as_str(), user.as_str());
    Ok(Spent {
        message: sum("message = ?1", &[&message.as_str()])?,
        project_day: sum("project = ?1 AND month = ?2 AND day = ?3", &[&project, &month, &day])?,
        project_month: sum("project = ?1 AND month = ?2", &[&project, &month])?,
        user_day: sum("user = ?1 AND month = ?2 AND day = ?3", &[&user, &month, &day])?,
        user_month: sum("user = ?1 AND month = ?2", &[&user, &month])?,
    })
}

/// What the entries cost that a condition is true of.
fn sum(conn: &Connection, condition: &str, keys: &[&dyn ToSql]) -> Result<Money, Fault> {
    let select = format!("SELECT coalesce(sum(cost), 0) AS cost FROM spending WHERE {condition}");
    let cost = conn.prepare_cached(&select)?.query_row(keys, |row| codec::number(row, "cost"))?;
    Ok(Money(cost))
}

/// The accounts of one sort of payer in the span of `now`.
fn accounts(conn: &Connection, (payer, span): (&str, Span), now: Timestamp) -> Result<Vec<Account>, Fault> {
    let within = match span {
        Span::Day => "day = ?2",
        Span::Month => "?2 IS NOT NULL",
    };
    let mut select = conn.prepare_cached(&format!(
        "SELECT {payer} AS payer, sum(cost * billed) AS billed, sum(cost * (1 - billed)) AS unbilled, \
         sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens \
         FROM spending WHERE month = ?1 AND {within} GROUP BY {payer}"
    ))?;
    let rows = select.query_map(params![Span::Month.name(now), Span::Day.name(now)], |row| {
        let payer = match payer {
            "project" => Payer::Project(codec::id(row, "payer")?),
            _ => Payer::User(codec::id(row, "payer")?),
        };
        Ok(Account {
            payer,
            span,
            billed: Money(codec::number(row, "billed")?),
            unbilled: Money(codec::number(row, "unbilled")?),
            input_tokens: codec::number(row, "input_tokens")?,
            output_tokens: codec::number(row, "output_tokens")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
