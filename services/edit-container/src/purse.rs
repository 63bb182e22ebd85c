//! The money of a turn: what it may spend, what it has spent, the entry in the book, and the receipt.

use crate::claimed::Claimed;
use crate::draft::Draft;
use crate::words;
use domain::Money;
use domain::message::{Billing, Cost, FailureKind, Outcome, Receipt, Status};
use domain::money::{Caps, Spent, Standing};
use gateway::Usage;
use ports::Result;
use ports::messages::Message;
use ports::metrics::Metric;
use ports::spending::{Entry, Part, Payer, Used};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::warn;

/// One turn's money. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Purse(Arc<Mutex<Content>>);

#[derive(Clone, Copy, Debug, Default)]
struct Content {
    caps: Caps,
    /// The cap of which the least is left.
    bound: Option<Standing>,
    used: Used,
}

impl Purse {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the turn may still spend, where anything bounds it.
    pub(crate) fn left(&self) -> Option<Money> {
        let content = *self.content();
        content.bound.map(|bound| bound.left().less(content.used.cost))
    }

    /// The cap that bounds the turn.
    pub(crate) fn bound(&self) -> Option<Standing> {
        self.content().bound
    }

    /// Notes what a run of the agent has used.
    pub(crate) fn add(&self, usage: &Usage) {
        let used = &mut self.content().used;
        let more = used_of(usage);
        used.cost += more.cost;
        used.input_tokens += more.input_tokens;
        used.output_tokens += more.output_tokens;
    }
}

fn used_of(usage: &Usage) -> Used {
    Used { cost: usage.cost, input_tokens: usage.all_input_tokens(), output_tokens: usage.output_tokens }
}

/// Fills the purse with the least that any cap leaves. With nothing left, the answer in place of the work.
pub(crate) async fn open(claimed: &Claimed, message: &Message, purse: &Purse) -> Result<Option<Draft>> {
    let spending = &claimed.backends.spending;
    let now = spending.spent(&message.pair.project_id, &message.author, &message.id).await?;
    let caps = spending.caps(&message.pair.project_id).await?.or(claimed.config.caps);
    // What a message has cost in vain counts for its own cap, or a turn that breaks off would be paid for ever anew.
    let spent = Spent { message: now.spent.message + now.in_vain, ..now.spent };
    let bound = caps.beside(&spent).into_iter().min_by_key(Standing::left);
    *purse.content() = Content { caps, bound, ..Content::default() };
    Ok(bound.filter(Standing::is_used_up).map(|cap| {
        let says = words::not_begun(&cap, now.at);
        Draft::failed(FailureKind::Allowance, says)
    }))
}

/// The draft with what its turn has cost, and the receipt for it where the model had a part in it.
pub(crate) async fn settle(
    claimed: &Claimed,
    message: &Message,
    draft: Draft,
    purse: &Purse,
) -> Result<Draft> {
    let Content { caps, used, .. } = *purse.content();
    if used == Used::default() {
        return Ok(draft);
    }
    let spending = &claimed.backends.spending;
    let before = spending.spent(&message.pair.project_id, &message.author, &message.id).await?.spent;
    let billing = if draft.status == Status::Failed { Billing::Unbilled } else { Billing::Billed };
    let after = match billing {
        Billing::Billed => before.plus(used.cost),
        Billing::Unbilled => before,
    };
    let hint = match billing {
        Billing::Billed => hint(claimed, message, caps.beside(&after)).await?,
        Billing::Unbilled => None,
    };
    let cost =
        Cost { usd: used.cost.to_usd(), input_tokens: used.input_tokens, output_tokens: used.output_tokens };
    let message = before.message + used.cost;
    let receipt = Receipt { billing, turn: used.cost, message, month: after.project_month, hint };
    Ok(Draft { cost, receipt: Some(receipt), ..draft })
}

/// A word on the first cap that is nearly used up, if it was not said before in its day or month.
async fn hint(claimed: &Claimed, message: &Message, caps: Vec<Standing>) -> Result<Option<String>> {
    for cap in caps.into_iter().filter(Standing::is_near) {
        let Some(span) = cap.kind.span() else { continue };
        let payer = if cap.kind.is_of_project() {
            Payer::Project(message.pair.project_id.clone())
        } else {
            Payer::User(message.author.clone())
        };
        if claimed.backends.spending.hints(&payer, span, &message.id).await? {
            return Ok(Some(words::nearly_used_up(&cap)));
        }
    }
    Ok(None)
}

/// Enters what an outcome cost. Again changes nothing: whoever finds a prepared outcome enters it too.
pub(crate) async fn enter(claimed: &Claimed, message: &Message, outcome: &Outcome) -> Result<()> {
    let Some(receipt) = &outcome.receipt else { return Ok(()) };
    let Cost { input_tokens, output_tokens, .. } = outcome.cost;
    let used = Used { cost: receipt.turn, input_tokens, output_tokens };
    record(claimed, message, (Part::Turn(outcome.turn), used), receipt.billing).await
}

/// Enters what an outcome cost that could not be made true: nobody is billed for it.
pub(crate) async fn void(claimed: &Claimed, message: &Message, outcome: &Outcome) -> Result<()> {
    let mut outcome = outcome.clone();
    if let Some(receipt) = &mut outcome.receipt {
        receipt.billing = Billing::Unbilled;
    }
    enter(claimed, message, &outcome).await
}

/// Enters what a turn has used that came to no outcome: nobody is billed for it.
pub(crate) async fn write_off(claimed: &Claimed, message: &Message, turn: u32, purse: &Purse) {
    let used = purse.content().used;
    if used == Used::default() {
        return;
    }
    if let Err(error) = record(claimed, message, (Part::Turn(turn), used), Billing::Unbilled).await {
        warn!(message.id = %message.id, %error, "what a broken turn has cost is not in the book");
    }
}

/// Enters what the short question about a message has used.
pub(crate) async fn enter_question(claimed: &Claimed, message: &Message, usage: &Usage) {
    let entered = record(claimed, message, (Part::Question, used_of(usage)), Billing::Billed).await;
    if let Err(error) = entered {
        warn!(message.id = %message.id, %error, "what a short question has cost is not in the book");
    }
}

async fn record(
    claimed: &Claimed,
    message: &Message,
    (part, used): (Part, Used),
    billing: Billing,
) -> Result<()> {
    let entry = Entry {
        message: message.id.clone(),
        project: message.pair.project_id.clone(),
        user: message.author.clone(),
        part,
        used,
        billing,
    };
    claimed.backends.spending.record(&entry).await?;
    claimed.backends.metrics.count(Metric::ModelDollars, used.cost.to_usd());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::CapKind;

    #[test]
    fn what_runs_have_used_is_gone_from_the_purse() {
        let purse = Purse::default();
        assert_eq!(purse.left(), None);
        purse.content().bound =
            Some(Standing { kind: CapKind::ProjectDay, cap: Money(100), spent: Money(40) });
        let run =
            |cost| Usage { cost: Money(cost), cache_read_tokens: 2, output_tokens: 1, ..Usage::default() };
        purse.add(&run(50));
        assert_eq!(purse.left(), Some(Money(10)));
        purse.add(&run(50));
        assert_eq!(purse.left(), Some(Money(0)));
        let used = Used { cost: Money(100), input_tokens: 4, output_tokens: 2 };
        assert_eq!(purse.content().used, used);
    }
}
