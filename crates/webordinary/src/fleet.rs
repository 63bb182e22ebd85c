//! The services of the fleet, composed in one process.

use crate::cli::{Switch, Up};
use crate::data::{DataDir, REPLIES, WEBHOOKS};
use crate::model;
use crate::relay::SmtpRelay;
use agent::{AgentConfig, TurnLimits};
use anyhow::Context;
use bootstrap::{Lifecycle, fault};
use build_lambda::{BuildConfig, BuildService, Deps, Edges, NpmPackages, SecretNames};
use domain::names::EDIT_SERVICE;
use domain::reply_address::ReplyAddresses;
use edit_container::config::{Places, Previews, Times};
use edit_container::{Container, PreviewRegistry};
use embedded::{Data, Embedded, FileSecrets, InProcessFleet, LogMetrics, NoCache, NoCodeHost, TaskContext};
use gateway::Gateway;
use hermes::PreviewAddresses;
use ports::Backends;
use ports::clock::SystemClock;
use preview::{Mode, PreviewConfig};
use publish::Builder;
use publish::build::BUILD_MAX;
use sandbox::Launcher;
use std::sync::Arc;
use std::time::Duration;
use toolchain::Toolchain;
use tracing::error;
use workspace::RepositoryKeys;

/// How often Hermes' sweep looks for what nobody answered.
const SWEEP: Duration = Duration::from_secs(10);
/// Warm Claude Code processes per container.
const WARM: usize = 2;

/// Where browsers reach the two hosts.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    pub(crate) app: String,
    pub(crate) preview: String,
}

/// What all services share.
pub(crate) struct Shared {
    pub(crate) data: DataDir,
    pub(crate) backends: Backends,
    pub(crate) tools: Toolchain,
    pub(crate) launcher: Launcher,
    pub(crate) life: Lifecycle,
}

/// The embedded adapters on the data directory, and the fleet that is one of them.
pub(crate) async fn open_backends(data: Data, up: &Up) -> anyhow::Result<(Backends, Arc<InProcessFleet>)> {
    let relay = match &up.relay {
        Some(url) => Some(Arc::new(SmtpRelay(url.parse()?)) as Arc<dyn embedded::Relay>),
        None => None,
    };
    let store = Embedded::open_in(data, Arc::new(SystemClock), relay).await?;
    let fleet = Arc::new(store.fleet());
    let backends = Backends {
        blobs: store.blobs(),
        claims: store.claims(),
        clock: Arc::new(SystemClock),
        containers: store.containers(),
        fleet: fleet.clone(),
        mailer: store.mailer(),
        messages: store.messages(),
        pool: store.pool(),
        metrics: Arc::new(LogMetrics),
        progress: store.progress(),
        projects: store.projects(),
        queues: store.queues(),
        releases: store.releases(),
        replies: store.replies(),
        sessions: store.sessions(),
        sign_ins: store.sign_ins(),
        spending: store.spending(),
        threads: store.threads(),
    };
    Ok((backends, fleet))
}

/// The pool of edit containers: tasks in this process, as many as the fleet is asked for.
pub(crate) fn register_containers(
    shared: &Shared,
    (up, origins): (&Up, &Origins),
    gateway: Gateway,
    fleet: &InProcessFleet,
) -> anyhow::Result<Arc<PreviewRegistry>> {
    let registry = Arc::new(PreviewRegistry::default());
    let config = container_config(shared, up, origins, gateway)?;
    let (backends, previews) = (shared.backends.clone(), Arc::clone(&registry));
    fleet.register(
        EDIT_SERVICE,
        Arc::new(move |task: TaskContext| {
            let (config, backends, previews) = (config.clone(), backends.clone(), Arc::clone(&previews));
            Box::pin(async move {
                match task.id.parse() {
                    Ok(id) => Container::new(id, config, backends, previews).run(task.stop).await,
                    Err(error) => error!(%error, "the fleet gave a task an id that is none"),
                }
            })
        }),
    );
    Ok(registry)
}

