//! Standard queues on SQS.

mod attributes;
mod limits;
mod settled;
mod tracking;

use crate::connect::Clients;
use crate::fault::fault;
use async_trait::async_trait;
use attributes::{Redrive, Role};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use limits::{batch, check_body, check_max_receives, check_name, whole_seconds};
use ports::queues::{Delivery, Depth, Receipt, Unused};
use ports::{ErrorKind, PortError, Queues, Result};
use settled::Settled;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracking::Tracking;

/// Longest that SQS holds a receive, in seconds.
const LONG_POLL: u64 = 20;
/// What is left of a wait when it is as good as over: a look takes as long. Without it a wait of 20 s were one of 19 s and
/// ten looks.
const NEARLY: Duration = Duration::from_millis(20);
/// Between two looks of a wait that is shorter than the second which SQS counts in.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The queues. Two things that SQS leaves to its callers are done here: names and bodies are checked before they are
/// sent, and a deleted queue's name stays unused for the minute that AWS wants.
pub struct SqsQueues {
    client: Client,
    tracking: Tracking,
    /// The address of each name, as long as it is known to be good.
    urls: Mutex<HashMap<String, String>>,
    settled: Settled,
}

impl SqsQueues {
    /// Queues by these clients. Asks nothing of AWS yet.
    pub fn new(clients: &Clients) -> Self {
        Self {
            client: clients.sqs.clone(),
            tracking: Tracking::new(clients),
            urls: Mutex::default(),
            settled: Settled::default(),
        }
    }

    async fn url(&self, queue: &str) -> Result<String> {
        check_name(queue)?;
        if let Some(url) = self.urls.lock().unwrap_or_else(PoisonError::into_inner).get(queue) {
            return Ok(url.clone());
        }
        let answer = self.client.get_queue_url().queue_name(queue).send().await;
        let answer = answer.map_err(|error| self.fault(queue, &error))?;
        let url = answer.queue_url.ok_or_else(|| nameless(queue))?;
        self.know(queue, &url);
        Ok(url)
    }

    fn know(&self, queue: &str, url: &str) {
        let mut urls = self.urls.lock().unwrap_or_else(PoisonError::into_inner);
        urls.insert(queue.to_owned(), url.to_owned());
    }

    fn forget(&self, queue: &str) {
        self.urls.lock().unwrap_or_else(PoisonError::into_inner).remove(queue);
    }

    /// What a failed call means. A queue that is gone may come back at another address.
    fn fault<E>(&self, queue: &str, error: &SdkError<E, HttpResponse>) -> PortError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let means = fault(format_args!("queue {queue}"), error);
        if means.kind() == ErrorKind::NotFound {
            self.forget(queue);
        }
        means
    }

    /// Creates one queue, or brings the attributes of an existing one up to date. Returns its ARN.
    async fn ensure_one(&self, queue: &str, role: Role, redrive: Option<&Redrive>) -> Result<String> {
        let row = self.tracking.may_exist(queue).await?;
        let arn = match self.adjust(queue, role, redrive).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.create(queue, role, redrive).await?;
                self.adjust(queue, role, redrive).await?
            }
            adjusted => adjusted?,
        };
        self.tracking.used(queue, row, redrive).await?;
        Ok(arn)
    }

    async fn create(&self, queue: &str, role: Role, redrive: Option<&Redrive>) -> Result<()> {
        let created = self
            .client
            .create_queue()
            .queue_name(queue)
            .set_attributes(Some(attributes::wanted(role, redrive)))
            .set_tags(Some(attributes::tags(role)))
            .send()
            .await;
        match created {
            Ok(answer) => self.know(queue, &answer.queue_url.ok_or_else(|| nameless(queue))?),
            // Somebody else created it meanwhile, with other attributes: those are adjusted next.
            Err(error) if code(&error).ends_with("QueueNameExists") => {}
            Err(error) => return Err(self.fault(queue, &error)),
        }
        Ok(())
    }

    async fn adjust(&self, queue: &str, role: Role, redrive: Option<&Redrive>) -> Result<String> {
        let url = self.url(queue).await?;
        let asked = self.client.get_queue_attributes().queue_url(&url);
        let answer = asked.attribute_names(QueueAttributeName::All).send().await;
        let found = answer.map_err(|error| self.fault(queue, &error))?.attributes.unwrap_or_default();
        let differing = attributes::differing(&found, role, redrive);
        if !differing.is_empty() {
            let set = self.client.set_queue_attributes().queue_url(&url).set_attributes(Some(differing));
            set.send().await.map_err(|error| self.fault(queue, &error))?;
            let tagged = self.client.tag_queue().queue_url(&url).set_tags(Some(attributes::tags(role)));
            tagged.send().await.map_err(|error| self.fault(queue, &error))?;
        }
        found.get(&QueueAttributeName::QueueArn).cloned().ok_or_else(|| nameless(queue))
    }

    async fn look(&self, ask: &Ask<'_>, wait: u64) -> Result<Vec<Delivery>> {
        let url = self.url(ask.queue).await?;
        let answer = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(ask.max)
            .visibility_timeout(ask.lease)
            .wait_time_seconds(i32::try_from(wait).unwrap_or(0))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                answer.messages.unwrap_or_default().into_iter().map(|m| delivery(ask.queue, m)).collect()
            }
            Err(error) if code(&error).ends_with("OverLimit") => {
                let says = format!("queue {}: too many messages are received and not settled", ask.queue);
                Err(PortError::new(ErrorKind::Transient, says))
            }
            Err(error) => Err(self.fault(ask.queue, &error)),
        }
    }

    /// What a refused receipt means.
    fn refused<E>(&self, receipt: &Receipt, error: &SdkError<E, HttpResponse>) -> PortError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        // SQS has three words for it, depending on what it still remembers of the message.
        let lost = ["ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"];
        if lost.iter().any(|word| code(error).ends_with(word)) {
            let says = format!("a delivery of {} has lapsed or was received by another", receipt.queue);
            return PortError::new(ErrorKind::LeaseLost, says);
        }
        self.fault(&receipt.queue, error)
    }
}

