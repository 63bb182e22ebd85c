//! What ECS does that no stand-in does: starts and stops the services' programs as their desired counts say, tells each
//! task who it is, and heeds its protection.

use axum::extract::{Path, State};
use axum::routing::{get, put};
use axum::{Json, Router};
use domain::names::CLUSTER;
use ports::Fleet;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between two looks at the desired counts.
const LOOK: Duration = Duration::from_millis(100);
/// How long a task may take to end when asked, at the end of a test.
const GRACE: Duration = Duration::from_secs(20);

/// A service: which program its tasks run, and with what in their environment.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// The program.
    pub program: PathBuf,
    /// The environment of its tasks, all of it.
    pub env: Vec<(String, String)>,
}

/// A running task.
struct Task {
    id: String,
    service: &'static str,
    child: Child,
    stopping: bool,
}

#[derive(Default)]
struct Parts {
    tasks: Mutex<Vec<Task>>,
    protected: Mutex<HashSet<String>>,
}

impl Parts {
    fn tasks(&self) -> MutexGuard<'_, Vec<Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn protected(&self) -> MutexGuard<'_, HashSet<String>> {
        self.protected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The agent. Its tasks are killed when it is dropped; [`Ecs::end`] is the good end.
pub struct Ecs {
    parts: Arc<Parts>,
    stop: CancellationToken,
    following: JoinHandle<()>,
}

impl Ecs {
    /// Follows the desired counts of `services` as `fleet` knows them. Tasks have their disks and logs below `dir`.
    pub async fn follow(fleet: Arc<dyn Fleet>, services: Vec<Service>, dir: PathBuf) -> Self {
        let (parts, stop) = (Arc::new(Parts::default()), CancellationToken::new());
        let endpoint = serve(&parts, &stop).await;
        let agent = Agent { parts: Arc::clone(&parts), endpoint, dir };
        let ending = stop.clone();
        let following = tokio::spawn(async move {
            while !ending.is_cancelled() {
                for service in &services {
                    if let Ok(count) = fleet.count(service.name).await {
                        agent.reconcile(service, count.desired as usize);
                    }
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { parts, stop, following }
    }

    /// Ids of the tasks of a service that run now.
    pub fn running(&self, service: &str) -> Vec<String> {
        let mut tasks = self.parts.tasks();
        tasks.retain_mut(|task| matches!(task.child.try_wait(), Ok(None)));
        tasks.iter().filter(|task| task.service == service).map(|task| task.id.clone()).collect()
    }

    /// Process ids of the tasks of a service.
    pub fn processes(&self, service: &str) -> Vec<u32> {
        let tasks = self.parts.tasks();
        tasks.iter().filter(|task| task.service == service).filter_map(|task| task.child.id()).collect()
    }

    /// `kill -9` for every task of a service. ECS starts others in their place.
    pub fn kill(&self, service: &str) {
        self.signal(service, Signal::KILL);
    }

    /// Stops every task of a service where it stands, as a host that is starved does, until [`Ecs::thaw`].
    pub fn freeze(&self, service: &str) {
        self.signal(service, Signal::STOP);
    }

    /// Lets every task of a service go on.
    pub fn thaw(&self, service: &str) {
        self.signal(service, Signal::CONT);
    }

    fn signal(&self, service: &str, what: Signal) {
        for task in self.parts.tasks().iter().filter(|task| task.service == service) {
            signal(task, what);
        }
    }

    /// Asks all tasks to end, and waits for them.
    pub async fn end(self) {
        self.stop.cancel();
        let _ = self.following.await;
        let mut tasks = std::mem::take(&mut *self.parts.tasks());
        for task in &tasks {
            signal(task, Signal::TERM);
        }
        for task in &mut tasks {
            let ended = tokio::time::timeout(GRACE, task.child.wait()).await;
            assert!(ended.is_ok(), "task {} of {} did not end when asked", task.id, task.service);
        }
    }
}

fn signal(task: &Task, signal: Signal) {
    let pid = task.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, signal);
    }
}

struct Agent {
    parts: Arc<Parts>,
    endpoint: String,
    dir: PathBuf,
}

impl Agent {
    fn reconcile(&self, service: &Service, desired: usize) {
        let mut tasks = self.parts.tasks();
        tasks.retain_mut(|task| matches!(task.child.try_wait(), Ok(None)));
        let alive = tasks.iter().filter(|task| task.service == service.name && !task.stopping).count();
        for _ in alive..desired {
            tasks.push(self.start(service));
        }
        let protected = self.parts.protected().clone();
        let spare = tasks
            .iter_mut()
            .filter(|task| task.service == service.name && !task.stopping && !protected.contains(&task.id));
        for task in spare.take(alive.saturating_sub(desired)) {
            task.stopping = true;
            signal(task, Signal::TERM);
        }
    }

    fn start(&self, service: &Service) -> Task {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let disk = self.dir.join("tasks").join(&id);
        crate::place::link_shared(&disk);
        let log = self.dir.join(format!("{}-{id}.log", service.name));
        let log = File::create(log).expect("a task's log");
        let child = Command::new(&service.program)
            .env_clear()
            .envs(service.env.iter().map(|(name, value)| (name, value)))
            .env("ECS_CONTAINER_METADATA_URI_V4", format!("{}/v4/{id}", self.endpoint))
            .env("ECS_AGENT_URI", format!("{}/agent/{id}", self.endpoint))
            .env("WEBORDINARY_LOCAL", &disk)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a task's log"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", service.program.display()));
        Task { id, service: service.name, child, stopping: false }
    }
}

/// The endpoints beside a task.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html>
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html>
async fn serve(parts: &Arc<Parts>, stop: &CancellationToken) -> String {
    let router = Router::new()
        .route("/v4/{task}/task", get(metadata))
        .route("/agent/{task}/task-protection/v1/state", put(protect))
        .with_state(Arc::clone(parts));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = stop.clone();
    tokio::spawn(async move { stop.run_until_cancelled(axum::serve(listener, router).into_future()).await });
    format!("http://{address}")
}

async fn metadata(Path(task): Path<String>) -> Json<Value> {
    Json(json!({
        "Cluster": CLUSTER,
        "TaskARN": arn(&task),
        "Family": "webordinary",
        "Containers": [{ "Name": "main", "Networks": [{ "NetworkMode": "awsvpc", "IPv4Addresses": ["127.0.0.1"] }] }],
    }))
}

async fn protect(
    State(parts): State<Arc<Parts>>,
    Path(task): Path<String>,
    Json(asked): Json<Value>,
) -> Json<Value> {
    let on = asked["ProtectionEnabled"] == true;
    if on {
        parts.protected().insert(task.clone());
    } else {
        parts.protected().remove(&task);
    }
    Json(json!({ "protection": { "ProtectionEnabled": on, "TaskArn": arn(&task) } }))
}

fn arn(task: &str) -> String {
    format!("arn:aws:ecs:us-west-2:000000000000:task/{CLUSTER}/{task}")
}
