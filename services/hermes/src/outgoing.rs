//! Mails on their way out: what this Hermes is handing over or has just handed over is not handed over again by its sweep.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a mail that was handed over is remembered: longer than any sweep works on what it has read.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Mails by their keys.
#[derive(Default)]
pub(crate) struct Outgoing(Mutex<HashMap<String, State>>);

enum State {
    OnItsWay,
    HandedOver { at: Instant, also: Option<String> },
}

/// Whose turn it is to hand a mail over.
pub(crate) enum Turn<'a> {
    /// The caller's.
    Yours(Sending<'a>),
    /// Nobody's: it was handed over, and got this Message-ID beside its own. Perhaps the store was not told.
    HandedOver(Option<String>),
    /// Somebody does it already.
    Others,
}

/// The right to hand a mail over; given back when it is dropped before that is done.
pub(crate) struct Sending<'a> {
    outgoing: &'a Outgoing,
    key: String,
}

impl Outgoing {
    /// Whose turn the mail of this key is.
    pub(crate) fn begin(&self, key: &str) -> Turn<'_> {
        let mut mails = self.mails();
        match mails.get(key) {
            Some(State::OnItsWay) => Turn::Others,
            Some(State::HandedOver { also, .. }) => Turn::HandedOver(also.clone()),
            None => {
                mails.insert(key.to_owned(), State::OnItsWay);
                Turn::Yours(Sending { outgoing: self, key: key.to_owned() })
            }
        }
    }

    fn mails(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sending<'_> {
    /// It was handed over, and got this Message-ID beside its own.
    pub(crate) fn handed_over(self, also: Option<String>) {
        let mut mails = self.outgoing.mails();
        mails.retain(|_, state| match state {
            State::OnItsWay => true,
            State::HandedOver { at, .. } => at.elapsed() < REMEMBERED,
        });
        mails.insert(self.key.clone(), State::HandedOver { at: Instant::now(), also });
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        let mut mails = self.outgoing.mails();
        if matches!(mails.get(&self.key), Some(State::OnItsWay)) {
            mails.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_hands_a_mail_over_and_only_once() {
        let outgoing = Outgoing::default();
        let Turn::Yours(sending) = outgoing.begin("a") else { panic!("nobody else has it") };
        assert!(matches!(outgoing.begin("a"), Turn::Others));
        assert!(matches!(outgoing.begin("b"), Turn::Yours(_)), "another mail is another matter");
        sending.handed_over(Some("id".to_owned()));
        assert!(matches!(outgoing.begin("a"), Turn::HandedOver(Some(id)) if id == "id"));
    }

    #[test]
    fn what_was_not_handed_over_is_tried_again() {
        let outgoing = Outgoing::default();
        drop(outgoing.begin("a"));
        assert!(matches!(outgoing.begin("a"), Turn::Yours(_)));
    }
}
