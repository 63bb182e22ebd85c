//! A whole fleet on the stand-in, and what its people do with it.

use super::ecs::{Ecs, Service};
use super::inbox::Inbox;
use super::lambda::{FUNCTION, Lambda};
use super::repository::demo_repository;
use super::ses::Ses;
use super::site;
use super::way::Way;
use crate::git::Git;
use crate::letter::OWNER;
use crate::{Letter, Place, Received, until};
use aws::{Buckets, Clients, Dynamo, EcsFleet, S3Blobs, Settings, SqsQueues, resources};
use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use ports::{Blobs, Fleet};
use rehearsal::Rehearsal;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use testkit::{FaultyProxy, Ministack};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// How long a first answer may take: a container starts, clones and installs.
pub const PATIENCE: Duration = Duration::from_mins(3);
/// The operator's token, and what signs reply addresses.
pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What says how the network is reached.
const NETWORK: [&str; 5] = ["http_proxy", "https_proxy", "no_proxy", "node_extra_ca_certs", "ssl_cert_file"];

/// How the fleet is started.
#[derive(Clone, Debug, Default)]
pub struct CloudOptions {
    /// More variables for the tasks of a service.
    pub env: Vec<(&'static str, String, String)>,
}

/// A fleet on the stand-in. [`Cloud::end`] is the good end.
pub struct Cloud {
    /// What ECS does.
    pub ecs: Ecs,
    /// The way of the services' programs to the stand-in: it counts their calls, and fails them when told to.
    pub aws: FaultyProxy,
    /// What Lambda does.
    pub lambda: Lambda,
    /// Mail in and out.
    pub inbox: Inbox,
    /// The clients of this test.
    pub clients: Clients,
    /// The blobs.
    pub blobs: Arc<dyn Blobs>,
    /// The store.
    pub store: Dynamo,
    /// The queues.
    pub queues: Arc<SqsQueues>,
    /// Where the production sites are, as CloudFront would show the first.
    pub site: String,
    /// Where the chat is.
    pub app: String,
    /// Where previews are.
    pub preview: String,
    /// The repository of the demo project.
    pub origin: Git,
    http: reqwest::Client,
    stop: CancellationToken,
    stand_in: Ministack,
    dir: Place,
}

impl Cloud {
    /// Starts everything, with both services at a desired count of 0, and the demo project registered.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(options: &CloudOptions) -> Self {
        Self::start_by(Way::Watched, options).await
    }

    /// Starts everything, as [`Cloud::start`] does, with this way of the services' programs to the stand-in.
    pub async fn start_by(way: Way, options: &CloudOptions) -> Self {
        let stand_in = Ministack::start().await;
        let dir = Place::new();
        let clients = Clients::connect(&Settings { stand_in: Some(stand_in.endpoint().to_owned()) }).await;
        let name = |of: &str| format!("webordinary-{of}");
        let buckets = Buckets { site: name("site"), mail: name("mail"), data: name("data") };
        resources::ensure_all(&clients, &buckets).await.expect("resources");
        for domain in ["demo.localhost", "stamps.localhost"] {
            resources::ensure_identity(&clients, domain).await.expect("an identity to send from");
        }
        let blobs: Arc<dyn Blobs> = Arc::new(S3Blobs::new(&clients, buckets.clone()));
        let store = Dynamo::new(&clients, Arc::clone(&blobs));
        let stop = CancellationToken::new();
        let model = Rehearsal::start(stop.clone()).await.expect("the rehearsal").base_url();
        let port = free_port();
        let (app, preview) = (format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}"));
        let (ses, ses_endpoint) = Ses::listen(&stop).await;
        let lambda = Lambda::listen(&stop).await;
        let aws = FaultyProxy::before(stand_in.endpoint()).await;
        let around = Around {
            stand_in: way.endpoint(&aws, &stand_in),
            ses: &ses_endpoint,
            lambda: &lambda.endpoint,
            buckets: &buckets,
            app: &app,
            preview: &preview,
        };
        let fleet: Arc<dyn Fleet> = Arc::new(EcsFleet::new(&clients, None));
        let services = vec![around.hermes(options, port), around.edit(options, &model, dir.beside())];
        let ecs = Ecs::follow(fleet, services, dir.beside().to_owned()).await;
        lambda.start(&program("build-lambda"), around.env(options, FUNCTION), dir.beside());
        let site = site::show(Arc::clone(&blobs), "demo", &stop).await;
        let inbox = Inbox::open(stand_in.endpoint(), (Arc::clone(&blobs), &buckets.mail), ses).await;
        let origin = demo_repository(&dir.beside().join("repositories/demo.git"));
        let queues = Arc::new(SqsQueues::new(&clients));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        let http = http.expect("a client");
        Self {
            ecs,
            aws,
            lambda,
            inbox,
            clients,
            blobs,
            store,
            queues,
            site,
            app,
            preview,
            origin,
            http,
            stop,
            stand_in,
            dir,
        }
    }

