//! The book of what the model has cost, in DynamoDB: a row for each payer's day and month, which are added to, and one for
//! each message, which knows what was added for it.

use crate::item::{Item, Read, expiry, item, json, n, s};
use crate::store::{Store, Try, until_done};
use crate::write::{self, When};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::message::Billing;
use domain::money::{Caps, Money, Span, Spent};
use domain::names::SPENDING_TABLE;
use domain::{MessageId, ProjectId, Timestamp, UserId};
use ports::spending::{Account, Entry, Now, Part, Payer, Used};
use ports::{Result, Spending};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the account of a day, and what is known of a message, are kept.
const DAY_KEPT: Duration = Duration::from_hours(24 * 40);
/// How long the account of a month is kept.
const MONTH_KEPT: Duration = Duration::from_hours(24 * 400);

/// The book of spending.
pub(crate) struct DynamoSpending(pub(crate) Store);

/// A part of a message's work, as the message's row has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entered {
    part: Part,
    used: Used,
    billing: Billing,
    at: Timestamp,
}

/// What is added to an account.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    billed: i64,
    unbilled: i64,
    input: u64,
    output: u64,
}

fn account_key(span: &str, payer: &Payer) -> Item {
    item([("account", s(span)), ("item", s(payer.key()))])
}

fn message_key(message: &MessageId) -> Item {
    item([("account", s(format!("message#{message}"))), ("item", s("entries"))])
}

fn caps_key(project: &ProjectId) -> Item {
    item([("account", s("caps")), ("item", s(project.as_str()))])
}

/// A hint's row is not the account's: a hint is no spending.
fn hint_key(span: &str, payer: &Payer) -> Item {
    item([("account", s(format!("hint#{span}"))), ("item", s(payer.key()))])
}

#[async_trait]
impl Spending for DynamoSpending {
    async fn record(&self, entry: &Entry) -> Result<()> {
        let what = format!("recording what message {} has used", entry.message);
        until_done!(&what, self.attempt(entry, &what))
    }

    async fn spent(&self, project: &ProjectId, user: &UserId, message: &MessageId) -> Result<Now> {
        let at = self.0.now();
        let payers = [Payer::Project(project.clone()), Payer::User(user.clone())];
        let spans = [Span::Day.name(at), Span::Month.name(at)];
        let mut keys = vec![message_key(message)];
        keys.extend(spans.iter().flat_map(|span| payers.iter().map(|payer| account_key(span, payer))));
        let rows = self.0.get_all(SPENDING_TABLE, keys).await?;
        let billed = |span: &String, payer: &Payer| -> Result<Money> {
            let (span, payer) = (Some(span.as_str()), payer.key());
            let ours = |row: &&Item| {
                row.maybe_text("account") == span && row.maybe_text("item") == Some(payer.as_str())
            };
            rows.iter().find(ours).map_or(Ok(Money::default()), |row| row.number("billed").map(Money))
        };
        let entered = match rows.iter().find(|row| row.contains_key("entries")) {
            Some(row) => row.json::<Vec<Entered>>("entries")?,
            None => Vec::new(),
        };
        let all = |billing: Billing| {
            entered.iter().filter(|part| part.billing == billing).map(|part| part.used.cost).sum()
        };
        let spent = Spent {
            message: all(Billing::Billed),
            project_day: billed(&spans[0], &payers[0])?,
            project_month: billed(&spans[1], &payers[0])?,
            user_day: billed(&spans[0], &payers[1])?,
            user_month: billed(&spans[1], &payers[1])?,
        };
        Ok(Now { spent, in_vain: all(Billing::Unbilled), at })
    }

    async fn caps(&self, project: &ProjectId) -> Result<Caps> {
        let row = self.0.get(SPENDING_TABLE, caps_key(project)).await?;
        row.map_or(Ok(Caps::default()), |row| row.json("caps"))
    }

    async fn set_caps(&self, project: &ProjectId, caps: &Caps) -> Result<()> {
        let set = When::new("attribute_not_exists(#none)", [(":caps", json(caps)?)]);
        self.0.update((SPENDING_TABLE, caps_key(project)), "SET #caps = :caps", set).await.map(drop)
    }

    async fn hints(&self, payer: &Payer, span: Span, message: &MessageId) -> Result<bool> {
        let now = self.0.now();
        let values = [(":message", s(message.as_str())), (":expiry", expiry(now.plus(kept(span))))];
        let mine = When::new("attribute_not_exists(#message) OR #message = :message", values);
        let set = "SET #message = :message, #expiresAt = :expiry";
        self.0.update((SPENDING_TABLE, hint_key(&span.name(now), payer)), set, mine).await
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        let (now, mut all) = (self.0.now(), Vec::new());
        for span in [Span::Day, Span::Month] {
            for sort in ["project#", "user#"] {
                for row in self.0.collection(SPENDING_TABLE, ("account", &span.name(now)), sort).await? {
                    all.extend(account(&row, span)?);
                }
            }
        }
        all.sort_by(|a, b| a.payer.cmp(&b.payer));
        Ok(all)
    }
}