fn repository_keys(shared: &Shared) -> anyhow::Result<RepositoryKeys> {
    Ok(RepositoryKeys {
        secrets: Arc::new(FileSecrets::new(shared.data.secrets())),
        name: SecretNames::default().repository,
        program: std::env::current_exe().context("cannot find this program")?,
        place: shared.data.local().join("credentials"),
    })
}

fn container_config(
    shared: &Shared,
    up: &Up,
    origins: &Origins,
    gateway: Gateway,
) -> anyhow::Result<edit_container::Config> {
    let mode = match &up.preview_suffix {
        Some(suffix) => Mode::SubDomain { suffix: suffix.clone() },
        None => Mode::Path,
    };
    Ok(edit_container::Config {
        places: Places { persistent: shared.data.workspaces(), local: shared.data.local() },
        times: Times { idle: up.idle, ..Times::default() },
        agent: AgentConfig {
            claude: shared.tools.claude.clone(),
            path_env: shared.tools.path_env.clone(),
            launcher: shared.launcher.clone(),
            packages: shared.tools.packages.place(),
            shell: up.agent_shell,
            gateway,
            max_warm: WARM,
            model: up.model.clone(),
            limits: TurnLimits::default(),
        },
        caps: up.caps.caps(),
        preview: PreviewConfig {
            node: shared.tools.node.clone(),
            path_env: shared.tools.path_env.clone(),
            launcher: shared.launcher.clone(),
            tools_dir: shared.data.tools().join("preview"),
            max_servers: up.max_previews,
            mode,
            app_origin: origins.app.clone(),
            preview_origin: origins.preview.clone(),
        },
        previews: if up.previews == Switch::On { Previews::Live } else { Previews::Off },
        builder: Builder {
            launcher: shared.launcher.clone(),
            node: shared.tools.node.clone(),
            path_env: shared.tools.path_env.clone(),
            limit: BUILD_MAX,
        },
        keys: repository_keys(shared)?,
        packages: shared.tools.packages.clone(),
    })
}

/// The build service, and its webhook door.
pub(crate) fn build_service(shared: &Shared) -> anyhow::Result<(BuildService, axum::Router)> {
    let edges = Edges {
        secrets: Arc::new(FileSecrets::new(shared.data.secrets())),
        cdn: Arc::new(NoCache),
        code_host: Arc::new(NoCodeHost),
    };
    let deps = Deps::of(&shared.backends, edges);
    let config = BuildConfig {
        path_env: shared.tools.path_env.clone(),
        fault: fault::point,
        secrets: SecretNames { webhook: WEBHOOKS.to_owned(), ..SecretNames::default() },
        ..BuildConfig::new(shared.data.builds(), shared.launcher.clone(), shared.tools.node.clone())
    };
    let packages = Arc::new(NpmPackages(shared.tools.packages.clone()));
    let service = BuildService::new(deps, config, packages);
    // Made now, so that the door finds it.
    shared.data.secret(WEBHOOKS)?;
    let webhooks = service.webhooks(service.bell());
    let running = service.clone();
    let stop = shared.life.stop().clone();
    shared.life.spawn(async move { running.run(stop).await });
    Ok((service, build_lambda::webhook::router(webhooks)))
}

/// Where browsers find previews.
pub(crate) fn preview_addresses(up: &Up, origins: &Origins) -> PreviewAddresses {
    PreviewAddresses { origin: origins.preview.clone(), suffix: up.preview_suffix.clone() }
}

/// What Hermes is told when it starts.
pub(crate) fn hermes_config(shared: &Shared, up: &Up, origins: &Origins) -> anyhow::Result<hermes::Config> {
    Ok(hermes::Config {
        app_origin: origins.app.clone(),
        previews: preview_addresses(up, origins),
        reply_addresses: ReplyAddresses::new(shared.data.secret(REPLIES)?),
        billing: model::billing(up),
        max_containers: up.max_containers,
        warm_spare: up.spare_containers,
        sweep: SWEEP,
    })
}
