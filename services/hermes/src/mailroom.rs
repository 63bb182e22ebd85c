//! Reading stored mail: verdict, thread, message, and the first answer.

use crate::attachments::{self, File};
use crate::authenticity::{Authenticity, Why};
use crate::desk::Hermes;
use crate::incoming::{self, BROKEN, READ, WAITING};
use crate::ses::{self, Bell};
use crate::verdict::{Order, Verdict, judge};
use crate::word::kind_in;
use bytes::Bytes;
use domain::message::Attachment;
use domain::names::{EMAIL_DLQ, EMAIL_QUEUE};
use domain::{MessageId, Pair, ThreadId, UserId};
use email::Inbound;
use ports::messages::{Channel, MailOrigin, NewMessage, Recorded};
use ports::queues::Delivery;
use ports::threads::Thread;
use ports::{ErrorKind, PortError};
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, info, warn};

const WAIT: Duration = Duration::from_secs(20);
const LEASE: Duration = Duration::from_mins(1);
const BACK_OFF: Duration = Duration::from_secs(2);
/// How long a mail stays hidden after it could not be read for the first time; six times that after the next.
const FIRST_REST: Duration = Duration::from_secs(20);
/// Longest title of a thread, in characters.
const TITLE_MAX: usize = 80;

/// A mail on its way to its recipients.
#[derive(Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) mail: &'a Inbound,
    /// MAIL FROM.
    pub(crate) from: &'a str,
    pub(crate) authenticity: Authenticity,
    /// Whom the server that took it says that it was for.
    pub(crate) received_for: &'a [String],
}

/// What became of a mail for one recipient.
pub(crate) enum Taken {
    /// All was done about it that ever will be.
    Read,
    /// It waits for the operator.
    Held(Why),
}

impl Hermes {
    /// Reads the e-mail queue until stopped.
    pub(crate) async fn read_mail(self: Arc<Self>) {
        let stop = self.stop.clone();
        // First what an earlier run had accepted: the queue hides the bells that it had taken, and would give those of
        // later mails before.
        if let Some(Err(error)) = stop.run_until_cancelled(self.read_waiting()).await {
            warn!(%error, "stored mails were not read yet; the sweep will");
        }
        while let Some(batch) =
            stop.run_until_cancelled(self.backends.queues.receive(EMAIL_QUEUE, 10, WAIT, LEASE)).await
        {
            let deliveries = match batch {
                Ok(deliveries) => deliveries,
                Err(error) => {
                    warn!(%error, "the e-mail queue did not answer");
                    stop.run_until_cancelled(tokio::time::sleep(BACK_OFF)).await;
                    continue;
                }
            };
            for delivery in deliveries {
                let read = self.hear_mail(&delivery.body).await;
                if let Err(error) = self.settle_mail(&delivery, read).await {
                    warn!(%error, "a message of the e-mail queue was not settled");
                }
            }
        }
    }

    async fn hear_mail(self: &Arc<Self>, body: &str) -> Result<(), PortError> {
        match ses::read(body)? {
            Bell::Stored(pointer) => self.read_stored(&pointer.blob).await,
            Bell::Nothing(what) => {
                info!(what, "nothing to read");
                Ok(())
            }
            Bell::Received(notices) => {
                for notice in &notices {
                    self.read_notice(notice).await?;
                }
                Ok(())
            }
        }
    }

    /// What cannot ever be read goes to the operator at once; everything else comes again, later each time. The blob is
    /// the truth: what stays there is found by the sweep.
    async fn settle_mail(&self, delivery: &Delivery, read: Result<(), PortError>) -> Result<(), PortError> {
        let queues = &self.backends.queues;
        match read {
            Ok(()) => queues.ack(&delivery.receipt).await,
            Err(error) if error.kind() == ErrorKind::Malformed => {
                error!(%error, "a message of the e-mail queue makes no sense; it goes to {EMAIL_DLQ}");
                queues.send(EMAIL_DLQ, &delivery.body).await?;
                queues.ack(&delivery.receipt).await
            }
            Err(error) => {
                warn!(delivery.attempt = delivery.attempt, %error, "a mail was not read; it comes again");
                queues.extend(&delivery.receipt, comes_again(delivery.attempt)).await
            }
        }
    }

