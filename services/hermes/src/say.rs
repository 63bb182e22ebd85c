//! The chat's and the API's way in.

use crate::attachments::{self, File};
use crate::conversation::{Conversations, Said, SayError, Saying, Upload};
use crate::desk::Hermes;
use crate::mailroom::{new_message_id, new_thread_id};
use crate::verdict::{INSTRUCTION_MAX, Refusal, allowed, kind_of};
use crate::word::kind_in;
use async_trait::async_trait;
use domain::message::Kind;
use domain::session::Event;
use domain::{Pair, ProjectId, ThreadId};
use ports::messages::{Channel, NewMessage, Recorded};
use ports::progress::ProgressEvent;
use ports::sign_in::Identity;
use ports::{ErrorKind, PortError};
use std::sync::Arc;
use tracing::warn;

/// Hermes as the chat sees it.
pub(crate) struct Chat(Arc<Hermes>);

#[async_trait]
impl Conversations for Chat {
    async fn say(&self, who: &Identity, saying: Saying) -> Result<Said, SayError> {
        let kind = self.check(who, &saying).await?;
        let new = self.message_of(who, saying, kind).await?;
        let recorded = self.0.record(new).await.map_err(say_error)?;
        bootstrap::fault::point("message.recorded");
        let (Recorded::Fresh(message) | Recorded::Known(message)) = recorded;
        self.0
            .backends
            .progress
            .publish(&message.thread, ProgressEvent::Received { message: message.id.clone() });
        // The row is durable: what fails from here on is made good by the sweep.
        if let Err(error) = self.0.send(&message).await {
            warn!(message.id = %message.id, %error, "a recorded message was not sent; the sweep will");
        }
        Ok(Said { thread: message.thread, message: message.id })
    }

    async fn wake(&self, project: &ProjectId, thread: &ThreadId) -> Result<(), SayError> {
        let row = self.0.backends.threads.get(thread).await.map_err(say_error)?;
        if &row.pair.project_id != project {
            return Err(SayError::NoThread);
        }
        self.0.wake(&row.pair, thread).await.map_err(say_error)
    }
}

impl Hermes {
    /// Hermes as the chat sees it.
    pub fn chat(self: &Arc<Self>) -> Arc<dyn Conversations> {
        Arc::new(Chat(Arc::clone(self)))
    }

    /// Sees to it that the thread is served.
    pub(crate) async fn wake(self: &Arc<Self>, pair: &Pair, thread: &ThreadId) -> Result<(), PortError> {
        self.backends.sessions.apply(thread, Event::Wanted).await?;
        let set = domain::names::QueueSet::of(pair);
        // A container that holds the pair hears this; a thread that is new to it is opened.
        if let Err(error) = self.backends.queues.send(&set.input, "{}").await
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error);
        }
        self.want(pair).await
    }
}

impl Chat {
    async fn check(&self, who: &Identity, saying: &Saying) -> Result<Kind, SayError> {
        let project = self.0.backends.projects.get(&who.project).await.map_err(say_error)?;
        let editor = project.editor_by_id(&who.user).ok_or(SayError::NoThread)?;
        if saying.text.len() > INSTRUCTION_MAX {
            return Err(SayError::TooMuch(Refusal::TooLong.to_string()));
        }
        let kind = match saying.kind {
            Some(kind) => kind,
            None => kind_of(&saying.text, "", saying.uploads.len()).map_err(|_| SayError::Empty)?,
        };
        allowed(editor, kind).map_err(|refusal| SayError::NotAllowed(refusal.to_string()))?;
        Ok(kind)
    }

    async fn message_of(
        &self,
        who: &Identity,
        saying: Saying,
        mut kind: Kind,
    ) -> Result<NewMessage, SayError> {
        let project = self.0.backends.projects.get(&who.project).await.map_err(say_error)?;
        let (thread, pair) = match &saying.thread {
            None => {
                let pair = Pair {
                    client_id: project.client_id,
                    project_id: project.project_id,
                    user_id: who.user.clone(),
                };
                (new_thread_id().map_err(say_error)?, pair)
            }
            Some(id) => {
                let row = self.0.backends.threads.get(id).await.map_err(say_error)?;
                if row.pair.project_id != who.project {
                    return Err(SayError::NoThread);
                }
                let conversation = self.0.backends.messages.of_thread(id).await.map_err(say_error)?;
                kind = kind_in(&conversation, kind, &saying.text);
                (row.id, row.pair)
            }
        };
        let id = new_message_id().map_err(say_error)?;
        let files = saying.uploads.into_iter().map(file_of).collect();
        let attachments = attachments::store(&*self.0.backends.blobs, &id, files).await.map_err(say_error)?;
        Ok(NewMessage {
            dedupe: format!("chat/{}/{}", who.user, saying.dedupe.unwrap_or_else(|| id.to_string())),
            title: domain::commit::subject(&saying.text),
            author: who.user.clone(),
            channel: Channel::Chat,
            aliases: Vec::new(),
            instruction: saying.text,
            material: String::new(),
            received_at: self.0.backends.clock.now(),
            id,
            thread,
            pair,
            kind,
            attachments,
        })
    }
}

fn file_of(upload: Upload) -> File {
    let (name, media_type) = email::attachment::name_and_type(&upload.name, &upload.bytes);
    File { name, media_type, bytes: upload.bytes }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn say_error(error: PortError) -> SayError {
    if error.kind() == ErrorKind::NotFound {
        return SayError::NoThread;
    }
    warn!(%error, "a saying was not stored");
    SayError::Later
}
