//! Plans: large work is laid before the owner first, in words, and done after a yes.

use crate::before::Before;
use crate::claimed::{Claimed, Tree};
use crate::draft::{Draft, Ready};
use crate::error::TurnError;
use crate::instruct::{self, spec_of};
use crate::stop::Stop;
use crate::{mend, words};
use agent::{Ending, Overreach, Reach};
use domain::MessageId;
use domain::commit::subject;
use domain::message::{Kind, Plan, Status};
use ports::messages::{Message, pending};
use std::sync::Arc;
use workspace::{BroughtBack, ThreadTree};

/// Most files that one instruction changes without the owner's yes.
pub(crate) const FILES: usize = 10;
/// The line after which a plan names its files.
const LIST: &str = "FILES:";

/// What the agent is told when it is to plan.
const MAKE: &str = "Make a plan now and change nothing: this is large enough that the owner is asked first. Look at the \
     site, then answer with the plan, in plain words for somebody who is no programmer: which pages change and how, which \
     are added, which are removed, and what could go wrong. Do not ask whether to go on: that is asked for you. After the \
     plan write a line that says only FILES: and then, one on each line, every file or folder that the work will touch, \
     relative to the working directory. The owner does not see that list; what is not in it will need another yes.";

/// A plan that waits for the owner's word.
pub(crate) struct Waiting {
    /// The instruction that it is for.
    instruction: Message,
    /// The plan's words.
    words: String,
    plan: Plan,
    /// The message that the plan was the answer to.
    answered: MessageId,
}

/// Lets the agent make a plan in place of the work; `why` it is one, when a turn has run into it.
pub(crate) async fn make(
    claimed: &Arc<Claimed>,
    (before, tree): (&Before, &Arc<Tree>),
    why: Option<&Overreach>,
    stop: &Stop,
) -> Result<Ready, TurnError> {
    let planning = Before { note: Some(MAKE.to_owned()), reach: Reach::Words, ..before.clone() };
    let report = instruct::work(claimed, (&planning, 1), tree, stop).await?;
    // It cannot have changed anything; were it so, nobody has agreed to it.
    claimed.git(tree, ThreadTree::discard).await?;
    let draft = match report.ending {
        Ending::Completed | Ending::Overreached(_) => {
            let (says, files) = read(&report.summary);
            let plan = Some(Plan { files, done: false });
            Draft { plan, ..Draft::done(Status::Plan, words::plan(why, &says)) }
        }
        Ending::Asks(ref questions) => Draft::done(Status::Question, words::asks(questions)),
        Ending::UsedUp => {
            Draft::used_up(words::used_up(stop.purse().bound(), claimed.backends.clock.now(), false))
        }
        Ending::Interrupted if stop.why().is_none() => return Err(TurnError::Stopped),
        Ending::Interrupted => Draft::done(Status::Cancelled, words::PLAN_STOPPED),
        Ending::Failed { kind, says } => Draft::failed(instruct::failure_of(kind), says),
    };
    Ok(Ready::Answer(draft))
}

/// The plan's words, and the files that it names.
fn read(summary: &str) -> (String, Vec<String>) {
    let Some(at) = summary.lines().position(|line| line.trim().trim_matches(['*', '`']) == LIST) else {
        return (summary.trim().to_owned(), Vec::new());
    };
    let says: Vec<&str> = summary.lines().take(at).collect();
    let files = summary.lines().skip(at + 1).map(|line| line.trim().trim_start_matches(['-', '*', ' ']));
    let files = files.map(|line| line.trim_matches('`').trim_start_matches("./").to_owned());
    (says.join("\n").trim().to_owned(), files.filter(|file| !file.is_empty()).collect())
}

/// The plan that a conversation waits with.
pub(crate) fn waiting(past: &[Message]) -> Option<Waiting> {
    let has_plan = |message: &Message| message.status() == Some(Status::Plan);
    let answered = pending(past).filter(|message| has_plan(message))?;
    // An unclear word or a second yes comes between the instruction and its newest plan.
    let instruction = past.iter().rev().find(|m| m.kind == Kind::Instruct && has_plan(m))?;
    let outcome = answered.outcome()?;
    Some(Waiting {
        instruction: instruction.clone(),
        words: outcome.summary.clone(),
        plan: outcome.plan.clone().unwrap_or_default(),
        answered: answered.id.clone(),
    })
}

