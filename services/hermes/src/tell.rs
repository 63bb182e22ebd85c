//! Telling authors: each answer is recorded once, shown in the chat, and sent where the message came from.

use crate::config::Billing;
use crate::desk::Hermes;
use crate::outgoing::Turn;
use crate::verdict::{LOOP_HEADER, MAILBOX};
use crate::web::plan_link;
use domain::message::{Cost, Failure, FailureKind, Kind, Outcome, Schema, Status};
use email::answer::{self, Bill, Charge, Done};
use email::parse::Unread;
use email::{Letter, Outgoing};
use ports::mailer::Mail;
use ports::messages::{Channel, MailOrigin, Message};
use ports::progress::ProgressEvent;
use ports::releases::{Ending, Order, Ordered, ReleaseRow};
use ports::replies::{Reply, ReplyKind, ReplyMail};
use ports::sign_in::Identity;
use ports::{ErrorKind, PortError};
use std::time::Duration;
use tracing::warn;

impl Hermes {
    /// "It has arrived": by mail only; the chat shows it by itself.
    pub(crate) async fn tell_received(&self, message: &Message, unread: &[Unread]) -> Result<(), PortError> {
        if matches!(message.channel, Channel::Chat) {
            return Ok(());
        }
        self.tell(message, ReplyKind::Received, answer::received(unread)).await
    }

    /// What came of a message, unless that is for its release to say.
    pub(crate) async fn tell_result(&self, message: &Message) -> Result<(), PortError> {
        let Some(outcome) = message.outcome() else { return Ok(()) };
        if outcome.status == Status::Published {
            return self.order_release(message, outcome).await;
        }
        let letter = match outcome.status {
            Status::Plan => self.plan_letter(message, outcome).await?,
            _ => self.letter_of(message, outcome),
        };
        if self.is_answered_by_the_next(message, outcome).await? {
            return self.record_reply(message, (ReplyKind::Result, letter), None).await;
        }
        self.tell(message, ReplyKind::Result, letter).await
    }

    /// Whether a newer mail of the same author stopped this one: its answer is for both, and one is enough.
    async fn is_answered_by_the_next(&self, message: &Message, outcome: &Outcome) -> Result<bool, PortError> {
        // One that ran out of money was stopped by nobody.
        if !matches!(outcome.status, Status::Interrupted | Status::Cancelled) || outcome.error.is_some() {
            return Ok(false);
        }
        let thread = self.backends.messages.of_thread(&message.thread).await?;
        let mut next = thread.iter().filter(|m| m.seq > message.seq);
        let stopped_by = next.find(|m| matches!(m.kind, Kind::Instruct | Kind::Answer | Kind::Cancel));
        Ok(stopped_by.is_some_and(|by| by.kind != Kind::Cancel && address(by) == address(message)))
    }

    /// A publish is told by its release. The webhook has asked for that already, unless it was lost, or nothing had to be
    /// pushed; the build service sees whether there is anything to do.
    async fn order_release(&self, message: &Message, outcome: &Outcome) -> Result<(), PortError> {
        let ordered = Ordered {
            key: format!("publish/{}", message.id),
            project: message.pair.project_id.clone(),
            order: Order::Push { commit: outcome.commit.clone().unwrap_or_default() },
        };
        if self.backends.releases.order(&ordered).await? {
            (self.builder)();
        }
        Ok(())
    }

