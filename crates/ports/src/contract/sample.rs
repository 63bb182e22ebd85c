//! Things to try ports with. Each call makes new ones.

use crate::error::{ErrorKind, Result};
use crate::messages::{Channel, Message, NewMessage, Recorded};
use crate::replies::{Reply, ReplyKind, ReplyMail};
use domain::message::{Cost, Kind, Outcome, Schema, Status};
use domain::{ContainerId, MessageId, Pair, ProjectId, ThreadId, Timestamp};
use std::future::Future;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A name that nothing else has.
pub(super) fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}

pub(super) fn project() -> ProjectId {
    format!("p-{}", unique()).parse().unwrap()
}

pub(super) fn pair() -> Pair {
    Pair { client_id: "client".parse().unwrap(), project_id: project(), user_id: "ann".parse().unwrap() }
}

pub(super) fn thread() -> ThreadId {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    ThreadId::from_entropy(high.to_be_bytes())
}

pub(super) fn container() -> ContainerId {
    unique().parse().unwrap()
}

pub(super) fn message_id() -> MessageId {
    Uuid::new_v4().to_string().parse().unwrap()
}

/// A message of a pair in a new thread.
pub(super) fn message(pair: &Pair) -> NewMessage {
    message_in(pair, &thread())
}

pub(super) fn message_in(pair: &Pair, thread: &ThreadId) -> NewMessage {
    NewMessage {
        id: message_id(),
        dedupe: unique(),
        thread: thread.clone(),
        pair: pair.clone(),
        title: "Hours".to_owned(),
        author: pair.user_id.clone(),
        channel: Channel::Chat,
        aliases: Vec::new(),
        kind: Kind::Instruct,
        instruction: "We close at 4 on Fridays".to_owned(),
        material: String::new(),
        attachments: Vec::new(),
        received_at: Timestamp(1_000),
    }
}

pub(super) fn outcome(message: &Message, status: Status) -> Outcome {
    Outcome {
        schema: Schema,
        message_id: message.id.clone(),
        thread_id: message.thread.clone(),
        turn: 1,
        status,
        summary: "The hours say 4 now.".to_owned(),
        files_changed: Vec::new(),
        commit: Some("0123abcd".to_owned()),
        branch: message.thread.branch(),
        preview_path: message.thread.preview_path(),
        cost: Cost { usd: 0.1 + 0.2, input_tokens: 3, output_tokens: 4 },
        receipt: None,
        plan: None,
        snapshot: None,
        duration_ms: 5,
        error: None,
    }
}

pub(super) fn reply(message: &Message, kind: ReplyKind) -> Reply {
    Reply {
        message: message.id.clone(),
        kind,
        thread: message.thread.clone(),
        text: format!("{} it", kind.word()),
        mail: None,
        at: Timestamp(2_000),
    }
}

pub(super) fn reply_mail() -> ReplyMail {
    ReplyMail {
        to: "ann@example.org".to_owned(),
        from: "edit@demo.localhost".to_owned(),
        message_id: format!("{}@demo.localhost", unique()),
        raw: b"Subject: hours\r\n\r\n\xff\x00".to_vec(),
    }
}

/// The message of an offer that must be new.
pub(super) fn fresh(recorded: Recorded) -> Message {
    match recorded {
        Recorded::Fresh(message) => message,
        Recorded::Known(message) => panic!("message {} was known already", message.id),
    }
}

/// Asserts that an answer is an error of this kind.
#[track_caller]
pub(super) fn refused<T: std::fmt::Debug>(answer: Result<T>, kind: ErrorKind) {
    match answer {
        Ok(value) => panic!("{kind:?} was due, not {value:?}"),
        Err(err) => assert_eq!(err.kind(), kind, "{err}"),
    }
}

/// Runs futures at the same time.
pub(super) async fn together<T: Send + 'static>(
    futures: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let mut set: JoinSet<T> = futures.into_iter().collect();
    let mut answers = Vec::new();
    while let Some(answer) = set.join_next().await {
        answers.push(answer.unwrap());
    }
    answers
}
