//! A thread's being served by a container, as a state machine.

use crate::id::{ContainerId, Epoch};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where the serving of a thread stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Session {
    /// Wanted; no container serves it yet.
    Initializing {
        /// Since when.
        since: Timestamp,
    },
    /// Served.
    Active {
        /// By whom.
        by: ContainerId,
        /// Under which claim.
        epoch: Epoch,
    },
    /// Its container is finishing up.
    Draining {
        /// Who.
        by: ContainerId,
        /// Under which claim.
        epoch: Epoch,
    },
    /// Nobody serves it and nobody waits. Anything new wakes it.
    Sleeping {
        /// Since when.
        since: Timestamp,
    },
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message or a preview hit.
    Wanted,
    /// A container took it up.
    Served {
        /// Who.
        by: ContainerId,
        /// Under which claim.
        epoch: Epoch,
    },
    /// The container begins to stop.
    Draining {
        /// Under which claim.
        epoch: Epoch,
    },
    /// The container has let go, or its lease has lapsed.
    Left {
        /// Under which claim.
        epoch: Epoch,
    },
}

/// An event that cannot happen in the session's state: it comes from a claim that is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to a session that is {session:?}")]
pub struct IllegalTransition {
    session: Session,
    event: Event,
}

impl Session {
    /// Applies `event` at `now`. Pure: every caller persists what it gets back.
    pub fn apply(self, event: Event, now: Timestamp) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (Self::Sleeping { .. }, Event::Wanted) => Ok(Self::Initializing { since: now }),
            (session, Event::Wanted) => Ok(session),
            (session, Event::Served { by, epoch }) if session.epoch().is_none_or(|e| e <= epoch) => {
                Ok(Self::Active { by, epoch })
            }
            (Self::Active { by, epoch }, Event::Draining { epoch: e }) if e == epoch => {
                Ok(Self::Draining { by, epoch })
            }
            (session, Event::Left { epoch }) if session.epoch() == Some(epoch) => {
                Ok(Self::Sleeping { since: now })
            }
            (session, event) => Err(IllegalTransition { session, event }),
        }
    }

    /// The claim that serves it, if one does.
    pub fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Active { epoch, .. } | Self::Draining { epoch, .. } => Some(*epoch),
            Self::Initializing { .. } | Self::Sleeping { .. } => None,
        }
    }

    /// One word for people and APIs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Initializing { .. } => "initializing",
            Self::Active { .. } => "active",
            Self::Draining { .. } => "draining",
            Self::Sleeping { .. } => "sleeping",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn served(epoch: u64) -> Event {
        Event::Served { by: "c1".parse().unwrap(), epoch: Epoch(epoch) }
    }

    #[test]
    fn a_sleeping_thread_wakes_when_wanted_and_sleeps_when_left() {
        let asleep = Session::Sleeping { since: Timestamp(0) };
        let wanted = asleep.apply(Event::Wanted, NOW).unwrap();
        assert_eq!(wanted, Session::Initializing { since: NOW });
        let active = wanted.apply(served(3), NOW).unwrap();
        assert_eq!(active.word(), "active");
        assert_eq!(active.apply(Event::Left { epoch: Epoch(3) }, NOW).unwrap().word(), "sleeping");
    }

    #[test]
    fn a_claim_that_is_over_changes_nothing() {
        let active = Session::Initializing { since: NOW }.apply(served(3), NOW).unwrap();
        assert!(active.clone().apply(served(2), NOW).is_err());
        assert!(active.clone().apply(Event::Left { epoch: Epoch(2) }, NOW).is_err());
        assert_eq!(active.apply(served(4), NOW).unwrap().epoch(), Some(Epoch(4)));
    }
}
