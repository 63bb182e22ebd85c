//! Receipts that this process has settled with.
//!
//! Settling twice is fine, and settling what another has received is not; where SQS refuses a receipt, it says the
//! same of both. Who settles twice does so soon and in one process, so a short memory tells them apart.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Receipts that are remembered; at up to 1 KB each.
const REMEMBERED: usize = 256;

/// The last receipts.
#[derive(Default)]
pub(super) struct Settled(Mutex<VecDeque<String>>);

impl Settled {
    pub(super) fn add(&self, handle: &str) {
        let mut handles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if handles.len() == REMEMBERED {
            handles.pop_front();
        }
        handles.push_back(handle.to_owned());
    }

    pub(super) fn has(&self, handle: &str) -> bool {
        let handles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        handles.iter().any(|settled| settled == handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_first() {
        let settled = Settled::default();
        for n in 0..=REMEMBERED {
            settled.add(&n.to_string());
        }
        assert!(!settled.has("0"));
        assert!(settled.has("1") && settled.has(&REMEMBERED.to_string()));
    }
}
