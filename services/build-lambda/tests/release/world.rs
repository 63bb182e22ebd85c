//! One project with a repository, a store, and a build service that a test can start and stop.

use crate::blobs::Watched;
use crate::edges::{Caches, Statuses};
use async_trait::async_trait;
use axum::body::Body;
use build_lambda::notice::{PushedRef, SignedPush, signed_push};
use build_lambda::{BuildConfig, BuildService, Deps, Edges, SecretNames, webhook};
use bytes::Bytes;
use domain::message::{Kind, Outcome, ReleaseEvent, Schema, Status};
use domain::names::RELEASE_EVENTS_QUEUE;
use domain::project::Project;
use domain::{MessageId, Pair, ProjectId, ThreadId};
use embedded::{Embedded, FileSecrets};
use http::{Request, Response, StatusCode};
use ports::clock::SystemClock;
use ports::messages::{Channel, NewMessage};
use ports::releases::{Order, Ordered, ReleaseRow};
use ports::{Blobs, Clock};
use publish::{Packages, PackagesError, site};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) const SECRET: &[u8] = b"a secret of this test";
/// Longer than any test waits for an event that does come.
const PATIENCE: Duration = Duration::from_mins(2);

/// The packages of the test site, and something to do whenever a build asks for them.
pub(crate) struct Installed {
    modules: PathBuf,
    pub(crate) asked: Mutex<usize>,
    pub(crate) meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[async_trait]
impl Packages for Installed {
    async fn node_modules(&self, checkout: &Path) -> Result<PathBuf, PackagesError> {
        assert!(checkout.join("package.json").is_file());
        *self.asked.lock().unwrap() += 1;
        if let Some(act) = self.meanwhile.lock().unwrap().take() {
            act();
        }
        Ok(self.modules.clone())
    }
}

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) store: Embedded,
    pub(crate) blobs: Arc<Watched>,
    pub(crate) cdn: Arc<Caches>,
    pub(crate) code_host: Arc<Statuses>,
    pub(crate) packages: Arc<Installed>,
    pub(crate) project: Project,
}

