//! Messages and their outcomes in DynamoDB.
//!
//! A thread's messages and replies are one item collection, in order. Beside it stand a row per message id, one per
//! dedupe key, and one per unanswered message in the collection of its pair, which also counts them.

mod record;
pub(crate) mod rows;

use crate::claims::{self, By, Waits};
use crate::item::{Item, Read, item, n, s, t};
use crate::store::{Store, Try, until_done};
use crate::threads;
use crate::write::{self, When};
use async_trait::async_trait;
use domain::message::{Kind, Outcome, Status};
use domain::names::{MESSAGES_TABLE, OWNERSHIP_TABLE};
use domain::{ContainerId, Epoch, MessageId, Pair, ProjectId, Seq, ThreadId, Timestamp};
use ports::messages::{Message, NewMessage, Recorded};
use ports::{ErrorKind, Messages, PortError, Result};
use rows::Stored;

/// What the index lists an answered message as, until its result is said.
pub(crate) const UNTOLD: &str = "untold";

/// What it lists a message as whose plan or question waits for an answer.
pub(crate) const ASKING: &str = "asking";

/// The table, and the name of its partition key.
pub(crate) const BY_THREAD: (&str, &str) = (MESSAGES_TABLE, "threadId");

/// The record of messages.
pub(crate) struct DynamoMessages(pub(crate) Store);

/// The key of the row that says where a message is.
fn id_key(id: &MessageId) -> Item {
    item([("threadId", s(format!("id {id}"))), ("item", s("place"))])
}

fn open_row_name(thread: &ThreadId, seq: Seq) -> String {
    format!("open#{}#{:012}", thread.as_str(), seq.0)
}

/// A message as it is now. `NotFound` when there is none.
pub(crate) async fn load(store: &Store, id: &MessageId) -> Result<Stored> {
    let missing = || PortError::new(ErrorKind::NotFound, format_args!("no message {id}"));
    let place = store.get(MESSAGES_TABLE, id_key(id)).await?.ok_or_else(missing)?;
    let key = rows::key(&place.id("thread")?, Seq(place.number("seq")?));
    let row = store.get(MESSAGES_TABLE, key).await?.ok_or_else(missing)?;
    rows::stored(store, &row).await
}

