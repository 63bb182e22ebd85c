//! An instruction: Claude Code works in the thread's worktree, and what it changed becomes one commit.

use crate::before::{self, Asked, Before};
use crate::claimed::{Claimed, Tree};
use crate::draft::{self, Draft, Ready};
use crate::error::{TurnError, local};
use crate::mend::{Finished, Mending, before_mending};
use crate::stop::{Stop, Why};
use crate::{plan, purse, site, tools, words};
use agent::{AgentError, AttachmentFile, Ending, Material, Progress, Reach, Turn, TurnReport};
use bootstrap::fault;
use domain::commit::{THREAD_TRAILER, subject, trailers};
use domain::message::{FailureKind, Outcome, Status};
use ports::messages::Message;
use ports::progress::ProgressEvent;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use workspace::{CommitId, CommitSpec, ErrorKind, Merge, ThreadTree};

/// Runs the turn up to the commit object; the branch has not moved yet.
pub(crate) async fn run(
    claimed: &Arc<Claimed>,
    asked: Asked<'_>,
    turn: u32,
    stop: &Stop,
) -> Result<Ready, TurnError> {
    let message = asked.message;
    if let Some(refusal) = purse::open(claimed, message, stop.purse()).await? {
        return Ok(Ready::Answer(refusal));
    }
    let tree = claimed.tree(&message.thread).await?;
    let merge = begin(claimed, message, &tree).await?;
    let before = before::look(claimed, asked, &tree).await?;
    if before.reach != Reach::Anything && intent::wants_plan(&before.work.instruction) {
        return plan::make(claimed, (&before, &tree), None, stop).await;
    }
    let mut report = work(claimed, (&before, turn), &tree, stop).await?;
    let mut mending = Mending::default();
    loop {
        let draft = match report.ending {
            Ending::Completed => draft_of(&report, &merge, before.says.clone()),
            Ending::Failed { .. } if mending.has_begun() => {
                return mending.give_up(claimed, (message, &tree)).await;
            }
            _ => return ended_early(claimed, (message, &before, &tree), report, stop).await,
        };
        let spec = spec_of(claimed, message, subject(&before.work.instruction)).await?;
        let draft = match commit(claimed, &tree, spec, draft).await? {
            Ready::Effect(draft) => draft,
            answer @ Ready::Answer(_) => return Ok(answer),
        };
        let looked = stop.token().run_until_cancelled(mending.look(claimed, (message, &tree), draft)).await;
        match looked.transpose()? {
            None => return interrupted(claimed, message, &tree, stop).await,
            Some(Finished::GivenUp(ready)) => return Ok(ready),
            Some(Finished::Stands(draft)) => {
                return match &before.agreed {
                    Some(plan) => plan::hold_beyond(claimed, (message, &tree), plan, draft).await,
                    None => Ok(Ready::Effect(draft)),
                };
            }
            Some(Finished::ToMend(note)) => {
                claimed.tell(message, ProgressEvent::Note { text: words::MENDING.to_owned() });
                report = work(claimed, (&before_mending(&before, note), 1), &tree, stop).await?;
            }
        }
    }
}

/// What becomes of a turn that did not come to its end.
async fn ended_early(
    claimed: &Arc<Claimed>,
    (message, before, tree): (&Message, &Before, &Arc<Tree>),
    report: TurnReport,
    stop: &Stop,
) -> Result<Ready, TurnError> {
    match report.ending {
        Ending::Completed | Ending::Interrupted => interrupted(claimed, message, tree, stop).await,
        Ending::Overreached(ref over) => {
            // Nothing of it is kept: what comes after the owner's yes does it from the start.
            claimed.git(tree, ThreadTree::discard).await?;
            plan::make(claimed, (before, tree), Some(over), stop).await
        }
        Ending::UsedUp => {
            let spec = unfinished(claimed, message).await?;
            let anything = set_aside(claimed, (message, tree), spec).await?;
            let says = words::used_up(stop.purse().bound(), claimed.backends.clock.now(), anything);
            Ok(Ready::Answer(Draft::used_up(says)))
        }
        Ending::Asks(ref questions) => {
            let draft = Draft::done(Status::Question, words::asks(questions));
            let spec = unfinished(claimed, message).await?;
            commit(claimed, tree, spec, draft).await
        }
        Ending::Failed { kind, ref says } => {
            claimed.git(tree, ThreadTree::discard).await?;
            Ok(Ready::Answer(Draft::failed(failure_of(kind), says.clone())))
        }
    }
}

