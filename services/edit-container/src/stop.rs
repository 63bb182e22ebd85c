//! Stopping a turn, and why.

use crate::purse::Purse;
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;

/// Why a turn is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The owner said so. What was done is set aside.
    Cancelled,
    /// A newer message changes what is wanted. What was done stays.
    Amended,
    /// A newer message wants something else instead. What was done is set aside.
    Replaced,
}

/// A way to stop one turn, and the money that stops it when it is spent. Of several reasons the first counts.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    token: CancellationToken,
    why: Arc<OnceLock<Why>>,
    purse: Purse,
}

impl Stop {
    /// One that also stops when `parent` does, which is for no reason of the owner's.
    pub(crate) fn below(parent: &CancellationToken) -> Self {
        Self { token: parent.child_token(), why: Arc::default(), purse: Purse::default() }
    }

    /// Stops the turn.
    pub(crate) fn stop(&self, why: Why) {
        let _ = self.why.set(why);
        self.token.cancel();
    }

    /// Why, if a message asked for it.
    pub(crate) fn why(&self) -> Option<Why> {
        self.why.get().copied()
    }

    /// The turn's money.
    pub(crate) fn purse(&self) -> &Purse {
        &self.purse
    }

    /// What the turn's own parts listen to.
    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }
}
