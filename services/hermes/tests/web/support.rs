//! The app host over real adapters in a directory of its own, with two projects and their people.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use domain::message::{
    Attachment, Billing, ChangeKind, Cost, Failure, FailureKind, FileChange, Kind, Outcome, Receipt, Schema,
    Status,
};
use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use domain::project::{Editor, Project, Role};
use domain::{ContainerId, MessageId, Money, Pair, ProjectId, ThreadId, UserId};
use embedded::{Embedded, InProcessFleet, LogMetrics};
use hermes::bells::Bells;
use hermes::conversation::{Conversations, Said, SayError, Saying};
use hermes::web::{self, CookieMode, Rehearsal, WebConfig};
use http::{Method, Request, Response};
use ports::clock::SystemClock;
use ports::messages::{Channel, NewMessage, Recorded};
use ports::progress::ProgressEvent;
use ports::replies::{Reply, ReplyKind};
use ports::sign_in::Identity;
use ports::{Backends, Fleet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) const APP: &str = "http://localhost:8080";
pub(crate) const OPERATOR: &str = "operator-token";
const HOUR: Duration = Duration::from_hours(1);

/// Takes what is said into the store, as it is; nobody works on it.
pub(crate) struct Recorder(pub(crate) Backends);

#[async_trait]
impl Conversations for Recorder {
    async fn say(&self, who: &Identity, saying: Saying) -> Result<Said, SayError> {
        if saying.text.trim().is_empty() && saying.uploads.is_empty() {
            return Err(SayError::Empty);
        }
        let project = self.0.projects.get(&who.project).await.map_err(|_| SayError::NoThread)?;
        let role = project.editor_by_id(&who.user).map(|editor| editor.role).ok_or(SayError::NoThread)?;
        let kind = saying.kind.unwrap_or(Kind::Instruct);
        if !role.may_instruct() || (kind.changes_production() && !role.may_publish()) {
            return Err(SayError::NotAllowed("Only an owner may do this.".to_owned()));
        }
        let mut attachments = Vec::new();
        for upload in saying.uploads {
            let blob = format!("attachments/{}", uuid::Uuid::new_v4());
            let media_type = if upload.bytes.starts_with(b"\x89PNG") { "image/png" } else { "text/plain" };
            let bytes = upload.bytes.len() as u64;
            self.0.blobs.put(&blob, media_type, upload.bytes).await.map_err(|_| SayError::Later)?;
            attachments.push(Attachment {
                name: upload.name,
                media_type: media_type.to_owned(),
                bytes,
                blob,
            });
        }
        let user = match &saying.thread {
            Some(id) => self.0.threads.get(id).await.map_err(|_| SayError::NoThread)?.pair.user_id,
            None => who.user.clone(),
        };
        let id: MessageId = uuid::Uuid::new_v4().to_string().parse().unwrap();
        let new = NewMessage {
            id: id.clone(),
            dedupe: saying.dedupe.unwrap_or_else(|| id.to_string()),
            thread: saying.thread.unwrap_or_else(fresh_thread),
            pair: Pair { client_id: project.client_id, project_id: project.project_id, user_id: user },
            title: domain::commit::subject(&saying.text),
            author: who.user.clone(),
            channel: Channel::Chat,
            aliases: Vec::new(),
            kind,
            instruction: saying.text,
            material: String::new(),
            attachments,
            received_at: self.0.clock.now(),
        };
        let message = match self.0.messages.record(new).await.map_err(|_| SayError::Later)? {
            Recorded::Fresh(message) | Recorded::Known(message) => message,
        };
        self.0.progress.publish(&message.thread, ProgressEvent::Received { message: message.id.clone() });
        Ok(Said { thread: message.thread, message: message.id })
    }

    async fn wake(&self, _: &ProjectId, thread: &ThreadId) -> Result<(), SayError> {
        let woken = self.0.sessions.apply(thread, domain::session::Event::Wanted).await;
        woken.map(drop).map_err(|_| SayError::NoThread)
    }
}

