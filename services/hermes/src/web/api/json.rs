//! What the API says about conversations, as JSON.

use crate::web::state::App;
use domain::message::{Attachment, Kind, Outcome};
use domain::{MessageId, Seq, ThreadId, Timestamp, UserId};
use ports::messages::{Channel, Message, Progress};
use ports::replies::{Reply, ReplyKind};
use ports::threads::Thread;
use serde::Serialize;

/// A session: a thread's being served.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionJson {
    pub(super) session_id: ThreadId,
    pub(super) thread_id: ThreadId,
    pub(super) preview_url: String,
    pub(super) status: &'static str,
}

/// A session with what is known about it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusJson {
    #[serde(flatten)]
    pub(super) session: SessionJson,
    pub(super) project_id: domain::ProjectId,
    pub(super) user_id: UserId,
    pub(super) title: String,
    /// Milliseconds since the Unix epoch.
    pub(super) last_activity: Timestamp,
}

/// The session of a thread as it is now.
pub(super) async fn session(app: &App, thread: &ThreadId) -> ports::Result<SessionJson> {
    let row = app.backends.sessions.get(thread).await?;
    Ok(SessionJson {
        session_id: thread.clone(),
        thread_id: thread.clone(),
        preview_url: app.preview_url(thread),
        status: row.map_or("sleeping", |row| row.session.word()),
    })
}

/// The status of a thread as it is now.
pub(super) async fn status(app: &App, thread: Thread) -> ports::Result<StatusJson> {
    Ok(StatusJson {
        session: session(app, &thread.id).await?,
        project_id: thread.pair.project_id,
        user_id: thread.pair.user_id,
        title: thread.title,
        last_activity: thread.last_activity,
    })
}

/// A conversation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThreadJson {
    #[serde(flatten)]
    session: SessionJson,
    messages: Vec<MessageJson>,
}

/// A message with its answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageJson {
    message_id: MessageId,
    seq: Seq,
    author_id: UserId,
    channel: &'static str,
    kind: Kind,
    text: String,
    attachments: Vec<AttachmentJson>,
    received_at: Timestamp,
    /// waiting, running, prepared or answered.
    progress: &'static str,
    outcome: Option<Outcome>,
    replies: Vec<ReplyJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentJson {
    name: String,
    media_type: String,
    bytes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplyJson {
    kind: &'static str,
    text: String,
    at: Timestamp,
}

/// A conversation as it is now.
pub(super) async fn thread(app: &App, id: &ThreadId) -> ports::Result<ThreadJson> {
    let session = session(app, id).await?;
    let replies = app.backends.replies.of_thread(id).await?;
    let messages = app.backends.messages.of_thread(id).await?;
    let messages = messages.into_iter().map(|message| MessageJson::of(message, &replies)).collect();
    Ok(ThreadJson { session, messages })
}

impl ThreadJson {
    /// The message of this id.
    pub(super) fn message(&self, id: &MessageId) -> Option<&MessageJson> {
        self.messages.iter().find(|message| &message.message_id == id)
    }
}

impl MessageJson {
    fn of(message: Message, replies: &[Reply]) -> Self {
        let said = replies.iter().filter(|reply| reply.message == message.id).map(reply).collect();
        let progress = match &message.progress {
            Progress::Waiting => "waiting",
            Progress::Running { .. } => "running",
            Progress::Prepared { .. } => "prepared",
            Progress::Answered { .. } => "answered",
        };
        Self {
            outcome: message.outcome().cloned(),
            message_id: message.id,
            seq: message.seq,
            author_id: message.author,
            channel: match message.channel {
                Channel::Mail(_) => "mail",
                Channel::Chat => "chat",
            },
            kind: message.kind,
            text: message.instruction,
            attachments: message.attachments.into_iter().map(attachment).collect(),
            received_at: message.received_at,
            progress,
            replies: said,
        }
    }
}

fn attachment(attachment: Attachment) -> AttachmentJson {
    AttachmentJson { name: attachment.name, media_type: attachment.media_type, bytes: attachment.bytes }
}

fn reply(reply: &Reply) -> ReplyJson {
    let kind = match reply.kind {
        ReplyKind::Received => "received",
        ReplyKind::Result => "result",
        ReplyKind::Reminder => "reminder",
    };
    ReplyJson { kind, text: reply.text.clone(), at: reply.at }
}
