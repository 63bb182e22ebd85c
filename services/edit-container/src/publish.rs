//! "Publish": the thread's work is merged into the default branch and pushed; the build service goes on from there.

use crate::claimed::Claimed;
use crate::draft::{self, Draft, Ready};
use crate::error::TurnError;
use crate::words;
use bootstrap::fault;
use domain::commit;
use domain::message::{FailureKind, Outcome, Status};
use ports::messages::Message;
use ports::progress::ProgressEvent;
use ports::releases::Ending;
use workspace::{Preparation, PublishRequest, Push};

/// Releases that are looked at for the live one.
const RELEASES: usize = 20;

/// Makes the merge commit; nothing is pushed yet.
pub(crate) async fn run(claimed: &Claimed, message: &Message) -> Result<Ready, TurnError> {
    claimed.tell(message, ProgressEvent::Note { text: "Merging this conversation's work.".to_owned() });
    Ok(match prepare(claimed, message).await? {
        Preparation::Ready(prepared) => {
            claimed.tell(message, ProgressEvent::Note { text: "Publishing.".to_owned() });
            Ready::Effect(Draft {
                commit: Some(prepared.commit.to_string()),
                files_changed: draft::changes(&prepared.changes),
                ..Draft::done(Status::Published, "Published.")
            })
        }
        Preparation::AlreadyPushed { commit } => Ready::Answer(Draft {
            commit: Some(commit.to_string()),
            ..Draft::done(Status::Published, "Published.")
        }),
        Preparation::NothingNew if was_taken_back(claimed).await? => {
            let workspace = claimed.workspace().await?;
            let head = claimed.blocking(move || workspace.default_head()).await?.to_string();
            Ready::Answer(Draft { commit: Some(head), ..Draft::done(Status::Published, "Published again.") })
        }
        Preparation::NothingNew => Ready::Answer(Draft::done(Status::Done, words::NOTHING_NEW)),
        Preparation::Conflict { files } => {
            Ready::Answer(Draft::failed(FailureKind::Conflict, words::publish_conflict(&files)))
        }
    })
}

/// Whether the public sees an earlier release, because the last one was taken back.
async fn was_taken_back(claimed: &Claimed) -> Result<bool, TurnError> {
    let releases = claimed.backends.releases.list(&claimed.pair.project_id, RELEASES).await?;
    Ok(releases.iter().find(|r| r.ending == Ending::Live).is_some_and(|live| live.restores.is_some()))
}

/// Pushes the prepared merge; false when the default branch has moved on meanwhile and the merge must be made anew.
/// The merge is made again first: the same message at the same base gives the same commit.
pub(crate) async fn push(claimed: &Claimed, message: &Message, outcome: &Outcome) -> Result<bool, TurnError> {
    let prepared = match prepare(claimed, message).await? {
        Preparation::Ready(prepared) => prepared,
        Preparation::AlreadyPushed { commit } => {
            return Ok(Some(commit.as_str()) == outcome.commit.as_deref());
        }
        Preparation::NothingNew | Preparation::Conflict { .. } => return Ok(false),
    };
    if Some(prepared.commit.as_str()) != outcome.commit.as_deref() {
        return Ok(false);
    }
    let (workspace, epoch) = (claimed.workspace().await?, claimed.epoch);
    let push = claimed.blocking(move || workspace.push_publish(&prepared, epoch)).await?;
    fault::point("publish.pushed");
    Ok(push != Push::Moved)
}

async fn prepare(claimed: &Claimed, message: &Message) -> Result<Preparation, TurnError> {
    let request = PublishRequest {
        thread: message.thread.clone(),
        message: message.id.clone(),
        subject: subject(claimed, message).await?,
        author: claimed.author(message).await?,
        when: message.received_at,
    };
    let workspace = claimed.workspace().await?;
    claimed.blocking(move || workspace.prepare_publish(&request)).await
}

/// What the thread is about makes a better subject than the word "publish".
async fn subject(claimed: &Claimed, message: &Message) -> Result<String, TurnError> {
    let thread = claimed.backends.threads.get(&message.thread).await?;
    Ok(commit::subject(&format!("Publish: {}", thread.title)))
}
