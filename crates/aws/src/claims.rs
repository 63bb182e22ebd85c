//! Claims in DynamoDB. A row stays when its claim is over, so that epochs only rise; it also counts what its pair
//! waits for, in the transactions that change it, so that letting go while nothing waits is one conditional write.

use crate::item::{Item, Read, item, n, s, t};
use crate::store::{Store, Try, until_done};
use crate::tables::LISTED_INDEX;
use crate::write::{self, When};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::names::OWNERSHIP_TABLE;
use domain::{ContainerId, Epoch, Lease, Pair, Timestamp};
use ports::claims::{Claim, Release};
use ports::{Claims, ErrorKind, PortError, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// What the index lists a held claim as.
const HELD: &str = "held";
/// What the index lists as waiting for a container.
const WAITING: &str = "waiting";
const HELD_NOW: &str = "#epoch = :epoch AND #container = :container AND #until > :now";

/// The register of claims.
pub(crate) struct DynamoClaims(pub(crate) Store);

/// Who acts, under which claim.
pub(crate) type By<'a> = (&'a ContainerId, Epoch);

/// By how much a write changes what a pair waits for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Waits {
    /// Unanswered messages for a container.
    pub(crate) messages: i8,
    /// Initializing sessions.
    pub(crate) sessions: i8,
}

/// The key of a row of the pair's.
pub(crate) fn key(pair: &Pair, name: &str) -> Item {
    item([("pair", s(pair.key())), ("item", s(name))])
}

fn claim_key(pair: &Pair) -> Item {
    key(pair, "claim")
}

/// A row by which the pair is found waiting.
pub(crate) fn waiting_row(pair: &Pair, name: &str) -> Item {
    let mut row = key(pair, name);
    row.insert("listed".to_owned(), s(WAITING));
    row
}

/// The pair's claim as it is now.
pub(crate) async fn load(store: &Store, pair: &Pair) -> Result<Lease> {
    store
        .get(OWNERSHIP_TABLE, claim_key(pair))
        .await?
        .map_or_else(|| Ok(Lease::default()), |row| stored(&row))
}

fn stored(row: &Item) -> Result<Lease> {
    Ok(Lease {
        epoch: Epoch(row.maybe_number("epoch")?.unwrap_or_default()),
        by: row.maybe_id("container")?,
        until: Timestamp(row.maybe_number("until")?.unwrap_or_default()),
    })
}

/// Refuses with `LeaseLost` unless this container holds the pair's claim at this epoch now.
pub(crate) async fn fence(store: &Store, pair: &Pair, by: By<'_>) -> Result<()> {
    let claim = load(store, pair).await?;
    if claim.is_held_by(by.0, by.1, store.now()) { Ok(()) } else { Err(lost(pair, by)) }
}

fn lost(pair: &Pair, (by, epoch): By<'_>) -> PortError {
    let says = format_args!("container {by} does not hold {} at epoch {}", pair.key(), epoch.0);
    PortError::new(ErrorKind::LeaseLost, says)
}

fn held_now((by, epoch): By<'_>, now: Timestamp) -> When {
    When::new(HELD_NOW, [(":epoch", n(epoch.0)), (":container", s(by.as_str())), (":now", t(now))])
}

/// The write that fences a transaction by a claim, or counts what the pair waits for, or both; `None` when there is
/// nothing to do.
pub(crate) fn touch(
    pair: &Pair,
    fence: Option<By<'_>>,
    waits: Waits,
    now: Timestamp,
) -> Result<Option<TransactWriteItem>> {
    let mut when = fence.map_or_else(When::default, |by| held_now(by, now));
    if waits.messages == 0 && waits.sessions == 0 {
        let check = || write::check(OWNERSHIP_TABLE, claim_key(pair), when);
        return fence.is_some().then(check).transpose();
    }
    when.values.insert(":messages".to_owned(), n(waits.messages));
    when.values.insert(":sessions".to_owned(), n(waits.sessions));
    let change = "ADD #messages :messages, #sessions :sessions";
    write::update(OWNERSHIP_TABLE, claim_key(pair), change, when).map(Some)
}

/// Claims that were not let go, whether they are still held or have lapsed.
pub(crate) async fn listed(store: &Store) -> Result<Vec<(Pair, Lease)>> {
    let keys = store.listed(OWNERSHIP_TABLE, LISTED_INDEX, ("listed", HELD)).await?;
    let keys = keys.into_iter().map(only_key).collect();
    let rows = store.get_all(OWNERSHIP_TABLE, keys).await?;
    rows.iter().map(|row| Ok((row.id("pair")?, stored(row)?))).collect()
}