/// Counts how often each bell rang.
#[derive(Default)]
pub(crate) struct Rung {
    pub(crate) pool: AtomicUsize,
    pub(crate) builder: AtomicUsize,
}

#[async_trait]
impl Bells for Rung {
    async fn pool(&self) {
        self.pool.fetch_add(1, Relaxed);
    }

    fn builder(&self) {
        self.builder.fetch_add(1, Relaxed);
    }
}

pub(crate) fn fresh_thread() -> ThreadId {
    ThreadId::from_entropy(uuid::Uuid::new_v4().as_bytes()[..8].try_into().unwrap())
}

/// The app host and what it stands on.
pub(crate) struct Bench {
    pub(crate) backends: Backends,
    pub(crate) bells: Arc<Rung>,
    pub(crate) router: Router,
    pub(crate) stop: CancellationToken,
    pub(crate) dir: tempfile::TempDir,
}

pub(crate) const ANN: &str = "ann@stamps.example";
pub(crate) const BOB: &str = "bob@stamps.example";
pub(crate) const RITA: &str = "rita@stamps.example";
pub(crate) const OLGA: &str = "olga@other.example";

/// Opens the adapters in `dir`.
pub(crate) async fn backends(dir: &Path) -> Backends {
    let clock = Arc::new(SystemClock);
    let store = Embedded::open(dir, clock.clone()).await.unwrap();
    Backends {
        blobs: store.blobs(),
        claims: store.claims(),
        clock,
        fleet: fleet().await,
        mailer: store.mailer(),
        messages: store.messages(),
        pool: store.pool(),
        metrics: Arc::new(LogMetrics),
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

/// Both services, with a Hermes and no container.
async fn fleet() -> Arc<InProcessFleet> {
    let fleet = InProcessFleet::new();
    for (service, count) in [(HERMES_SERVICE, 1), (EDIT_SERVICE, 0)] {
        fleet.register(service, Arc::new(|task| Box::pin(async move { task.stop.cancelled().await })));
        fleet.set_desired(service, count).await.unwrap();
    }
    Arc::new(fleet)
}

pub(crate) fn project(id: &str, people: &[(&str, Role)]) -> Project {
    Project {
        project_id: id.parse().unwrap(),
        client_id: "amelia".parse().unwrap(),
        mail_domain: format!("{id}.localhost"),
        repository: format!("/srv/{id}.git"),
        default_branch: "main".to_owned(),
        site_url: format!("http://{id}.localhost:8081"),
        editors: people
            .iter()
            .map(|(address, role)| Editor {
                address: (*address).to_owned(),
                user_id: UserId::of_address(address),
                role: *role,
            })
            .collect(),
    }
}

pub(crate) fn identity(address: &str) -> Identity {
    let project = if address == OLGA { "other" } else { "stamps" };
    Identity {
        user: UserId::of_address(address),
        address: address.to_owned(),
        project: project.parse().unwrap(),
    }
}

pub(crate) fn config(outbox: &Path) -> WebConfig {
    WebConfig {
        app_origin: APP.to_owned(),
        previews: hermes::PreviewAddresses { origin: "http://127.0.0.1:8080".to_owned(), suffix: None },
        secure_cookies: CookieMode::Plain,
        operator_token_hash: web::token_hash(OPERATOR),
        rehearsal: Rehearsal::Off,
        outbox: Some(outbox.to_owned()),
    }
}

impl Bench {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let backends = backends(dir.path()).await;
        let stamps = [(ANN, Role::Owner), (BOB, Role::Editor), (RITA, Role::Reviewer)];
        backends.projects.add(&project("stamps", &stamps)).await.unwrap();
        backends.projects.add(&project("other", &[(OLGA, Role::Owner)])).await.unwrap();
        let stop = CancellationToken::new();
        let conversations = Arc::new(Recorder(backends.clone()));
        let config = config(&dir.path().join("outbox"));
        let bells = Arc::new(Rung::default());
        let router = web::app(config, backends.clone(), conversations, bells.clone(), stop.clone());
        Self { backends, bells, router, stop, dir }
    }

    /// A token of a signed-in browser.
    pub(crate) async fn token(&self, address: &str) -> String {
        web::session_token(&self.backends, &identity(address), HOUR).await.unwrap()
    }

    /// Ann says something, in a new thread.
    pub(crate) async fn thread(&self, text: &str) -> Said {
        say(&self.backends, ANN, None, text).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends, and reads the answer whole.
    pub(crate) async fn ask(&self, request: Request<Body>) -> (u16, String) {
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

pub(crate) async fn say(backends: &Backends, who: &str, thread: Option<ThreadId>, text: &str) -> Said {
    let saying = Saying { thread, kind: None, text: text.to_owned(), uploads: Vec::new(), dedupe: None };
    Recorder(backends.clone()).say(&identity(who), saying).await.unwrap()
}

/// Answers a message as a container and Hermes do.
pub(crate) async fn answer(backends: &Backends, said: &Said, status: Status, summary: &str) {
    let message = backends.messages.get(&said.message).await.unwrap();
    let by: ContainerId = "c1".parse().unwrap();
    let epoch = backends.claims.take(&message.pair, &by, HOUR).await.unwrap().unwrap();
    let turn = backends.messages.begin(&said.message, &by, epoch).await.unwrap();
    let outcome = outcome(said, turn, status, summary);
    backends.messages.answer(&outcome, &by, epoch).await.unwrap();
    backends.claims.release(&message.pair, &by, epoch).await.unwrap();
    let text = format!("{summary}\n\nLook at it: http://127.0.0.1:8080{}", said.thread.preview_path());
    let reply = Reply {
        message: said.message.clone(),
        kind: ReplyKind::Result,
        thread: said.thread.clone(),
        text,
        mail: None,
        at: backends.clock.now(),
    };
    backends.replies.record(&reply).await.unwrap();
    backends.progress.publish(&said.thread, ProgressEvent::Replied { message: said.message.clone() });
}

fn outcome(said: &Said, turn: u32, status: Status, summary: &str) -> Outcome {
    let change = |path: &str, kind| FileChange { path: path.to_owned(), kind };
    let done = status == Status::Done;
    Outcome {
        schema: Schema,
        message_id: said.message.clone(),
        thread_id: said.thread.clone(),
        turn,
        status,
        summary: summary.to_owned(),
        files_changed: if done {
            vec![
                change("src/pages/about.astro", ChangeKind::Modified),
                change("public/img/shop.jpg", ChangeKind::Added),
            ]
        } else {
            Vec::new()
        },
        commit: (done || status == Status::Published).then(|| "4f1c0de".repeat(5)),
        branch: said.thread.branch(),
        preview_path: said.thread.preview_path(),
        cost: Cost { usd: 0.04, input_tokens: 9_000, output_tokens: 700 },
        receipt: Some(Receipt {
            billing: if status == Status::Failed { Billing::Unbilled } else { Billing::Billed },
            turn: Money(40_000),
            message: Money(40_000),
            month: Money(1_250_000),
            hint: None,
        }),
        plan: None,
        snapshot: None,
        duration_ms: 23_000,
        error: (status == Status::Failed)
            .then(|| Failure { kind: FailureKind::Site, says: summary.to_owned() }),
    }
}

/// A GET with the cookie of a token.
pub(crate) fn get(path: &str, token: &str) -> Request<Body> {
    Request::get(path).header("cookie", format!("webordinary={token}")).body(Body::empty()).unwrap()
}

/// A form that one of our own pages sends.
pub(crate) fn post(path: &str, token: &str, form: &str) -> Request<Body> {
    Request::post(path)
        .header("cookie", format!("webordinary={token}"))
        .header("origin", APP)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

/// The composer's form, with files.
pub(crate) fn compose(
    path: &str,
    token: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Request<Body> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    Request::post(path)
        .header("cookie", format!("webordinary={token}"))
        .header("origin", APP)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(Bytes::from(body)))
        .unwrap()
}

/// An API request with a bearer token.
pub(crate) fn api(method: Method, path: &str, token: &str, json: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("/hermes/api/{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(json.to_owned()))
        .unwrap()
}
