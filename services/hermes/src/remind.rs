//! Plans and questions that nobody answers: their authors are asked once more, and then the thread just sleeps.

use crate::desk::Hermes;
use domain::Timestamp;
use email::answer;
use ports::PortError;
use ports::messages::{Message, Progress, pending};
use ports::replies::ReplyKind;
use std::time::Duration;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_hours(72);
/// Between two looks for what waits too long.
const LOOK_AGAIN: Duration = Duration::from_mins(10);

impl Hermes {
    /// Asks once more, every ten minutes, where a plan or a question has waited for 72 hours. Several may do it at once: it
    /// is said once.
    pub(crate) async fn remind(&self) -> Result<(), PortError> {
        let now = self.backends.clock.now();
        if !self.reminders.is_due(now, LOOK_AGAIN) {
            return Ok(());
        }
        let mut asking = self.backends.messages.asking().await?;
        asking.retain(|message| asked_at(message).is_some_and(|at| now.since(at) >= PATIENCE));
        for message in asking {
            let conversation = self.backends.messages.of_thread(&message.thread).await?;
            let waits = pending(&conversation).is_some_and(|waiting| waiting.id == message.id);
            if let Some(outcome) = message.outcome().filter(|_| waits) {
                let letter = answer::reminder(outcome.status, &outcome.summary);
                self.tell(&message, ReplyKind::Reminder, letter).await?;
            }
            self.backends.messages.stop_asking(&message.id).await?;
        }
        Ok(())
    }
}

fn asked_at(message: &Message) -> Option<Timestamp> {
    match &message.progress {
        Progress::Answered { at, .. } => Some(*at),
        _ => None,
    }
}
