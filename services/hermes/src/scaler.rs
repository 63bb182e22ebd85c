//! How many edit containers there should be: one Hermes at a time decides, and the operator's count is the floor.

use crate::desk::Hermes;
use domain::Pair;
use domain::names::EDIT_SERVICE;
use ports::claims::Claim;
use ports::pool::PoolRow;
use ports::{ErrorKind, PortError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tracing::{info, warn};

/// For how long a Hermes has the right to scale; it takes it anew every third of that.
const LEASE: Duration = Duration::from_secs(30);
/// Tries at a record that the operator changes meanwhile.
const TRIES: u32 = 3;

/// This Hermes as a scaler.
pub(crate) struct Scaler {
    name: String,
    /// When the right to scale was taken last. Locked while scaling, so that one does it at a time.
    led: Mutex<Option<Instant>>,
}

impl Scaler {
    pub(crate) fn new() -> Self {
        Self { name: uuid::Uuid::new_v4().simple().to_string(), led: Mutex::default() }
    }
}

/// What bounds the pool.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Containers that wait for work which is not there yet.
    spare: u32,
    /// Most containers.
    max: u32,
}

/// What to store, then what to set.
#[derive(Debug, PartialEq, Eq)]
struct Decision {
    row: PoolRow,
    set: Option<u32>,
}

/// Decides from the record, the desired count that was found, and how many containers the work needs. A count that is
/// neither the intent nor the one before it is the operator's, and becomes the floor.
fn decide(row: &PoolRow, found: u32, needed: u32, bounds: Bounds) -> Decision {
    let ours = found == row.intent || found == row.before;
    let floor = if ours { row.floor } else { found };
    let wanted = if row.paused { 0 } else { needed.saturating_add(bounds.spare).max(floor).min(bounds.max) };
    Decision {
        row: PoolRow { intent: wanted, before: found, floor, paused: row.paused },
        set: (wanted != found).then_some(wanted),
    }
}

/// One container for each pair that is claimed or waits.
fn needed(held: &[Claim], waiting: &[Pair]) -> u32 {
    let unclaimed = waiting.iter().filter(|pair| held.iter().all(|claim| &claim.pair != *pair)).count();
    u32::try_from(held.len() + unclaimed).unwrap_or(u32::MAX)
}

impl Hermes {
    /// Sets the pool's desired count, unless another Hermes has the right to. May be called at any time, and is when
    /// the operator has changed something.
    pub async fn scale(&self) -> Result<(), PortError> {
        let mut led = self.scaler.led.lock().await;
        // Who ends has given the right back.
        if self.stop.is_cancelled() {
            return Ok(());
        }
        if led.is_none_or(|at| at.elapsed() >= LEASE / 3) {
            let taken = Instant::now();
            let leads = self.backends.pool.lead(&self.scaler.name, LEASE).await?.is_some();
            *led = leads.then_some(taken);
        }
        if led.is_none() {
            return Ok(());
        }
        for _ in 1..TRIES {
            match self.scale_once().await {
                // The operator's word came in between.
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                other => return other,
            }
        }
        self.scale_once().await
    }

    /// Gives the right to scale to the next Hermes.
    pub(crate) async fn leave_scaling(&self) {
        let mut led = self.scaler.led.lock().await;
        if led.take().is_some()
            && let Err(error) = self.backends.pool.resign(&self.scaler.name).await
        {
            warn!(%error, "the right to scale was not given back; it will lapse");
        }
    }