/// A service that runs until it is stopped, or broken off.
pub(crate) struct Running {
    pub(crate) service: BuildService,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// As a crash: nothing is given back.
    pub(crate) async fn break_off(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl World {
    /// A project whose repository has a site of two pages.
    pub(crate) async fn new() -> Self {
        // Beside the packages: see `publish::Builder`.
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = Embedded::open(&dir.path().join("data"), Arc::new(SystemClock)).await.unwrap();
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site");
        let modules = tokio::task::spawn_blocking({
            let manifests = manifests.clone();
            move || testkit::node::packages("publish-site", &manifests)
        });
        let packages =
            Installed { modules: modules.await.unwrap(), asked: Mutex::new(0), meanwhile: Mutex::default() };
        let origin = dir.path().join("origin.git");
        let project = Project {
            project_id: "demo".parse().unwrap(),
            client_id: "client".parse().unwrap(),
            mail_domain: "demo.localhost".to_owned(),
            repository: origin.to_str().unwrap().to_owned(),
            default_branch: "main".to_owned(),
            site_url: "http://demo.localhost".to_owned(),
            editors: Vec::new(),
        };
        store.projects().add(&project).await.unwrap();
        store.queues().ensure(RELEASE_EVENTS_QUEUE, None, 3).await.unwrap();
        let blobs = Arc::new(Watched::new(store.blobs()));
        let (cdn, code_host) = (Arc::new(Caches(blobs.clone())), Arc::default());
        let world = Self { dir, store, blobs, cdn, code_host, packages: Arc::new(packages), project };
        world.secret("webhooks/demo", SECRET);
        git(world.dir.path(), &["init", "-q", "--bare", "-b", "main", "origin.git"]);
        git(world.dir.path(), &["clone", "-q", "origin.git", "work"]);
        for file in ["package.json", "package-lock.json"] {
            fs::copy(manifests.join(file), world.work().join(file)).unwrap();
        }
        world.write("src/pages/index.astro", "<h1>One</h1>\n<style>h1 { color: red }</style>");
        let router = "---\nimport { ClientRouter } from 'astro:transitions';\n---\n";
        world.write("src/pages/about.astro", &format!("{router}<head><ClientRouter /></head><h1>About</h1>"));
        world.write("public/robots.txt", "User-agent: *\n");
        world
    }

    pub(crate) fn id(&self) -> &ProjectId {
        &self.project.project_id
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Keeps a secret.
    pub(crate) fn secret(&self, name: &str, bytes: &[u8]) {
        let path = self.dir.path().join("secrets").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Commits everything and pushes it: the commit before and the new one.
    pub(crate) fn push(&self) -> PushedRef {
        push(&self.work())
    }

    /// The service with the work directory `name`, a lease of `lease`, and no sweep but the first.
    pub(crate) fn service(&self, name: &str, lease: Duration) -> BuildService {
        self.faulty(name, lease, |_| {})
    }

    /// The same, with something that happens at the boundaries.
    pub(crate) fn faulty(&self, name: &str, lease: Duration, fault: fn(&'static str)) -> BuildService {
        self.with(name, |config| {
            config.lease = lease;
            config.fault = fault;
        })
    }

    /// The same, with settings of the test's own.
    pub(crate) fn with(&self, name: &str, change: impl FnOnce(&mut BuildConfig)) -> BuildService {
        let deps = Deps {
            projects: self.store.projects(),
            releases: self.store.releases(),
            messages: self.store.messages(),
            blobs: self.blobs.clone(),
            queues: self.store.queues(),
            clock: Arc::new(SystemClock),
            edges: Edges {
                secrets: Arc::new(FileSecrets::new(self.dir.path().join("secrets"))),
                cdn: self.cdn.clone(),
                code_host: self.code_host.clone(),
            },
        };
        let work_dir = self.dir.path().join(name);
        let mut config = BuildConfig::new(work_dir, testkit::launcher(), testkit::node());
        config.sweep = Duration::from_hours(1);
        config.secrets = SecretNames { webhook: "webhooks/{project}".to_owned(), ..SecretNames::default() };
        change(&mut config);
        BuildService::new(deps, config, self.packages.clone())
    }

    pub(crate) fn start(&self) -> Running {
        Self::run(self.service("builds-a", Duration::from_secs(20)))
    }

    pub(crate) fn run(service: BuildService) -> Running {
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (service, stop) = (service.clone(), stop.clone());
            async move { service.run(stop).await }
        });
        Running { service, stop, task }
    }

    /// The next release that Hermes would be told of.
    pub(crate) async fn next_release(&self) -> ReleaseRow {
        let queues = self.store.queues();
        let lease = Duration::from_mins(1);
        let got = queues.receive(RELEASE_EVENTS_QUEUE, 1, PATIENCE, lease).await.unwrap();
        let delivery = got.first().expect("a release event");
        queues.ack(&delivery.receipt).await.unwrap();
        let event: ReleaseEvent = serde_json::from_str(&delivery.body).unwrap();
        assert_eq!(&event.project_id, self.id());
        self.store.releases().get(&event.release_id).await.unwrap()
    }

    pub(crate) async fn rows(&self) -> Vec<ReleaseRow> {
        self.store.releases().list(self.id(), 100).await.unwrap()
    }

    /// Waits until the book has no open order.
    pub(crate) async fn quiet(&self) {
        let wait = async {
            while !self.store.releases().open_orders().await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap();
    }

    pub(crate) fn notice(&self, pushed: &PushedRef, delivery: &str) -> SignedPush {
        signed_push(SECRET, self.id(), "demo", pushed, delivery)
    }

    /// Enters an order for a push, as the door does.
    pub(crate) async fn order(&self, commit: &str, key: &str) {
        let order = Order::Push { commit: commit.to_owned() };
        let order = Ordered { key: key.to_owned(), project: self.id().clone(), order };
        assert!(self.store.releases().order(&order).await.unwrap());
    }

    pub(crate) async fn post(&self, service: &BuildService, push: SignedPush) -> (StatusCode, String) {
        let router = webhook::router(service.webhooks(service.bell()));
        let mut request = Request::post(format!("/webhooks/push/{}", self.id()));
        for (name, value) in push.headers {
            request = request.header(name, value);
        }
        answer_text(router.oneshot(request.body(Body::from(push.body)).unwrap()).await.unwrap()).await
    }

    /// Tells the service of a push; it takes it.
    pub(crate) async fn tell(&self, service: &BuildService, pushed: &PushedRef, delivery: &str) {
        let (status, words) = self.post(service, self.notice(pushed, delivery)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{words}");
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Bytes> {
        let (parts, ()) = Request::get(path).body(()).unwrap().into_parts();
        site::answer(self.blobs.as_ref(), self.id(), &parts).await
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        String::from_utf8(self.get(path).await.into_body().to_vec()).unwrap()
    }

    /// Every public file with its bytes.
    pub(crate) async fn public(&self) -> Vec<(String, Bytes)> {
        let mut files = Vec::new();
        for key in self.blobs.list("sites/demo/", None, 1000).await.unwrap() {
            let bytes = self.blobs.get(&key).await.unwrap().1;
            files.push((key.trim_start_matches("sites/demo/").to_owned(), bytes));
        }
        files
    }

    /// A message, as Hermes records it.
    pub(crate) async fn message(&self, number: u32, kind: Kind) -> NewMessage {
        let new = NewMessage {
            id: format!("00000000-0000-4000-8000-{number:012}").parse().unwrap(),
            dedupe: format!("m{number}"),
            thread: ThreadId::from_entropy([7; 8]),
            pair: Pair {
                client_id: self.project.client_id.clone(),
                project_id: self.id().clone(),
                user_id: "ann".parse().unwrap(),
            },
            title: "t".to_owned(),
            author: "ann".parse().unwrap(),
            channel: Channel::Chat,
            aliases: Vec::new(),
            kind,
            instruction: "publish".to_owned(),
            material: String::new(),
            attachments: Vec::new(),
            received_at: SystemClock.now(),
        };
        self.store.messages().record(new.clone()).await.unwrap();
        new
    }

    /// A publish that a container merged and pushed as `commit`.
    pub(crate) async fn published(&self, number: u32, commit: &str) -> MessageId {
        let message = self.message(number, Kind::Publish).await;
        let by = "container".parse().unwrap();
        let lease = Duration::from_mins(1);
        let epoch = self.store.claims().take(&message.pair, &by, lease).await.unwrap().unwrap();
        let turn = self.store.messages().begin(&message.id, &by, epoch).await.unwrap();
        let outcome = Outcome {
            schema: Schema,
            message_id: message.id.clone(),
            thread_id: message.thread.clone(),
            turn,
            status: Status::Published,
            summary: String::new(),
            files_changed: Vec::new(),
            commit: Some(commit.to_owned()),
            branch: message.thread.branch(),
            preview_path: message.thread.preview_path(),
            cost: domain::message::Cost::default(),
            receipt: None,
            plan: None,
            snapshot: None,
            duration_ms: 0,
            error: None,
        };
        self.store.messages().answer(&outcome, &by, epoch).await.unwrap();
        message.id
    }
}

pub(crate) async fn answer_text(response: axum::response::Response) -> (StatusCode, String) {
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Commits everything in `work` and pushes it.
pub(crate) fn push(work: &Path) -> PushedRef {
    let old = git(work, &["rev-parse", "--verify", "-q", "HEAD"]);
    git(work, &["add", "-A"]);
    git(work, &["commit", "-q", "--allow-empty", "-m", "change"]);
    git(work, &["push", "-q", "origin", "HEAD:main"]);
    let zeros = "0".repeat(40);
    PushedRef {
        old: if old.is_empty() { zeros } else { old },
        new: git(work, &["rev-parse", "HEAD"]),
        reference: "refs/heads/main".to_owned(),
    }
}

pub(crate) fn git(dir: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(words)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "T"), ("GIT_AUTHOR_EMAIL", "t@t")])
        .envs([("GIT_COMMITTER_NAME", "T"), ("GIT_COMMITTER_EMAIL", "t@t")])
        .output()
        .unwrap();
    let failed = !output.status.success() && words[0] != "rev-parse";
    assert!(!failed, "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
