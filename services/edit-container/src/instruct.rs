//! An instruction: Claude Code works in the thread's worktree, and what it changed becomes one commit.

use crate::claimed::Claimed;
use crate::claimed::Tree;
use crate::draft::{self, Draft, Ready};
use crate::error::{TurnError, local};
use crate::site;
use crate::words;
use agent::{AttachmentFile, Ending, Material, Progress, Turn, TurnReport};
use bootstrap::fault;
use domain::commit::{self, THREAD_TRAILER};
use domain::message::{Cost, FailureKind, Outcome, Status};
use ports::messages::Message;
use ports::progress::ProgressEvent;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use workspace::{CommitId, CommitSpec, ErrorKind, Merge, ThreadTree};

/// Messages of the thread's past that a new session is primed with.
const HISTORY: usize = 20;

/// Runs the turn up to the commit object; the branch has not moved yet.
pub(crate) async fn run(
    claimed: &Arc<Claimed>,
    message: &Message,
    turn: u32,
    stop: &CancellationToken,
) -> Result<Ready, TurnError> {
    let tree = claimed.tree(&message.thread).await?;
    let merge = begin(claimed, message, &tree).await?;
    let report = work(claimed, (message, turn), &tree, stop).await?;
    let draft = match report.ending {
        Ending::Completed => draft_of(&report, &merge),
        Ending::Interrupted => {
            claimed.git(&tree, ThreadTree::discard).await?;
            return Err(TurnError::Stopped);
        }
        Ending::Failed { kind, ref says } => {
            claimed.git(&tree, ThreadTree::discard).await?;
            let failed = Draft::failed(failure_of(kind), says.clone());
            return Ok(Ready::Answer(Draft { cost: cost_of(&report), ..failed }));
        }
    };
    let spec = spec_of(claimed, message, commit::subject(&message.instruction)).await?;
    match claimed.git(&tree, move |tree| tree.prepare(&spec)).await? {
        None => Ok(Ready::Answer(draft)),
        Some(prepared) => Ok(Ready::Effect(Draft {
            commit: Some(prepared.commit.to_string()),
            files_changed: draft::changes(&prepared.changes),
            ..draft
        })),
    }
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

fn draft_of(report: &TurnReport, merge: &Merge) -> Draft {
    let mut summary = report.summary.clone();
    if let Merge::Conflict { files } = merge {
        summary = format!("{summary}\n\n{}", words::conflict_note(files));
    }
    Draft { cost: cost_of(report), ..Draft::done(Status::Done, summary) }
}

/// Whether the owner can do something about it, or only whoever runs this.
fn failure_of(kind: agent::FailureKind) -> FailureKind {
    match kind {
        agent::FailureKind::Credential | agent::FailureKind::Refused => FailureKind::Site,
        agent::FailureKind::TooManySteps | agent::FailureKind::TooExpensive => FailureKind::Limit,
        agent::FailureKind::Overloaded | agent::FailureKind::TooSlow | agent::FailureKind::Other => {
            FailureKind::Model
        }
    }
}

fn cost_of(report: &TurnReport) -> Cost {
    let agent::Cost { usd, input_tokens, output_tokens } = report.cost;
    Cost { usd, input_tokens, output_tokens }
}

async fn work(
    claimed: &Claimed,
    (message, turn): (&Message, u32),
    tree: &Arc<Tree>,
    stop: &CancellationToken,
) -> Result<TurnReport, TurnError> {
    let place = claimed.place_of(&message.thread);
    let attachments = place_attachments(claimed, message, &place.attachments).await?;
    let request = Turn {
        thread: message.thread.clone(),
        home: place.home,
        worktree: tree.path().to_owned(),
        attachments_dir: place.attachments,
        instruction: message.instruction.clone(),
        material: material(message),
        attachments,
        note: (turn > 1).then(|| {
            "An earlier run of this instruction was cut off and its edits were discarded; carry it out from the start."
                .to_owned()
        }),
        history: history(claimed, message).await?,
        system: String::new(),
    };
    let watch = |progress: Progress| {
        if let Some(event) = event_of(progress) {
            claimed.tell(message, event);
        }
    };
    Ok(claimed.agents.turn(request, &watch, stop).await?)
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
        "Edit" => "editing",
        "Write" => "writing",
        "Glob" | "Grep" => "looking for",
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

/// What was said before, for an agent whose own memory of the thread is gone.
async fn history(claimed: &Claimed, message: &Message) -> Result<String, TurnError> {
    let past = claimed.backends.messages.of_thread(&message.thread).await?;
    let lines = past.iter().filter(|m| m.seq < message.seq).rev().take(HISTORY).map(|m| {
        let answer = m.outcome().map_or("(no answer)", |o| o.summary.as_str());
        format!("Owner: {}\nYou: {answer}", m.instruction)
    });
    let mut lines: Vec<String> = lines.collect();
    lines.reverse();
    Ok(lines.join("\n\n"))
}

pub(crate) async fn spec_of(
    claimed: &Claimed,
    message: &Message,
    subject: String,
) -> Result<CommitSpec, TurnError> {
    Ok(CommitSpec {
        subject,
        body: String::new(),
        trailers: commit::trailers(&message.id, &message.thread),
        author: claimed.author(message).await?,
        when: claimed.backends.clock.now(),
    })
}