    async fn scale_once(&self) -> Result<(), PortError> {
        let (pool, fleet) = (&self.backends.pool, &self.backends.fleet);
        let held = self.backends.claims.held().await?;
        let waiting = self.backends.messages.waiting_pairs().await?;
        let row = pool.read().await?;
        let found = fleet.count(EDIT_SERVICE).await?.desired;
        let bounds = Bounds { spare: self.config.warm_spare, max: self.config.max_containers };
        let decision = decide(&row, found, needed(&held, &waiting), bounds);
        if decision.row.floor != row.floor {
            info!(floor = decision.row.floor, "the operator has set the pool's count");
        }
        if decision.row != row {
            pool.write(&row, &decision.row).await?;
        }
        let Some(desired) = decision.set else { return Ok(()) };
        info!(claims = held.len(), waiting = waiting.len(), desired, "scaling the pool");
        bootstrap::fault::point("pool.intended");
        fleet.set_desired(EDIT_SERVICE, desired).await?;
        // Once the intent is seen to stand, the count before it can only be the operator's.
        if fleet.count(EDIT_SERVICE).await?.desired == desired {
            pool.write(&decision.row, &PoolRow { before: desired, ..decision.row.clone() }).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Epoch;

    const BOUNDS: Bounds = Bounds { spare: 0, max: 10 };

    fn pair(user: &str) -> Pair {
        Pair {
            client_id: "c".parse().unwrap(),
            project_id: "p".parse().unwrap(),
            user_id: user.parse().unwrap(),
        }
    }

    /// A record of the scaler's own count, which stands.
    fn stands(count: u32) -> PoolRow {
        PoolRow { intent: count, before: count, ..PoolRow::default() }
    }

    #[test]
    fn a_pair_counts_once_whether_claimed_or_waiting() {
        let held = [Claim { pair: pair("a"), by: "k".parse().unwrap(), epoch: Epoch(1) }];
        assert_eq!(needed(&[], &[]), 0);
        assert_eq!(needed(&held, &[pair("a")]), 1);
        assert_eq!(needed(&held, &[pair("a"), pair("b"), pair("d")]), 3);
    }

    #[test]
    fn the_count_follows_the_work_within_its_bounds() {
        for (found, needed, spare, wanted) in
            [(0, 3, 0, 3), (3, 0, 0, 0), (0, 30, 0, 10), (0, 0, 2, 2), (2, 9, 2, 10)]
        {
            let decision = decide(&stands(found), found, needed, Bounds { spare, max: 10 });
            assert_eq!(decision.set, Some(wanted), "{found} {needed} {spare}");
            assert_eq!(decision.row, PoolRow { intent: wanted, before: found, ..PoolRow::default() });
        }
        assert_eq!(decide(&stands(3), 3, 3, BOUNDS), Decision { row: stands(3), set: None });
    }

    #[test]
    fn an_intent_that_was_not_set_is_set_now_and_is_not_the_operators() {
        let begun = PoolRow { intent: 3, before: 1, ..PoolRow::default() };
        let decision = decide(&begun, 1, 3, BOUNDS);
        assert_eq!(decision, Decision { row: begun.clone(), set: Some(3) });
        assert_eq!(decide(&begun, 3, 3, BOUNDS), Decision { row: stands(3), set: None });
    }

    #[test]
    fn another_count_is_the_operators_and_becomes_the_floor() {
        let raised = decide(&stands(1), 4, 1, BOUNDS);
        assert_eq!(raised, Decision { row: PoolRow { floor: 4, ..stands(4) }, set: None });
        // More work than the floor, then none.
        let busy = decide(&raised.row, 4, 6, BOUNDS);
        assert_eq!((busy.set, busy.row.floor), (Some(6), 4));
        assert_eq!(decide(&PoolRow { floor: 4, ..stands(6) }, 6, 0, BOUNDS).set, Some(4));
        // Lowered below what is needed: work still wakes, and there is no floor any more.
        let lowered = decide(&PoolRow { floor: 4, ..stands(4) }, 0, 1, BOUNDS);
        assert_eq!(lowered.set, Some(1));
        assert_eq!(lowered.row, PoolRow { intent: 1, before: 0, floor: 0, paused: false });
        // The maximum holds for the operator, too.
        let beyond = decide(&stands(0), 99, 0, BOUNDS);
        assert_eq!((beyond.set, beyond.row.floor), (Some(10), 99));
    }

    #[test]
    fn a_paused_pool_is_held_at_nothing_and_remembers_the_floor() {
        let paused = PoolRow { floor: 2, paused: true, ..stands(2) };
        let held = decide(&paused, 2, 5, BOUNDS);
        assert_eq!(held.set, Some(0));
        assert_eq!(decide(&held.row, 0, 5, BOUNDS).set, None);
        let set = decide(&PoolRow { paused: true, ..stands(0) }, 3, 0, BOUNDS);
        assert_eq!((set.set, set.row.floor), (Some(0), 3));
        let resumed = PoolRow { paused: false, ..set.row };
        assert_eq!(decide(&resumed, 0, 0, BOUNDS).set, Some(3));
    }

    #[test]
    fn every_decision_is_settled_by_carrying_it_out() {
        let counts = [0, 1, 2, 5, 12];
        for (intent, before, floor) in
            counts.iter().flat_map(|&i| counts.iter().flat_map(move |&b| counts.map(|f| (i, b, f))))
        {
            for (found, work) in counts.iter().flat_map(|&f| counts.map(|n| (f, n))) {
                for paused in [false, true] {
                    let first = decide(&PoolRow { intent, before, floor, paused }, found, work, BOUNDS);
                    let stands = first.set.unwrap_or(found);
                    let second = decide(&first.row, stands, work, BOUNDS);
                    assert_eq!(second.set, None, "{first:?}");
                    assert_eq!(
                        (second.row.intent, second.row.before, second.row.floor),
                        (stands, stands, first.row.floor)
                    );
                }
            }
        }
    }
}