fn kept(span: Span) -> Duration {
    match span {
        Span::Day => DAY_KEPT,
        Span::Month => MONTH_KEPT,
    }
}

fn account(row: &Item, span: Span) -> Result<Option<Account>> {
    let Some(payer) = row.maybe_text("item").and_then(Payer::of_key) else { return Ok(None) };
    Ok(Some(Account {
        payer,
        span,
        billed: Money(row.number("billed")?),
        unbilled: Money(row.number("unbilled")?),
        input_tokens: row.number("inputTokens")?,
        output_tokens: row.number("outputTokens")?,
    }))
}

impl DynamoSpending {
    async fn attempt(&self, entry: &Entry, what: &str) -> Result<Try<()>> {
        let row = self.0.get(SPENDING_TABLE, message_key(&entry.message)).await?;
        let (mut entered, version) = match &row {
            Some(row) => (row.json::<Vec<Entered>>("entries")?, row.number("version")?),
            None => (Vec::new(), 0_u64),
        };
        if entered.iter().any(|known| known.part == entry.part) {
            return Ok(Try::Done(()));
        }
        let now = self.0.now();
        let mut writes = Vec::new();
        for ((span, name, payer), sums) in enter(&mut entered, entry, now) {
            writes.push(add(&name, &payer, sums, now.plus(kept(span)))?);
        }
        let values = [
            (":entries", json(&entered)?),
            (":version", n(version)),
            (":next", n(version + 1)),
            (":expiry", expiry(now.plus(DAY_KEPT))),
        ];
        let condition = if row.is_some() {
            "#version = :version"
        } else {
            "attribute_not_exists(#version) OR #version = :version"
        };
        let set = "SET #entries = :entries, #version = :next, #expiresAt = :expiry";
        let when = When::new(condition, values);
        writes.push(write::update(SPENDING_TABLE, message_key(&entry.message), set, when)?);
        match self.0.transact(what, writes).await? {
            Ok(()) => Ok(Try::Done(())),
            Err(_) => Ok(Try::Again),
        }
    }
}

type Sum = ((Span, String, Payer), Sums);

/// Enters `entry` beside what is `entered` for its message already; returns what is to be added to which accounts.
fn enter(entered: &mut Vec<Entered>, entry: &Entry, now: Timestamp) -> Vec<Sum> {
    let mut sums: BTreeMap<(String, Payer), (Span, Sums)> = BTreeMap::new();
    let mut add = |at: Timestamp, more: Sums| {
        for span in [Span::Day, Span::Month] {
            for payer in [Payer::Project(entry.project.clone()), Payer::User(entry.user.clone())] {
                let (_, sum) = sums.entry((span.name(at), payer)).or_insert((span, Sums::default()));
                sum.billed += more.billed;
                sum.unbilled += more.unbilled;
                sum.input += more.input;
                sum.output += more.output;
            }
        }
    };
    let is_turn = |part: Part| matches!(part, Part::Turn(_));
    let is_billed = |known: &Entered| known.billing == Billing::Billed && is_turn(known.part);
    let is_late = is_turn(entry.part)
        && entered.iter().any(|known| is_billed(known) && known.part.number() > entry.part.number());
    let billing = if is_late { Billing::Unbilled } else { entry.billing };
    if billing == Billing::Billed && is_turn(entry.part) {
        for earlier in entered.iter_mut().filter(|known| is_billed(known)) {
            earlier.billing = Billing::Unbilled;
            let cost = signed(earlier.used.cost);
            add(earlier.at, Sums { billed: -cost, unbilled: cost, ..Sums::default() });
        }
    }
    let Used { cost, input_tokens: input, output_tokens: output } = entry.used;
    let (billed, unbilled) = match billing {
        Billing::Billed => (signed(cost), 0),
        Billing::Unbilled => (0, signed(cost)),
    };
    add(now, Sums { billed, unbilled, input, output });
    entered.push(Entered { part: entry.part, used: entry.used, billing, at: now });
    sums.into_iter().map(|((name, payer), (span, sum))| ((span, name, payer), sum)).collect()
}

fn signed(money: Money) -> i64 {
    i64::try_from(money.0).unwrap_or(i64::MAX)
}

fn add(span: &str, payer: &Payer, sums: Sums, until: Timestamp) -> Result<TransactWriteItem> {
    let values = [
        (":billed", n(sums.billed)),
        (":unbilled", n(sums.unbilled)),
        (":input", n(sums.input)),
        (":output", n(sums.output)),
        (":expiry", expiry(until)),
    ];
    let change = "ADD #billed :billed, #unbilled :unbilled, #inputTokens :input, #outputTokens :output \
        SET #expiresAt = :expiry";
    write::update(SPENDING_TABLE, account_key(span, payer), change, When::new("", values))
}
