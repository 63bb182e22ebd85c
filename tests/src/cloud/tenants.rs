//! Tenants who sleep: as many as are wanted, straight into the store.

use domain::message::{Cost, Kind, Outcome, Schema, Status};
use domain::project::{Editor, Project, Role};
use domain::{ContainerId, MessageId, Pair, ThreadId, Timestamp};
use ports::messages::{Channel, NewMessage};
use ports::replies::{Reply, ReplyKind};
use std::time::Duration;

/// Puts a tenant into the store with a conversation that is over: answered, told, its claim let go.
///
/// # Panics
/// When the store does not take it.
pub async fn asleep(store: &aws::Dynamo, name: &str) {
    let user = "owner".parse().expect("a user's id");
    let pair = Pair {
        client_id: name.parse().expect("a client's id"),
        project_id: name.parse().expect("a project's id"),
        user_id: user,
    };
    let project = Project {
        project_id: pair.project_id.clone(),
        client_id: pair.client_id.clone(),
        mail_domain: format!("{name}.localhost"),
        repository: format!("/nowhere/{name}.git"),
        default_branch: "main".to_owned(),
        site_url: format!("https://{name}.example"),
        editors: vec![Editor {
            address: format!("owner@{name}.example"),
            user_id: pair.user_id.clone(),
            role: Role::Owner,
        }],
    };
    store.projects().add(&project).await.expect("a project");
    let by: ContainerId = uuid::Uuid::new_v4().to_string().parse().expect("a container's id");
    // The claim comes first, so that no container is asked for.
    let claims = store.claims();
    let epoch = claims.take(&pair, &by, Duration::from_mins(1)).await.expect("a claim").expect("its epoch");
    let new = message(&pair);
    let outcome = outcome(&new.id, &new.thread);
    let messages = store.messages();
    messages.record(new).await.expect("a message");
    messages.answer(&outcome, &by, epoch).await.expect("an answer");
    let reply = Reply {
        message: outcome.message_id,
        kind: ReplyKind::Result,
        thread: outcome.thread_id,
        text: "Done.".to_owned(),
        mail: None,
        at: Timestamp(2_000),
    };
    // Hermes' sweep may have told it first.
    store.replies().record(&reply).await.expect("a reply");
    claims.release(&pair, &by, epoch).await.expect("the claim let go");
}

fn message(pair: &Pair) -> NewMessage {
    let id: MessageId = uuid::Uuid::now_v7().to_string().parse().expect("a message's id");
    let (high, _) = uuid::Uuid::new_v4().as_u64_pair();
    NewMessage {
        dedupe: id.to_string(),
        id,
        thread: ThreadId::from_entropy(high.to_be_bytes()),
        pair: pair.clone(),
        title: "Hours".to_owned(),
        author: pair.user_id.clone(),
        channel: Channel::Chat,
        aliases: Vec::new(),
        kind: Kind::Instruct,
        instruction: "We close at 4".to_owned(),
        material: String::new(),
        attachments: Vec::new(),
        received_at: Timestamp(1_000),
    }
}

fn outcome(id: &MessageId, thread: &ThreadId) -> Outcome {
    Outcome {
        schema: Schema,
        message_id: id.clone(),
        thread_id: thread.clone(),
        turn: 1,
        status: Status::Done,
        summary: "Done.".to_owned(),
        files_changed: Vec::new(),
        commit: None,
        branch: thread.branch(),
        preview_path: thread.preview_path(),
        cost: Cost::default(),
        receipt: None,
        plan: None,
        snapshot: None,
        duration_ms: 1,
        error: None,
    }
}
