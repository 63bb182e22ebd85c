//! How far a message has come: waiting, running, prepared, answered; and back to waiting while nothing is certain. Pure.

use crate::id::Epoch;
use crate::message::Outcome;
use crate::time::Timestamp;

/// How far a message has come. `O` is what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Progress<O = Outcome> {
    /// Nobody has begun.
    Waiting,
    /// A container is at it, or was when it died.
    Running {
        /// Under which claim.
        epoch: Epoch,
        /// Which try, from 1.
        turn: u32,
    },
    /// The outcome is certain but for the last effect (moving the branch, pushing), which is done or done again.
    Prepared {
        /// Which try, from 1.
        turn: u32,
        /// What will be the outcome.
        outcome: O,
    },
    /// It is over.
    Answered {
        /// How.
        outcome: O,
        /// When.
        at: Timestamp,
    },
}

/// A step that the message has passed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Passed {
    /// It has an outcome, which is certain or will be.
    #[error("it has an outcome already")]
    Decided,
    /// It is over, with another outcome.
    #[error("it is answered already")]
    Answered,
}

impl<O: PartialEq> Progress<O> {
    /// A turn begins under `epoch`, after `turns` others.
    pub fn begin(&self, epoch: Epoch, turns: u32) -> Result<Self, Passed> {
        match self {
            Self::Waiting | Self::Running { .. } => Ok(Self::Running { epoch, turn: turns + 1 }),
            Self::Prepared { .. } | Self::Answered { .. } => Err(Passed::Decided),
        }
    }

    /// Turn `turn` has come to `outcome`, whose last effect is still to be done.
    pub fn prepare(&self, turn: u32, outcome: O) -> Result<Self, Passed> {
        self.open()?;
        Ok(Self::Prepared { turn, outcome })
    }

    /// The last effect cannot be done any more. `None` where nothing was prepared.
    pub fn unprepare(&self) -> Result<Option<Self>, Passed> {
        self.open()?;
        Ok(matches!(self, Self::Prepared { .. }).then_some(Self::Waiting))
    }

    /// It is over. `None` when it is already, with the same outcome.
    pub fn answer(&self, outcome: O, at: Timestamp) -> Result<Option<Self>, Passed> {
        match self {
            Self::Answered { outcome: known, .. } if *known == outcome => Ok(None),
            Self::Answered { .. } => Err(Passed::Answered),
            _ => Ok(Some(Self::Answered { outcome, at })),
        }
    }

    fn open(&self) -> Result<(), Passed> {
        if matches!(self, Self::Answered { .. }) { Err(Passed::Answered) } else { Ok(()) }
    }
}