/// A commit of work that has not come to its end.
async fn unfinished(claimed: &Claimed, message: &Message) -> Result<CommitSpec, TurnError> {
    spec_of(claimed, message, subject(&format!("WIP: {}", message.instruction))).await
}

/// What changed becomes a commit, if anything did.
pub(crate) async fn commit(
    claimed: &Claimed,
    tree: &Arc<Tree>,
    spec: CommitSpec,
    draft: Draft,
) -> Result<Ready, TurnError> {
    Ok(match claimed.git(tree, move |tree| tree.prepare(&spec)).await? {
        None => Ready::Answer(draft),
        Some(prepared) => Ready::Effect(Draft {
            commit: Some(prepared.commit.to_string()),
            files_changed: draft::changes(&prepared.changes),
            ..draft
        }),
    })
}

/// The turn was stopped: what it did by then stays in the branch, or is set aside. Nothing is dropped.
async fn interrupted(
    claimed: &Claimed,
    message: &Message,
    tree: &Arc<Tree>,
    stop: &Stop,
) -> Result<Ready, TurnError> {
    let Some(why) = stop.why() else {
        claimed.git(tree, ThreadTree::discard).await?;
        return Err(TurnError::Stopped);
    };
    if why == Why::Amended {
        let spec = unfinished(claimed, message).await?;
        return commit(claimed, tree, spec, Draft::done(Status::Interrupted, words::AMENDED)).await;
    }
    let spec = unfinished(claimed, message).await?;
    let says = words::set_aside(why, set_aside(claimed, (message, tree), spec).await?);
    Ok(Ready::Answer(Draft::done(Status::Cancelled, says)))
}

/// Takes what a turn has done out of the site and keeps it; whether that was anything.
pub(crate) async fn set_aside(
    claimed: &Claimed,
    (message, tree): (&Message, &Arc<Tree>),
    spec: CommitSpec,
) -> Result<bool, TurnError> {
    let (id, epoch) = (message.id.clone(), claimed.epoch);
    let aside = claimed.git(tree, move |tree| tree.set_aside(&spec, &id, epoch)).await?;
    Ok(!aside.is_empty())
}

/// A clean worktree on top of the published version, where that merges.
async fn begin(claimed: &Arc<Claimed>, message: &Message, tree: &Arc<Tree>) -> Result<Merge, TurnError> {
    let spec = spec_of(claimed, message, "Merge the published version".to_owned()).await?;
    let spec =
        CommitSpec { trailers: vec![(THREAD_TRAILER.to_owned(), message.thread.fingerprint())], ..spec };
    let epoch = claimed.epoch;
    let merge = claimed
        .git(tree, move |tree| {
            tree.discard()?;
            tree.merge_default(&spec, epoch)
        })
        .await?;
    if matches!(merge, Merge::Merged(_) | Merge::FastForward(_)) {
        // A dev server that saw many files change at once may serve stale ones.
        site::reopen_in_background(claimed, &message.thread);
    }
    Ok(merge)
}

