//! A running Hermes over the embedded adapters, with one project; nobody works on what it records.

use crate::letter::{ANN, Letter};
use crate::measured::Measured;
use bytes::Bytes;
use domain::message::Kind;
use domain::names::{EDIT_SERVICE, EMAIL_DLQ, EMAIL_QUEUE};
use domain::project::{Editor, Project, Role};
use domain::reply_address::ReplyAddresses;
use domain::{Pair, UserId};
use embedded::{Embedded, InProcessFleet};
use hermes::config::Billing;
use hermes::{Config, Hermes, PreviewAddresses};
use ports::messages::Message;
use ports::queues::Depth;
use ports::{Backends, Blobs};
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::ManualClock;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Office {
    pub(crate) backends: Backends,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) measured: Arc<Measured>,
    dir: tempfile::TempDir,
    stop: CancellationToken,
    running: JoinHandle<ports::Result<()>>,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::open_with(|blobs| blobs).await
    }

    /// With a wrapper around the blob store.
    pub(crate) async fn open_with(wrap: impl FnOnce(Arc<dyn Blobs>) -> Arc<dyn Blobs>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new());
        let mut backends = backends(&dir, clock.clone()).await;
        backends.blobs = wrap(backends.blobs);
        let measured = Arc::new(Measured::default());
        backends.metrics = measured.clone();
        backends.projects.add(&stamps()).await.unwrap();
        Hermes::ensure_queues(&backends).await.unwrap();
        let (stop, running) = start(&backends);
        Self { backends, clock, measured, dir, stop, running }
    }

    /// Ends this Hermes and starts another.
    pub(crate) async fn restart(&mut self) {
        self.stop.cancel();
        let (stop, running) = start(&self.backends);
        self.stop = stop;
        let ended = std::mem::replace(&mut self.running, running);
        tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap().unwrap();
    }

    /// Puts the raw mail where SES does.
    pub(crate) async fn deliver(&self, letter: &Letter) {
        let raw = Bytes::from(letter.raw());
        self.backends.blobs.put(&letter.key(), "message/rfc822", raw).await.unwrap();
    }

    /// Puts a message into the e-mail queue and waits until it has been dealt with.
    pub(crate) async fn ring(&self, body: &str) {
        self.backends.queues.send(EMAIL_QUEUE, body).await.unwrap();
        self.until("the e-mail queue is empty", async || self.depth().await == Depth::default()).await;
    }

    /// How full the e-mail queue is.
    pub(crate) async fn depth(&self) -> Depth {
        self.backends.queues.depth(EMAIL_QUEUE).await.unwrap()
    }

    pub(crate) async fn until(&self, what: &str, mut there: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !there().await {
            assert!(began.elapsed() < PATIENCE, "it never came to this: {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// All messages of Ann's.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let pair = Pair {
            client_id: "amelia".parse().unwrap(),
            project_id: "stamps".parse().unwrap(),
            user_id: UserId::of_address(ANN),
        };
        self.backends.messages.unanswered(&pair).await.unwrap()
    }

    /// How many mails were sent.
    pub(crate) fn sent(&self) -> usize {
        self.mails().len()
    }

    /// The mails that were sent, in no order.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        let new = std::fs::read_dir(self.dir.path().join("outbox/new"));
        new.into_iter().flatten().flatten().map(|mail| std::fs::read(mail.path()).unwrap()).collect()
    }

    /// Keys below a prefix.
    pub(crate) async fn keys(&self, prefix: &str) -> Vec<String> {
        self.backends.blobs.list(prefix, None, 100).await.unwrap()
    }

    pub(crate) async fn dead_letters(&self) -> u64 {
        self.backends.queues.depth(EMAIL_DLQ).await.unwrap().ready
    }

    /// One instruction was recorded and one "received" sent, and the raw mail is put away.
    pub(crate) async fn taken_once(&self, id: &str) {
        let messages = self.messages().await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!(
            (messages[0].kind, messages[0].instruction.as_str()),
            (Kind::Instruct, "Please close at 4 on Fridays")
        );
        assert_eq!(self.sent(), 1);
        assert_eq!(self.keys("mail/read/").await, [format!("mail/read/{id}")]);
        assert_eq!(self.keys("mail/ses/").await, Vec::<String>::new());
    }

    /// Nothing was recorded and nothing was sent.
    pub(crate) async fn untouched(&self) {
        let waiting = self.backends.messages.waiting_pairs().await.unwrap();
        assert_eq!((waiting.len(), self.sent()), (0, 0), "{waiting:?}");
        assert!(self.backends.threads.list(&stamps().project_id, None, 10).await.unwrap().is_empty());
    }

    /// The end of every test: Hermes ends when asked to, and nothing has become a dead letter.
    pub(crate) async fn close(self) {
        assert_eq!(self.dead_letters().await, 0);
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
    }
}

/// Starts a Hermes on these stores.
fn start(backends: &Backends) -> (CancellationToken, JoinHandle<ports::Result<()>>) {
    let stop = CancellationToken::new();
    let config = Config {
        app_origin: "https://app.example".to_owned(),
        previews: PreviewAddresses { origin: "http://127.0.0.1:8080".to_owned(), suffix: None },
        reply_addresses: ReplyAddresses::new(*b"a key of this test"),
        billing: Billing::Metered,
        max_containers: 1,
        warm_spare: 0,
        sweep: Duration::from_millis(50),
    };
    let hermes = Hermes::new(config, backends.clone(), Arc::new(|| {}), stop.clone());
    (stop, tokio::spawn(hermes.run()))
}

async fn backends(dir: &tempfile::TempDir, clock: Arc<ManualClock>) -> Backends {
    let store = Embedded::open(dir.path(), clock.clone()).await.unwrap();
    let fleet = InProcessFleet::new();
    fleet.register(EDIT_SERVICE, Arc::new(|task| Box::pin(async move { task.stop.cancelled().await })));
    Backends {
        blobs: store.blobs(),
        claims: store.claims(),
        clock,
        fleet: Arc::new(fleet),
        mailer: store.mailer(),
        messages: store.messages(),
        pool: store.pool(),
        metrics: Arc::new(Measured::default()),
        progress: store.progress(),
        containers: store.containers(),
        projects: store.projects(),
        queues: store.queues(),
        releases: store.releases(),
        replies: store.replies(),
        sessions: store.sessions(),
        sign_ins: store.sign_ins(),
        spending: store.spending(),
        threads: store.threads(),
    }
}

fn stamps() -> Project {
    Project {
        project_id: "stamps".parse().unwrap(),
        client_id: "amelia".parse().unwrap(),
        mail_domain: "stamps.localhost".to_owned(),
        repository: "/srv/stamps.git".to_owned(),
        default_branch: "main".to_owned(),
        site_url: "http://stamps.localhost:8081".to_owned(),
        editors: vec![Editor {
            address: ANN.to_owned(),
            user_id: UserId::of_address(ANN),
            role: Role::Owner,
        }],
    }
}