/// What one step does to a message's row.
struct Step {
    change: String,
    values: Vec<(&'static str, aws_sdk_dynamodb::types::AttributeValue)>,
    /// Whether the message is over with it.
    answers: bool,
    /// The snapshot that the thread has from then on.
    shows: Option<String>,
}

impl Step {
    fn new<const N: usize>(
        change: &str,
        values: [(&'static str, aws_sdk_dynamodb::types::AttributeValue); N],
    ) -> Self {
        Self { change: change.to_owned(), values: values.into(), answers: false, shows: None }
    }

    /// Sets the attributes of an outcome too.
    fn with_outcome(mut self, outcome: &Item) -> Self {
        for name in ["outcome", "outcomeBlob", "status"] {
            if let Some(value) = outcome.get(name) {
                let (place, value_name) = match name {
                    "outcome" => ("#outcome", ":outcome"),
                    "outcomeBlob" => ("#outcomeBlob", ":outcomeBlob"),
                    _ => ("#status", ":status"),
                };
                self.change = format!("{}, {place} = {value_name}", self.change);
                self.values.push((value_name, value.clone()));
            }
        }
        self
    }
}

impl DynamoMessages {
    /// Looks at the message, lets `decide` say what to do with it, and does it if nobody else did anything meanwhile.
    async fn step<T>(
        &self,
        id: &MessageId,
        by: Option<By<'_>>,
        decide: impl Fn(&Stored) -> Result<(Option<Step>, T)> + Send + Sync,
    ) -> Result<T>
    where
        T: Send,
    {
        let what = format!("message {id}");
        until_done!(&what, async {
            let stored = load(&self.0, id).await?;
            if let Some(by) = by {
                claims::fence(&self.0, &stored.message.pair, by).await?;
            }
            let (step, result) = decide(&stored)?;
            let Some(step) = step else { return Ok(Try::Done(result)) };
            let done = self.0.transact(&what, self.writes(&stored, by, step)?).await?;
            Ok(if done.is_ok() { Try::Done(result) } else { Try::Again })
        })
    }

    fn writes(
        &self,
        stored: &Stored,
        by: Option<By<'_>>,
        step: Step,
    ) -> Result<Vec<aws_sdk_dynamodb::types::TransactWriteItem>> {
        let message = &stored.message;
        let mut when = When::new(
            "#version = :version",
            [(":version", n(stored.version)), (":next", n(stored.version + 1))],
        );
        when.values.extend(step.values.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let change = step.change.replacen("SET ", "SET #version = :next, ", 1);
        let mut writes =
            vec![write::update(MESSAGES_TABLE, rows::key(&message.thread, message.seq), &change, when)?];
        let mut waits = Waits::default();
        if step.answers && message.kind.is_for_container() {
            waits.messages = -1;
            let open = claims::key(&message.pair, &open_row_name(&message.thread, message.seq));
            writes.push(write::delete(OWNERSHIP_TABLE, open)?);
        }
        if let Some(snapshot) = &step.shows {
            writes.push(threads::show(&message.thread, snapshot)?);
        }
        writes.extend(claims::touch(&message.pair, by, waits, self.0.now())?);
        Ok(writes)
    }

    async fn answered(&self, outcome: &Outcome, by: Option<By<'_>>) -> Result<()> {
        let kept = rows::outcome(&self.0, outcome).await?;
        let now = self.0.now();
        self.step(&outcome.message_id, by, |stored| {
            let answered = stored.message.progress.answer(outcome.clone(), now);
            if answered.map_err(|passed| stored.message.refuses(passed))?.is_none() {
                return Ok((None, ()));
            }
            let at =
                [(":state", s("answered")), (":at", t(now)), (":turn", n(stored.turn.max(outcome.turn)))];
            let mut step =
                Step::new("SET #state = :state, #answeredAt = :at, #turn = :turn", at).with_outcome(&kept);
            if stored.told {
                step.change.push_str(" REMOVE #todo");
            } else {
                step.change.push_str(", #todo = :todo");
                step.values.push((":todo", s(UNTOLD)));
            }
            step.answers = true;
            step.shows.clone_from(&outcome.snapshot);
            Ok((Some(step), ()))
        })
        .await
    }

    async fn read(&self, rows: &[Item]) -> Result<Vec<Message>> {
        let mut messages = Vec::new();
        for row in rows {
            messages.push(rows::stored(&self.0, row).await?.message);
        }
        Ok(messages)
    }
}

#[async_trait]
impl Messages for DynamoMessages {
    async fn record(&self, new: NewMessage) -> Result<Recorded> {
        record::record(&self.0, &new).await
    }

    async fn get(&self, id: &MessageId) -> Result<Message> {
        Ok(load(&self.0, id).await?.message)
    }

    async fn of_thread(&self, thread: &ThreadId) -> Result<Vec<Message>> {
        let rows = self.0.collection(MESSAGES_TABLE, ("threadId", thread.as_str()), "m#").await?;
        self.read(&rows).await
    }

    async fn unanswered(&self, pair: &Pair) -> Result<Vec<Message>> {
        let open = self.0.collection(OWNERSHIP_TABLE, ("pair", &pair.key()), "open#").await?;
        let key = |row: &Item| Ok(rows::key(&row.id("thread")?, Seq(row.number("seq")?)));
        let keys = open.iter().map(key).collect::<Result<_>>()?;
        let mut messages = self.read(&self.0.get_all(MESSAGES_TABLE, keys).await?).await?;
        messages.retain(|message| message.outcome().is_none());
        messages.sort_by(|a, b| (a.thread.as_str(), a.seq).cmp(&(b.thread.as_str(), b.seq)));
        Ok(messages)
    }

    async fn waiting_pairs(&self) -> Result<Vec<Pair>> {
        claims::waiting_pairs(&self.0).await
    }

    async fn waiting_since(&self, pair: &Pair) -> Result<Option<Timestamp>> {
        let open = self.0.collection(OWNERSHIP_TABLE, ("pair", &pair.key()), "open#").await?;
        let times = open.iter().map(|row| row.time(rows::RECEIVED_AT)).collect::<Result<Vec<_>>>()?;
        Ok(times.into_iter().min())
    }

    async fn begin(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<u32> {
        self.step(id, Some((by, epoch)), |stored| {
            let turn = stored.turn + 1;
            let begun = stored.message.progress.begin(epoch, stored.turn);
            begun.map_err(|passed| stored.message.refuses(passed))?;
            let values = [(":state", s("running")), (":epoch", n(epoch.0)), (":turn", n(turn))];
            Ok((Some(Step::new("SET #state = :state, #epoch = :epoch, #turn = :turn", values)), turn))
        })
        .await
    }

    async fn prepare(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()> {
        let kept = rows::outcome(&self.0, outcome).await?;
        self.step(&outcome.message_id, Some((by, epoch)), |stored| {
            let prepared = stored.message.progress.prepare(outcome.turn, outcome.clone());
            prepared.map_err(|passed| stored.message.refuses(passed))?;
            let values = [(":state", s("prepared")), (":turn", n(stored.turn.max(outcome.turn)))];
            Ok((Some(Step::new("SET #state = :state, #turn = :turn", values).with_outcome(&kept)), ()))
        })
        .await
    }

    async fn unprepare(&self, id: &MessageId, by: &ContainerId, epoch: Epoch) -> Result<()> {
        self.step(id, Some((by, epoch)), |stored| {
            let waiting = stored.message.progress.unprepare();
            let waiting = waiting.map_err(|passed| stored.message.refuses(passed))?;
            let change = "SET #state = :state REMOVE #outcome, #outcomeBlob, #status";
            Ok((waiting.map(|_| Step::new(change, [(":state", s("waiting"))])), ()))
        })
        .await
    }

    async fn answer(&self, outcome: &Outcome, by: &ContainerId, epoch: Epoch) -> Result<()> {
        self.answered(outcome, Some((by, epoch))).await
    }

    async fn settle(&self, outcome: &Outcome) -> Result<()> {
        self.answered(outcome, None).await
    }

    async fn waiting_of_kind(&self, kind: Kind) -> Result<Vec<Message>> {
        let rows = self.0.due(BY_THREAD, &rows::open(kind)?).await?;
        self.read(&rows).await
    }

    async fn untold(&self, project: Option<&ProjectId>, status: Option<Status>) -> Result<Vec<Message>> {
        let mut rows = self.0.due(BY_THREAD, UNTOLD).await?;
        if let Some(status) = status {
            rows.retain(|row| rows::status(row).is_ok_and(|other| other == status));
        }
        let mut messages = self.read(&rows).await?;
        messages.retain(|message| project.is_none_or(|project| *project == message.pair.project_id));
        Ok(messages)
    }
    async fn asking(&self) -> Result<Vec<Message>> {
        let rows = self.0.due(BY_THREAD, ASKING).await?;
        self.read(&rows).await
    }

    async fn stop_asking(&self, id: &MessageId) -> Result<()> {
        let what = format!("message {id} asks no longer");
        let message = load(&self.0, id).await?.message;
        until_done!(&what, async {
            let asking = When::new("#todo = :asking", [(":asking", s(ASKING))]);
            let row = rows::key(&message.thread, message.seq);
            let write = write::update(MESSAGES_TABLE, row, "REMOVE #todo", asking)?;
            Ok(match self.0.transact(&what, vec![write]).await? {
                Err(cancelled) if !cancelled.failed(0) => Try::Again,
                // Refused: somebody else has done it.
                Ok(()) | Err(_) => Try::Done(()),
            })
        })
    }
}