    /// The real AWS CLI, as an operator uses it.
    ///
    /// # Panics
    /// When it fails.
    pub async fn cli(&self, words: &[&str]) -> String {
        let output = Command::new("aws")
            .args(words)
            .env("AWS_ENDPOINT_URL", self.stand_in.endpoint())
            .env("AWS_ACCESS_KEY_ID", "stand-in")
            .env("AWS_SECRET_ACCESS_KEY", "stand-in")
            .env("AWS_DEFAULT_REGION", "us-west-2")
            .output()
            .await
            .expect("the AWS CLI starts");
        assert!(output.status.success(), "aws {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// `aws ecs update-service … --desired-count N`.
    pub async fn scale(&self, service: &str, count: u32) {
        let count = count.to_string();
        let cluster = domain::names::CLUSTER;
        self.cli(&[
            "ecs",
            "update-service",
            "--cluster",
            cluster,
            "--service",
            service,
            "--desired-count",
            &count,
        ])
        .await;
    }

    /// Scales Hermes to 1, waits until it is ready, and registers the demo project.
    ///
    /// # Panics
    /// When Hermes does not come.
    pub async fn open(&self) {
        self.scale(HERMES_SERVICE, 1).await;
        let url = format!("{}/health/ready", self.app);
        let ready = async || self.http.get(&url).send().await.ok().filter(|a| a.status().is_success());
        until("Hermes", Duration::from_secs(30), ready).await;
        self.register("demo", &self.origin, OWNER).await;
    }

    /// Registers a project, as an operator does.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn register(&self, name: &str, origin: &Git, owner: &str) {
        self.register_at(name, &origin.path().display().to_string(), owner).await;
    }

    /// Registers a project whose repository is at `address`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn register_at(&self, name: &str, address: &str, owner: &str) {
        let site = if name == "demo" { self.site.clone() } else { format!("https://{name}.example") };
        let project = json!({
            "projectId": name, "clientId": name, "mailDomain": format!("{name}.localhost"),
            "repository": address, "defaultBranch": "main", "siteUrl": site,
            "editors": [{ "address": owner, "userId": "owner", "role": "owner" }],
        });
        self.operator(reqwest::Method::PUT, &format!("projects/{name}"), Some(&project)).await;
    }

    /// Asks Hermes' API as the operator.
    ///
    /// # Panics
    /// When the answer is no.
    pub async fn operator(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        let mut request =
            self.http.request(method, format!("{}/hermes/api/{path}", self.app)).bearer_auth(SECRET);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("Hermes answers");
        let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Sends a mail in by SES, and waits for its result.
    ///
    /// # Panics
    /// When none comes.
    pub async fn ask(&self, letter: &Letter) -> Received {
        self.inbox.arrives(letter).await;
        self.result_of(letter).await
    }

    /// Waits for the result of a mail.
    ///
    /// # Panics
    /// When none comes.
    pub async fn result_of(&self, letter: &Letter) -> Received {
        let result = async || self.inbox.results_of(&letter.id).into_iter().next();
        until(&format!("the result of {:?}", letter.text), PATIENCE, result).await
    }

    /// A page of the preview host.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn get(&self, url: &str) -> (u16, String) {
        let answer = self.http.get(url).send().await.expect("Hermes answers");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    /// Where the stand-in is.
    pub fn endpoint(&self) -> &str {
        self.stand_in.endpoint()
    }

    /// The fleet's directory, with the logs of its tasks.
    pub fn dir(&self) -> &Path {
        self.dir.beside()
    }

    /// How many tasks ECS is asked for.
    ///
    /// # Panics
    /// When ECS does not say.
    pub async fn desired(&self, service: &str) -> u32 {
        EcsFleet::new(&self.clients, None).count(service).await.expect("ECS answers").desired
    }

    /// The bare repository in which a person's threads of a project are worked on, on the file system that outlives
    /// tasks.
    pub fn workspace(&self, project: &str, user: &str) -> Git {
        Git::at(self.dir.beside().join("efs").join(project).join(project).join(user).join("repository.git"))
    }

    /// One more repository with the demo site.
    pub fn another_repository(&self, name: &str) -> Git {
        demo_repository(&self.dir.beside().join(format!("repositories/{name}.git")))
    }

    /// Scales everything to 0, and waits until nothing runs.
    pub async fn end(self) {
        self.ecs.end().await;
        self.stop.cancel();
    }
}

/// What the services' environments have in common.
struct Around<'a> {
    stand_in: &'a str,
    ses: &'a str,
    lambda: &'a str,
    buckets: &'a Buckets,
    app: &'a str,
    preview: &'a str,
}