/// Takes a lapsed claim off the list. One that was taken meanwhile stays on it.
pub(crate) async fn unlist(store: &Store, pair: &Pair, claim: &Lease) -> Result<()> {
    let as_read = "#epoch = :epoch AND #until = :until";
    let when = When::new(as_read, [(":epoch", n(claim.epoch.0)), (":until", t(claim.until))]);
    DynamoClaims(store.clone()).write(pair, "REMOVE #listed", when).await.map(|_| ())
}

#[async_trait]
impl Claims for DynamoClaims {
    async fn take(&self, pair: &Pair, by: &ContainerId, lease: Duration) -> Result<Option<Epoch>> {
        until_done!("claiming a pair", self.try_take(pair, by, lease))
    }

    async fn renew(&self, pair: &Pair, by: &ContainerId, epoch: Epoch, lease: Duration) -> Result<()> {
        let now = self.0.now();
        let mut when = held_now((by, epoch), now);
        when.values.insert(":until".to_owned(), t(now.plus(lease)));
        if self.write(pair, "SET #until = :until", when).await? {
            Ok(())
        } else {
            Err(lost(pair, (by, epoch)))
        }
    }

    async fn release_idle(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<Release> {
        let now = self.0.now();
        let mut when = held_now((by, epoch), now);
        when.condition.push_str(
            " AND (attribute_not_exists(#messages) OR #messages = :none) \
             AND (attribute_not_exists(#sessions) OR #sessions = :none)",
        );
        when.values.insert(":none".to_owned(), n(0));
        if self.write(pair, END, when).await? {
            return Ok(Release::Released);
        }
        let held = load(&self.0, pair).await?.is_held_by(by, epoch, self.0.now());
        Ok(if held { Release::StillWanted } else { Release::Released })
    }

    async fn release(&self, pair: &Pair, by: &ContainerId, epoch: Epoch) -> Result<()> {
        self.write(pair, END, held_now((by, epoch), self.0.now())).await.map(|_| ())
    }

    async fn holder(&self, pair: &Pair) -> Result<Option<Claim>> {
        let claim = load(&self.0, pair).await?;
        let by = claim.holder(self.0.now()).cloned();
        Ok(by.map(|by| Claim { pair: pair.clone(), by, epoch: claim.epoch }))
    }

    async fn held(&self) -> Result<Vec<Claim>> {
        let (listed, now) = (listed(&self.0).await?, self.0.now());
        let held = listed.into_iter().filter_map(|(pair, claim)| {
            Some(Claim { pair, by: claim.holder(now)?.clone(), epoch: claim.epoch })
        });
        Ok(held.collect())
    }
}

const END: &str = "SET #until = :now REMOVE #container, #listed";

impl DynamoClaims {
    async fn try_take(&self, pair: &Pair, by: &ContainerId, lease: Duration) -> Result<Try<Option<Epoch>>> {
        let (last, now) = (load(&self.0, pair).await?, self.0.now());
        let Some(taken) = last.take(by, now, lease) else { return Ok(Try::Done(None)) };
        // As it was read: neither taken by another nor renewed meanwhile.
        let as_read = "(attribute_not_exists(#epoch) OR (#epoch = :last AND #until = :lapsed))";
        let when = When::new(
            as_read,
            [
                (":last", n(last.epoch.0)),
                (":lapsed", t(last.until)),
                (":epoch", n(taken.epoch.0)),
                (":container", s(by.as_str())),
                (":until", t(taken.until)),
                (":held", s(HELD)),
            ],
        );
        let change = "SET #epoch = :epoch, #container = :container, #until = :until, #listed = :held";
        let written = self.write(pair, change, when).await?;
        Ok(if written { Try::Done(Some(taken.epoch)) } else { Try::Again })
    }

    /// Changes the claim's row; false when the condition does not hold.
    async fn write(&self, pair: &Pair, change: &str, when: When) -> Result<bool> {
        self.0.update((OWNERSHIP_TABLE, claim_key(pair)), change, when).await
    }
}

/// Pairs that wait for a container.
pub(crate) async fn waiting_pairs(store: &Store) -> Result<Vec<Pair>> {
    let rows = store.listed(OWNERSHIP_TABLE, LISTED_INDEX, ("listed", WAITING)).await?;
    let keys: BTreeSet<&str> = rows.iter().map(|row| row.text("pair")).collect::<Result<_>>()?;
    keys.into_iter().map(|key| key.parse().map_err(|error| crate::item::broken("pair", error))).collect()
}

/// The key among a row's attributes: an index gives its own as well.
fn only_key(mut row: Item) -> Item {
    row.retain(|name, _| name == "pair" || name == "item");
    row
}