    /// How a release ended, to everybody whose message it answers.
    pub(crate) async fn tell_release(&self, release: &ReleaseRow) -> Result<(), PortError> {
        let project = self.backends.projects.get(&release.project).await?;
        for id in &release.answers {
            let message = match self.backends.messages.get(id).await {
                Ok(message) => message,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let letter = match &release.ending {
                Ending::Live if message.kind == Kind::Rollback => answer::rolled_back(&project.site_url),
                Ending::Live => answer::published(&project.site_url),
                Ending::Failed { says } if message.kind == Kind::Rollback => answer::failed(says, "", None),
                Ending::Failed { says } => answer::publish_failed(says),
            };
            if message.kind == Kind::Rollback && message.outcome().is_none() {
                self.backends.messages.settle(&rollback_outcome(&message, release)).await?;
            }
            self.tell(&message, ReplyKind::Result, letter).await?;
        }
        Ok(())
    }

    /// A plan, with the link by which its author decides.
    async fn plan_letter(&self, message: &Message, outcome: &Outcome) -> Result<Letter, PortError> {
        let project = self.backends.projects.get(&message.pair.project_id).await?;
        let editor = project.editor_by_id(&message.author).map(|editor| editor.address.clone());
        let identity = Identity {
            user: message.author.clone(),
            address: editor.unwrap_or_default(),
            project: project.project_id,
        };
        let link = plan_link(&self.backends, &identity, &message.id, &self.config.app_origin).await?;
        Ok(answer::plan(&outcome.summary, &link, &self.charge(outcome)))
    }

    fn charge(&self, outcome: &Outcome) -> Charge {
        match self.config.billing {
            Billing::Rehearsal => Charge::Rehearsal,
            Billing::Metered => match &outcome.receipt {
                None => Charge::Nothing,
                Some(receipt) => Charge::Bill(Bill {
                    receipt: receipt.clone(),
                    tokens: outcome.cost.input_tokens + outcome.cost.output_tokens,
                    took: Duration::from_millis(outcome.duration_ms),
                }),
            },
        }
    }

    fn letter_of(&self, message: &Message, outcome: &Outcome) -> Letter {
        let preview = self.config.previews.url(&message.thread);
        let charge = self.charge(outcome);
        match &outcome.error {
            Some(failure) if failure.kind == FailureKind::Allowance => {
                answer::used_up(&failure.says, &charge)
            }
            Some(failure) => {
                let charge = Some(&charge).filter(|_| outcome.receipt.is_some());
                answer::failed(&failure.says, next_step(failure.kind), charge)
            }
            None if outcome.status == Status::Question => answer::question(&outcome.summary, &charge),
            None if outcome.files_changed.is_empty() => {
                answer::nothing_changed(&outcome.summary, &preview, &charge)
            }
            None => {
                let files: Vec<String> = outcome.files_changed.iter().map(|f| f.path.clone()).collect();
                answer::result(&Done {
                    summary: &outcome.summary,
                    files: &files,
                    preview: &preview,
                    charge: &charge,
                    unread: &[],
                })
            }
        }
    }

    pub(crate) async fn tell(
        &self,
        message: &Message,
        kind: ReplyKind,
        letter: Letter,
    ) -> Result<(), PortError> {
        let letter = match self.config.billing {
            Billing::Rehearsal => letter.with_small_print(answer::REHEARSAL),
            Billing::Metered => letter,
        };
        let mail = match &message.channel {
            Channel::Mail(origin) => Some(self.mail_of(message, kind, origin, &letter).await?),
            Channel::Chat => None,
        };
        self.record_reply(message, (kind, letter), mail).await
    }

    async fn record_reply(
        &self,
        message: &Message,
        (kind, letter): (ReplyKind, Letter),
        mail: Option<ReplyMail>,
    ) -> Result<(), PortError> {
        let reply = Reply {
            message: message.id.clone(),
            kind,
            thread: message.thread.clone(),
            text: letter.text.clone(),
            mail,
            at: self.backends.clock.now(),
        };
        if !self.backends.replies.record(&reply).await? {
            return Ok(());
        }
        bootstrap::fault::point(boundary(kind).0);
        self.backends
            .progress
            .publish(&message.thread, ProgressEvent::Replied { message: message.id.clone() });
        self.send_reply(&reply).await
    }

    async fn mail_of(
        &self,
        message: &Message,
        kind: ReplyKind,
        origin: &MailOrigin,
        letter: &Letter,
    ) -> Result<ReplyMail, PortError> {
        let project = self.backends.projects.get(&message.pair.project_id).await?;
        let from = format!("{MAILBOX}@{}", project.mail_domain);
        let message_id = format!("{}.{}@{}", message.id, kind.word(), project.mail_domain);
        let reply_to =
            self.config.reply_addresses.address(&message.thread, &message.author, &project.mail_domain);
        let mut references = origin.references.clone();
        references.push(origin.message_id.clone());
        let raw = email::compose(&Outgoing {
            message_id: &message_id,
            date: self.backends.clock.now(),
            from_name: project.project_id.as_str(),
            from: &from,
            to: &origin.address,
            reply_to: Some(&reply_to),
            subject: &origin.subject,
            in_reply_to: Some(&origin.message_id),
            references: &references,
            text: &letter.text,
            html: &letter.html,
            header: LOOP_HEADER,
        });
        Ok(ReplyMail { to: origin.address.clone(), from, message_id, raw })
    }

    /// Hands over the mails that a crash or a full disk kept back.
    pub(crate) async fn send_unsent(&self) -> Result<(), PortError> {
        for reply in self.backends.replies.unsent().await? {
            self.send_reply(&reply).await?;
        }
        Ok(())
    }

    async fn send_reply(&self, reply: &Reply) -> Result<(), PortError> {
        let Some(mail) = &reply.mail else { return Ok(()) };
        let key = format!("{}/{}", reply.message, reply.kind.word());
        let mail = Mail { key: &key, from: &mail.from, to: &mail.to, raw: &mail.raw };
        let also = match self.outgoing.begin(&key) {
            Turn::Others => return Ok(()),
            Turn::HandedOver(also) => also,
            Turn::Yours(sending) => match self.backends.mailer.send(mail).await {
                Ok(also) => {
                    sending.handed_over(also.clone());
                    bootstrap::fault::point(boundary(reply.kind).1);
                    also
                }
                // It is recorded, and the sweep sends it.
                Err(error) => {
                    warn!(message.id = %reply.message, %error, "a mail was not sent yet");
                    return Ok(());
                }
            },
        };
        self.backends.replies.sent(&reply.message, reply.kind, also.as_deref()).await
    }
}

/// The points after a reply was recorded, and after its mail was handed over.
fn boundary(kind: ReplyKind) -> (&'static str, &'static str) {
    match kind {
        ReplyKind::Received => ("received.recorded", "received.sent"),
        ReplyKind::Result | ReplyKind::Reminder => ("result.recorded", "result.sent"),
    }
}

fn address(message: &Message) -> Option<&str> {
    match &message.channel {
        Channel::Mail(origin) => Some(&origin.address),
        Channel::Chat => None,
    }
}

fn next_step(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Transient | FailureKind::Model => "You can send the same message again.",
        FailureKind::Conflict => "Reply with what it should say now.",
        FailureKind::Limit => "Try it in smaller steps.",
        FailureKind::Site => "Whoever looks after this service can see the details in the log.",
        FailureKind::Denied => "Ask the site's owner.",
        // Its own words say when, and who can do something.
        FailureKind::Allowance => "",
    }
}

fn rollback_outcome(message: &Message, release: &ReleaseRow) -> Outcome {
    let error = match &release.ending {
        Ending::Live => None,
        Ending::Failed { says } => Some(Failure { kind: FailureKind::Site, says: says.clone() }),
    };
    Outcome {
        schema: Schema,
        message_id: message.id.clone(),
        thread_id: message.thread.clone(),
        turn: 1,
        status: if error.is_none() { Status::Done } else { Status::Failed },
        summary: String::new(),
        files_changed: Vec::new(),
        commit: Some(release.commit.clone()),
        branch: message.thread.branch(),
        preview_path: message.thread.preview_path(),
        cost: Cost::default(),
        receipt: None,
        plan: None,
        snapshot: None,
        duration_ms: 0,
        error,
    }
}