    /// Reads one stored mail, once however often this is called.
    pub(crate) async fn read_stored(self: &Arc<Self>, blob: &str) -> Result<(), PortError> {
        let stored = match self.backends.blobs.get(blob).await {
            Ok((_, stored)) => stored,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match incoming::split(&stored).map(|(envelope, raw)| (envelope, Inbound::parse(&raw))) {
            Ok((envelope, Ok(mail))) => {
                let from = envelope.from.as_str();
                let (authenticity, received_for) = (Authenticity::LocalDoor, &envelope.to[..]);
                let arrival = Arrival { mail: &mail, from, authenticity, received_for };
                for to in &envelope.to {
                    self.take(arrival, to).await?;
                }
                self.put_away(blob, &blob.replacen(WAITING, READ, 1)).await
            }
            // The door takes nothing of the kind, so this is a disk's or an operator's doing: kept, but not tried for ever.
            Ok((_, Err(_))) | Err(_) => {
                error!(blob, "a stored mail cannot be read; it is kept under {BROKEN}");
                self.put_away(blob, &blob.replacen(WAITING, BROKEN, 1)).await
            }
        }
    }

    pub(crate) async fn put_away(&self, blob: &str, place: &str) -> Result<(), PortError> {
        match self.backends.blobs.copy(blob, place, incoming::MEDIA_TYPE).await {
            // The sweep and the queue may have met here; one of them was first.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.backends.blobs.remove(blob).await,
        }
    }

    /// Takes a mail for one of its recipients, once however often this is called.
    pub(crate) async fn take(self: &Arc<Self>, arrival: Arrival<'_>, to: &str) -> Result<Taken, PortError> {
        let Arrival { mail, from, authenticity, .. } = arrival;
        let project = match incoming::mail_domain(to) {
            Some(domain) => self.backends.projects.by_mail_domain(domain).await?,
            None => None,
        };
        let order = match judge(mail, from, authenticity, project.as_ref()) {
            Verdict::Accepted(order) => order,
            // Our own door has said so already.
            Verdict::Refused(refusal) => {
                info!(reason = ?refusal, "a stored mail was refused");
                self.tell_refused(arrival, to, refusal).await?;
                return Ok(Taken::Read);
            }
            Verdict::Ignored(silence) => {
                info!(reason = silence.as_str(), "a stored mail was met with silence");
                return Ok(Taken::Read);
            }
            Verdict::Held(why) => return Ok(Taken::Held(why)),
        };
        let recorded = self.record_mail(mail, *order, to).await?;
        bootstrap::fault::point("message.recorded");
        let (Recorded::Fresh(message) | Recorded::Known(message)) = recorded;
        if message.outcome().is_none() {
            self.send(&message).await?;
        }
        self.tell_received(&message, &mail.unread).await?;
        Ok(Taken::Read)
    }

    async fn record_mail(&self, mail: &Inbound, order: Order, to: &str) -> Result<Recorded, PortError> {
        let known = self.find_thread(mail, &order, to).await?;
        let author = order.editor.user_id.clone();
        let kind = match &known {
            Some(thread) => {
                let conversation = self.backends.messages.of_thread(&thread.id).await?;
                kind_in(&conversation, order.kind, &order.words.text)
            }
            None => order.kind,
        };
        let (thread, pair) = match known {
            Some(thread) => (thread.id, thread.pair),
            None => (new_thread_id()?, pair_of(&order, &author)),
        };
        let id = new_message_id()?;
        let attachments = self.store_attachments(mail, &id).await?;
        let origin = MailOrigin {
            address: mail.from.address.clone(),
            message_id: mail.message_id.clone(),
            references: mail.references.clone(),
            subject: mail.subject.clone(),
        };
        let mut title = email::compose::bare_subject(&mail.subject);
        if title.is_empty() {
            title = domain::commit::subject(&order.words.text);
        }
        self.record(NewMessage {
            // With the author: somebody else's mail of the same id is another mail.
            dedupe: format!("mail/{}/{author}/{}", order.project.mail_domain, mail.message_id),
            aliases: vec![mail.message_id.clone()],
            channel: Channel::Mail(origin),
            kind,
            instruction: order.words.text,
            material: order.words.cut,
            received_at: self.backends.clock.now(),
            title: title.chars().take(TITLE_MAX).collect(),
            attachments,
            id,
            thread,
            pair,
            author,
        })
        .await
    }

    /// The thread that a mail continues: by the token of the address, then In-Reply-To, then References from the
    /// newest. Never by subject.
    async fn find_thread(
        &self,
        mail: &Inbound,
        order: &Order,
        to: &str,
    ) -> Result<Option<Thread>, PortError> {
        let project = &order.project;
        let users: Vec<UserId> = project.editors.iter().map(|e| e.user_id.clone()).collect();
        let mut found = self.config.reply_addresses.thread(to, &users);
        for alias in mail.in_reply_to.iter().chain(mail.references.iter().rev()) {
            if found.is_some() {
                break;
            }
            found = self.backends.threads.by_alias(&project.project_id, alias).await?;
        }
        let Some(id) = found else { return Ok(None) };
        match self.backends.threads.get(&id).await {
            Ok(thread) => Ok((thread.pair.project_id == project.project_id).then_some(thread)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn store_attachments(&self, mail: &Inbound, id: &MessageId) -> Result<Vec<Attachment>, PortError> {
        let files = email::meant_attachments(mail).into_iter().map(|a| File {
            name: a.name.clone(),
            media_type: a.media_type.clone(),
            bytes: Bytes::copy_from_slice(&a.bytes),
        });
        attachments::store(&*self.backends.blobs, id, files.collect()).await
    }
}

/// When a delivery that failed is to come again.
fn comes_again(attempt: u32) -> Duration {
    FIRST_REST * 6_u32.pow(attempt.saturating_sub(1).min(3))
}

fn pair_of(order: &Order, author: &UserId) -> Pair {
    Pair {
        client_id: order.project.client_id.clone(),
        project_id: order.project.project_id.clone(),
        user_id: author.clone(),
    }
}

/// A thread id from the system's CSPRNG.
pub(crate) fn new_thread_id() -> Result<ThreadId, PortError> {
    let mut entropy = [0; 8];
    getrandom::fill(&mut entropy).map_err(|e| PortError::new(ErrorKind::Transient, e))?;
    Ok(ThreadId::from_entropy(entropy))
}

pub(crate) fn new_message_id() -> Result<MessageId, PortError> {
    uuid::Uuid::now_v7().to_string().parse().map_err(|e| PortError::new(ErrorKind::Malformed, e))
}
