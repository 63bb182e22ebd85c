//! A pair's lease: which container works for it, until when, and the fence that keeps out whoever held it before. Pure:
//! the stores persist what these functions give back, in one atomic step each.

use crate::id::{ContainerId, Epoch};
use crate::time::Timestamp;
use std::time::Duration;

/// The last claim on a pair, held or over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Its fencing number; 0 before the first.
    pub epoch: Epoch,
    /// Whose it is, unless it was let go.
    pub by: Option<ContainerId>,
    /// When it lapses, or was let go.
    pub until: Timestamp,
}

impl Lease {
    /// Whether `by` holds it at `epoch` now.
    pub fn is_held_by(&self, by: &ContainerId, epoch: Epoch, now: Timestamp) -> bool {
        self.epoch == epoch && self.by.as_ref() == Some(by) && self.until > now
    }

    /// Who holds it now.
    pub fn holder(&self, now: Timestamp) -> Option<&ContainerId> {
        self.by.as_ref().filter(|_| self.until > now)
    }

    /// `by` takes it for `life`, at an epoch above every earlier one. `None` while another holds it; its holder may take it
    /// anew.
    pub fn take(&self, by: &ContainerId, now: Timestamp, life: Duration) -> Option<Self> {
        let free = self.holder(now).is_none_or(|holder| holder == by);
        free.then(|| Self { epoch: Epoch(self.epoch.0 + 1), by: Some(by.clone()), until: now.plus(life) })
    }

    /// Its life begins anew. `None` when it is not `by`'s at `epoch` any more.
    pub fn renew(&self, by: &ContainerId, epoch: Epoch, now: Timestamp, life: Duration) -> Option<Self> {
        self.is_held_by(by, epoch, now).then(|| Self { until: now.plus(life), ..self.clone() })
    }

    /// It is let go. `None` when it is not `by`'s at `epoch` any more.
    pub fn let_go(&self, by: &ContainerId, epoch: Epoch, now: Timestamp) -> Option<Self> {
        self.is_held_by(by, epoch, now).then_some(Self { epoch, by: None, until: now })
    }
}

/// What stands at a repository's door: the epoch whose holder may move refs. It only rises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fence(pub Option<Epoch>);

/// An epoch that is over: a higher one, or none, stands at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claim is at epoch {}, not {}", .now.0, .mine.0)]
pub struct Fenced {
    now: Epoch,
    mine: Epoch,
}

impl Fence {
    /// The fence with `mine` as the current epoch; a second time is as good.
    ///
    /// # Errors
    /// When a higher one stands there.
    pub fn raise(self, mine: Epoch) -> Result<Self, Fenced> {
        match self.0 {
            Some(now) if now > mine => Err(Fenced { now, mine }),
            _ => Ok(Self(Some(mine))),
        }
    }

    /// Lets `mine` through while it is the current epoch.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(self, mine: Epoch) -> Result<(), Fenced> {
        if self.0 == Some(mine) { Ok(()) } else { Err(Fenced { now: self.0.unwrap_or_default(), mine }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(30);

    #[test]
    fn a_lease_is_one_containers_until_it_lapses_or_is_let_go() {
        let (one, two): (ContainerId, ContainerId) = ("c1".parse().unwrap(), "c2".parse().unwrap());
        let at = Timestamp;
        let first = Lease::default().take(&one, at(0), LIFE).unwrap();
        assert_eq!(first.epoch, Epoch(1));
        assert_eq!(first.take(&two, at(29_999), LIFE), None);
        assert_eq!(first.take(&one, at(1), LIFE).unwrap().epoch, Epoch(2));
        let longer = first.renew(&one, Epoch(1), at(20_000), LIFE).unwrap();
        assert_eq!(longer.take(&two, at(40_000), LIFE), None);
        let second = longer.take(&two, at(50_000), LIFE).unwrap();
        assert_eq!(second.renew(&one, Epoch(1), at(50_000), LIFE), None);
        assert_eq!(second.let_go(&two, Epoch(1), at(50_001),), None);
        let free = second.let_go(&two, Epoch(2), at(50_001)).unwrap();
        assert_eq!(free.holder(at(50_001)), None);
        assert_eq!(free.take(&one, at(50_001), LIFE).unwrap().epoch, Epoch(3));
    }

    #[test]
    fn a_fence_only_rises() {
        let fence = Fence::default().raise(Epoch(2)).unwrap();
        assert!(
            fence.check(Epoch(2)).is_ok() && fence.check(Epoch(1)).is_err() && fence.check(Epoch(3)).is_err()
        );
        assert!(fence.raise(Epoch(1)).is_err());
        assert_eq!(fence.raise(Epoch(2)), Ok(fence));
        assert!(Fence::default().check(Epoch(0)).is_err());
    }
}