/// Moves the thread's branch to the prepared commit; false when the branch has gone elsewhere meanwhile.
pub(crate) async fn move_branch(
    claimed: &Claimed,
    message: &Message,
    outcome: &Outcome,
) -> Result<bool, TurnError> {
    let Some(id) = &outcome.commit else { return Ok(true) };
    let Ok(commit) = id.parse::<CommitId>() else { return Ok(false) };
    let tree = claimed.tree(&message.thread).await?;
    let epoch = claimed.epoch;
    let moved = claimed.git(&tree, move |tree| {
        if !tree.contains(&commit)? {
            tree.finish(&tree.resume(&commit)?, epoch)?;
        }
        // The files follow, also those of an undo or of a turn whose worktree is gone, and of one that was killed here.
        tree.discard()
    });
    match moved.await {
        Ok(()) => {
            fault::point("branch.moved");
            Ok(true)
        }
        Err(TurnError::Workspace(error))
            if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn draft_of(report: &TurnReport, merge: &Merge, says: Option<String>) -> Draft {
    let mut summary = report.summary.clone();
    if let Some(says) = says {
        summary = format!("{says}\n\n{summary}");
    }
    if let Merge::Conflict { files } = merge {
        summary = format!("{summary}\n\n{}", words::conflict_note(files));
    }
    Draft::done(Status::Done, summary)
}

/// Whether the owner can do something about it, or only whoever runs this.
pub(crate) fn failure_of(kind: agent::FailureKind) -> FailureKind {
    match kind {
        agent::FailureKind::Credential | agent::FailureKind::Refused => FailureKind::Site,
        agent::FailureKind::TooManySteps | agent::FailureKind::TooExpensive => FailureKind::Limit,
        agent::FailureKind::Overloaded | agent::FailureKind::TooSlow | agent::FailureKind::Other => {
            FailureKind::Model
        }
    }
}

/// One turn of the agent, up to its ending.
pub(crate) async fn work(
    claimed: &Arc<Claimed>,
    (before, turn): (&Before, u32),
    tree: &Arc<Tree>,
    stop: &Stop,
) -> Result<TurnReport, TurnError> {
    let message = &before.work;
    let place = claimed.place_of(&message.thread);
    let attachments = place_attachments(claimed, message, &place.attachments).await?;
    let (tools, _until_its_end) = tools::of_turn(claimed, message, tree);
    let request = Turn {
        thread: message.thread.clone(),
        home: place.home,
        worktree: tree.path().to_owned(),
        attachments_dir: place.attachments,
        instruction: message.instruction.clone(),
        material: material(message),
        attachments,
        note: note(before, turn),
        history: before.history.clone(),
        reach: before.reach,
        allowance: stop.purse().left(),
        tools: Some(tools),
        system: String::new(),
    };
    let watch = |progress: Progress| {
        if let Some(event) = event_of(progress) {
            claimed.tell(message, event);
        }
    };
    let report = claimed.agents.turn(request, &watch, stop.token()).await;
    stop.purse().add(&report.as_ref().map_or_else(AgentError::usage, |report| report.usage));
    Ok(report?)
}

fn note(before: &Before, turn: u32) -> Option<String> {
    let cut_off = (turn > 1).then_some(
        "An earlier run of this instruction was cut off and its edits were discarded; carry it out from the start.",
    );
    let notes: Vec<&str> = before.note.as_deref().into_iter().chain(cut_off).collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

fn event_of(progress: Progress) -> Option<ProgressEvent> {
    match progress {
        Progress::Text(text) => Some(ProgressEvent::Text { text }),
        Progress::Tool { name, target } => Some(ProgressEvent::Tool { verb: verb(&name).to_owned(), target }),
        Progress::Retrying { .. } => {
            Some(ProgressEvent::Note { text: "The model is busy; trying again.".to_owned() })
        }
        _ => None,
    }
}

fn verb(tool: &str) -> &'static str {
    match tool {
        "Read" => "reading",
        "Edit" | "mcp__site__update_post" | "mcp__site__update_page" => "editing",
        "Write" | "mcp__site__create_post" => "writing",
        "Glob" | "Grep" => "looking for",
        "mcp__site__list_content" => "looking at the site",
        "mcp__site__delete_page" => "removing",
        "mcp__site__add_photo" => "adding",
        "mcp__site__build_check" => "building the site",
        _ => "working on",
    }
}

fn material(message: &Message) -> Vec<Material> {
    if message.material.is_empty() {
        return Vec::new();
    }
    vec![Material { label: "quoted in the message".to_owned(), text: message.material.clone() }]
}

async fn place_attachments(
    claimed: &Claimed,
    message: &Message,
    dir: &Path,
) -> Result<Vec<AttachmentFile>, TurnError> {
    let dir = dir.join(message.id.as_str());
    tokio::fs::create_dir_all(&dir).await.map_err(|e| local(&dir, &e))?;
    let mut placed = Vec::new();
    for attachment in &message.attachments {
        let path: PathBuf = dir.join(&attachment.name);
        let (_, bytes) = claimed.backends.blobs.get(&attachment.blob).await?;
        tokio::fs::write(&path, &bytes).await.map_err(|e| local(&path, &e))?;
        placed.push(AttachmentFile {
            path,
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
        });
    }
    Ok(placed)
}

pub(crate) async fn spec_of(
    claimed: &Claimed,
    message: &Message,
    subject: String,
) -> Result<CommitSpec, TurnError> {
    Ok(CommitSpec {
        subject,
        body: String::new(),
        trailers: trailers(&message.id, &message.thread),
        author: claimed.author(message).await?,
        when: claimed.backends.clock.now(),
    })
}
