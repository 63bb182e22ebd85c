//! What Lambda does with the build function: hands its program one event at a time, by the runtime API, and takes events
//! that nobody waits for.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

/// The build function's name.
pub const FUNCTION: &str = "HephaestusBuildFunction";
/// How long one event may take.
const TIMEOUT: Duration = Duration::from_mins(15);

/// Lambda, with one function.
#[derive(Clone)]
pub struct Lambda {
    /// Where functions are invoked: what `AWS_ENDPOINT_URL_LAMBDA` says to everybody.
    pub endpoint: String,
    runtime: String,
    events: UnboundedSender<Bytes>,
    function: Arc<Mutex<Option<Function>>>,
}

/// The function's program, and how it is started.
struct Function {
    program: PathBuf,
    env: Vec<(String, String)>,
    dir: PathBuf,
    child: Child,
}

struct Parts {
    events: UnboundedSender<Bytes>,
    next: AsyncMutex<UnboundedReceiver<Bytes>>,
}

impl Lambda {
    /// Listens until `stop`. The function does not run yet.
    ///
    /// # Panics
    /// Without a free port.
    pub async fn listen(stop: &CancellationToken) -> Self {
        let (events, next) = unbounded_channel();
        let parts = Arc::new(Parts { events: events.clone(), next: AsyncMutex::new(next) });
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/{how}", post(done))
            .route("/2018-06-01/runtime/init/error", post(done))
            .with_state(parts);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = stop.clone();
        tokio::spawn(
            async move { stop.run_until_cancelled(axum::serve(listener, router).into_future()).await },
        );
        let (endpoint, runtime) = (format!("http://{address}"), address.to_string());
        Self { endpoint, runtime, events, function: Arc::default() }
    }

    /// Starts the function's program; its log is below `dir`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&self, program: &Path, env: Vec<(String, String)>, dir: &Path) {
        crate::place::link_shared(&dir.join("build"));
        let child = self.run(program, &env, dir);
        *self.function() = Some(Function { program: program.to_owned(), env, dir: dir.to_owned(), child });
    }

    /// `kill -9` for the function's program, and a new one, as Lambda does with a function that crashed. What the dead
    /// one was at is not given to the new one.
    ///
    /// # Panics
    /// When it was not started, or does not start again.
    pub fn crash(&self) {
        let mut running = self.function();
        let function = running.as_mut().expect("the function runs");
        function.child.start_kill().expect("the function can be killed");
        function.child = self.run(&function.program, &function.env, &function.dir);
    }

    /// Sends the event of a schedule.
    pub fn tick(&self) {
        // The receiver lives as long as the listener.
        let _ = self.events.send(Bytes::from_static(br#"{"source":"aws.scheduler"}"#));
    }

    fn function(&self) -> MutexGuard<'_, Option<Function>> {
        self.function.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, program: &Path, env: &[(String, String)], dir: &Path) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(dir.join("build-function.log"));
        let log = log.expect("the function's log");
        Command::new(program)
            .env_clear()
            .envs(env.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &self.runtime)
            .env("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{FUNCTION}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "one")
            .env("WEBORDINARY_WORK_DIR", dir.join("build"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the function's log"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()))
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>, with `InvocationType=Event`.
async fn invoke(State(parts): State<Arc<Parts>>, event: Bytes) -> StatusCode {
    // The receiver lives as long as the listener.
    let _ = parts.events.send(event);
    StatusCode::ACCEPTED
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
async fn next_event(State(parts): State<Arc<Parts>>) -> (HeaderMap, Bytes) {
    let event = parts.next.lock().await.recv().await.unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let arn = format!("arn:aws:lambda:us-west-2:000000000000:function:{FUNCTION}");
    let headers = [
        ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
        ("lambda-runtime-deadline-ms", (now + TIMEOUT).as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", arn),
        ("lambda-runtime-trace-id", "Root=1-0-0".to_owned()),
    ];
    let headers = headers.into_iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::try_from(value).expect("a header"))
    });
    (headers.collect(), event)
}

async fn done() -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" })))
}