/// What a receive asks for, as SQS counts.
struct Ask<'a> {
    queue: &'a str,
    max: i32,
    lease: i32,
}

#[async_trait]
impl Queues for SqsQueues {
    /// `Transient` within a minute of the queue's removal: AWS refuses its name for so long.
    async fn ensure(&self, queue: &str, dead_letters: Option<&str>, max_receives: u32) -> Result<()> {
        check_name(queue)?;
        dead_letters.map_or(Ok(()), check_name)?;
        check_max_receives(max_receives)?;
        let redrive = match dead_letters {
            Some(name) => {
                let target = self.ensure_one(name, Role::DeadLetters, None).await?;
                Some(Redrive { target, max_receives })
            }
            None => None,
        };
        self.ensure_one(queue, Role::Work, redrive.as_ref()).await.map(|_| ())
    }

    async fn send(&self, queue: &str, body: &str) -> Result<()> {
        check_name(queue)?;
        check_body(body)?;
        let url = self.url(queue).await?;
        let sent = self.client.send_message().queue_url(url).message_body(body).send().await;
        sent.map_err(|error| self.fault(queue, &error))?;
        self.tracking.used_again(queue).await;
        Ok(())
    }

    async fn receive(
        &self,
        queue: &str,
        max: usize,
        wait: Duration,
        lease: Duration,
    ) -> Result<Vec<Delivery>> {
        check_name(queue)?;
        let ask = Ask { queue, max: batch(max)?, lease: whole_seconds(lease)? };
        let until = Instant::now() + wait;
        loop {
            // SQS waits for whole seconds; what is left below one is waited here.
            let left = until.saturating_duration_since(Instant::now());
            let deliveries = self.look(&ask, (left + NEARLY).as_secs().min(LONG_POLL)).await?;
            let left = until.saturating_duration_since(Instant::now());
            self.tracking.used_again(queue).await;
            if !deliveries.is_empty() || left < NEARLY {
                return Ok(deliveries);
            }
            if (left + NEARLY).as_secs() == 0 {
                tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            }
        }
    }

    /// Also `LeaseLost` when the delivery would be held for more than the 12 hours that SQS allows in all.
    async fn extend(&self, receipt: &Receipt, lease: Duration) -> Result<()> {
        let (seconds, url) = (whole_seconds(lease)?, self.url(&receipt.queue).await?);
        let extended = self
            .client
            .change_message_visibility()
            .queue_url(url)
            .receipt_handle(&receipt.handle)
            .visibility_timeout(seconds)
            .send()
            .await;
        extended.map(|_| ()).map_err(|error| self.refused(receipt, &error))
    }

    /// SQS may accept a receipt that is worthless and delete nothing: the message then comes again, as any may.
    async fn ack(&self, receipt: &Receipt) -> Result<()> {
        let url = self.url(&receipt.queue).await?;
        let deleted =
            self.client.delete_message().queue_url(url).receipt_handle(&receipt.handle).send().await;
        match deleted.map_err(|error| self.refused(receipt, &error)) {
            Ok(_) => {
                self.settled.add(&receipt.handle);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::LeaseLost && self.settled.has(&receipt.handle) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn depth(&self, queue: &str) -> Result<Depth> {
        let (ready, in_flight) = (
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        );
        let asked = self.client.get_queue_attributes().queue_url(self.url(queue).await?);
        let asked = asked.attribute_names(ready.clone()).attribute_names(in_flight.clone());
        let answer = asked.send().await.map_err(|error| self.fault(queue, &error))?;
        let counts = answer.attributes.unwrap_or_default();
        let count = |name| counts.get(name).and_then(|count| count.parse().ok()).unwrap_or(0);
        Ok(Depth { ready: count(&ready), in_flight: count(&in_flight) })
    }

    async fn remove(&self, queue: &str) -> Result<()> {
        let url = match self.url(queue).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            url => url?,
        };
        // First: after a crash between the two, a name is unused for too long rather than too short a time.
        self.tracking.removed(queue).await?;
        let deleted = self.client.delete_queue().queue_url(url).send().await;
        self.forget(queue);
        match deleted.map_err(|error| self.fault(queue, &error)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn unused(&self, age: Duration, max: usize) -> Result<Vec<Unused>> {
        self.tracking.unused(age, max).await
    }
}

fn delivery(queue: &str, message: Message) -> Result<Delivery> {
    let attributes = message.attributes.unwrap_or_default();
    let received = attributes.get(&MessageSystemAttributeName::ApproximateReceiveCount);
    let (Some(body), Some(handle)) = (message.body, message.receipt_handle) else {
        let says = format!("queue {queue} gave a message without a body or a receipt");
        return Err(PortError::new(ErrorKind::Transient, says));
    };
    Ok(Delivery {
        body,
        attempt: received.and_then(|count| count.parse().ok()).unwrap_or(1),
        receipt: Receipt { queue: queue.to_owned(), handle },
    })
}

fn nameless(queue: &str) -> PortError {
    PortError::new(ErrorKind::Transient, format_args!("SQS did not say where queue {queue} is"))
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> &str {
    error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default()
}