impl Around<'_> {
    fn env(&self, options: &CloudOptions, service: &str) -> Vec<(String, String)> {
        let common = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", std::env::var("HOME").unwrap_or_default()),
            ("AWS_ENDPOINT_URL", self.stand_in.to_owned()),
            ("AWS_ENDPOINT_URL_SESV2", self.ses.to_owned()),
            ("AWS_ENDPOINT_URL_LAMBDA", self.lambda.to_owned()),
            ("AWS_ACCESS_KEY_ID", "stand-in".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "stand-in".to_owned()),
            ("AWS_REGION", "us-west-2".to_owned()),
            ("WEBORDINARY_SITE_BUCKET", self.buckets.site.clone()),
            ("WEBORDINARY_MAIL_BUCKET", self.buckets.mail.clone()),
            ("WEBORDINARY_DATA_BUCKET", self.buckets.data.clone()),
            ("WEBORDINARY_APP_ORIGIN", self.app.to_owned()),
            ("WEBORDINARY_PREVIEW_ORIGIN", self.preview.to_owned()),
            ("WEBORDINARY_LOG_FORMAT", "text".to_owned()),
            ("WEBORDINARY_LOG", "info".to_owned()),
        ];
        let network = std::env::vars().filter(|(name, _)| {
            name.starts_with("npm_config_") || NETWORK.contains(&name.to_ascii_lowercase().as_str())
        });
        let more = options.env.iter().filter(|(of, ..)| *of == service);
        common
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .chain(network)
            .chain(more.map(|(_, name, value)| (name.clone(), value.clone())))
            .collect()
    }

    fn hermes(&self, options: &CloudOptions, port: u16) -> Service {
        let mut env = self.env(options, HERMES_SERVICE);
        let own = [
            ("WEBORDINARY_HTTP", format!("127.0.0.1:{port}")),
            ("WEBORDINARY_REPLY_SECRET", SECRET.to_owned()),
            ("WEBORDINARY_OPERATOR_TOKEN", SECRET.to_owned()),
            ("WEBORDINARY_REHEARSAL", "on".to_owned()),
            ("WEBORDINARY_SWEEP", "2".to_owned()),
            ("WEBORDINARY_BUILD_FUNCTION", FUNCTION.to_owned()),
        ];
        env.splice(0..0, own.map(|(name, value)| (name.to_owned(), value)));
        Service { name: HERMES_SERVICE, program: program("hermes"), env }
    }

    fn edit(&self, options: &CloudOptions, model: &str, dir: &Path) -> Service {
        let mut env = self.env(options, EDIT_SERVICE);
        let own = [
            ("WEBORDINARY_LISTEN", "127.0.0.1:0".to_owned()),
            ("WEBORDINARY_PERSISTENT", dir.join("efs").display().to_string()),
            ("ANTHROPIC_BASE_URL", model.to_owned()),
            ("ANTHROPIC_AUTH_TOKEN", "rehearsal".to_owned()),
        ];
        env.splice(0..0, own.map(|(name, value)| (name.to_owned(), value)));
        Service { name: EDIT_SERVICE, program: program("edit-container"), env }
    }
}

/// A service's program of this build. Built once when only these tests were asked for.
///
/// # Panics
/// When it cannot be built.
fn program(name: &str) -> PathBuf {
    let me = std::env::current_exe().expect("the path of this program");
    let profile = me.ancestors().find(|dir| dir.join("deps").is_dir()).expect("a build directory");
    let program = profile.join(name);
    if !program.exists() {
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let build = ["build", "--quiet", "--package", name, "--features", "aws"];
        let built = std::process::Command::new(cargo)
            .args(build)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "cargo could not build {name}");
    }
    program
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}