impl Waiting {
    /// The planned work, to which the owner has agreed with `message`, and with what that adds.
    pub(crate) fn agreed(self, message: &Message, past: &[Message]) -> Before {
        let Before { mut work, history, .. } = Before::plain(&self.instruction, past);
        let mut note = format!(
            "The owner has agreed to your plan. Carry it out, and nothing beyond it. The plan:\n{}",
            self.words
        );
        if let intent::PlanReply::YesBut(but) = intent::reply_to_plan(&message.instruction) {
            work.instruction = format!("{}\n\n{but}", work.instruction);
            note.push_str("\n\nThe last words of the instruction came with the yes: they change the plan.");
        }
        let agreed = Some(self.plan);
        Before { work, history, note: Some(note), says: None, reach: Reach::Anything, agreed }
    }

    /// The answer to a word that is neither yes nor no: it is asked back, and the plan, with the work that may be done
    /// already, waits on.
    pub(crate) async fn asked_back(self, claimed: &Claimed, message: &Message) -> Result<Ready, TurnError> {
        if self.plan.done {
            let tree = claimed.tree(&message.thread).await?;
            let (from, to) = (self.answered, message.id.clone());
            claimed.git(&tree, move |tree| tree.hand_on(&from, &to)).await?;
        }
        let draft = Draft::done(Status::Plan, words::asked_back(&self.words));
        Ok(Ready::Answer(Draft { plan: Some(self.plan), ..draft }))
    }

    /// Whether the work is done and only waits to be brought in.
    pub(crate) fn is_done(&self) -> bool {
        self.plan.done
    }

    /// Brings in work that was set aside because it went beyond an earlier plan.
    pub(crate) async fn bring_in(self, claimed: &Claimed, message: &Message) -> Result<Ready, TurnError> {
        let tree = claimed.tree(&message.thread).await?;
        let Self { instruction, answered, .. } = self;
        let back = claimed.git(&tree, move |tree| {
            tree.discard()?;
            tree.bring_back(&answered)
        });
        if back.await? != BroughtBack::Ready {
            return Ok(Ready::Answer(Draft::done(Status::Done, words::GONE)));
        }
        let spec = spec_of(claimed, message, subject(&instruction.instruction)).await?;
        let ready =
            instruct::commit(claimed, &tree, spec, Draft::done(Status::Done, words::BROUGHT_IN)).await?;
        mend::told(claimed, (message, &tree), ready).await
    }
}

/// Holds work back that went beyond what the owner agreed to.
pub(crate) async fn hold_beyond(
    claimed: &Claimed,
    (message, tree): (&Message, &Arc<Tree>),
    plan: &Plan,
    draft: Draft,
) -> Result<Ready, TurnError> {
    let beyond = plan.beyond(&draft.files_changed).into_iter().map(str::to_owned).collect::<Vec<_>>();
    if beyond.is_empty() {
        return Ok(Ready::Effect(draft));
    }
    let spec = spec_of(claimed, message, subject(&message.instruction)).await?;
    instruct::set_aside(claimed, (message, tree), spec).await?;
    let files = draft.files_changed.iter().map(|change| change.path.clone()).collect();
    let says = words::beyond(&draft.summary, &beyond);
    let plan = Some(Plan { files, done: true });
    Ok(Ready::Answer(Draft { plan, ..Draft::done(Status::Plan, says) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plans_files_are_not_for_the_owner() {
        let (says, files) = read("I would remove it.\n\nFILES:\n- src/pages/a.astro\n`./src/blog/`\n\n");
        assert_eq!(says, "I would remove it.");
        assert_eq!(files, ["src/pages/a.astro", "src/blog/"]);
        assert_eq!(read(" Only words. "), ("Only words.".to_owned(), Vec::new()));
    }
}
