//! The services of the fleet, composed in one process.

use crate::cli::{Switch, Up};
use crate::data::{DataDir, REPLIES, WEBHOOKS};
use crate::relay::SmtpRelay;
use agent::{AgentConfig, TurnLimits};
use anyhow::Context;
use bootstrap::{Lifecycle, fault};
use build_lambda::{BuildConfig, BuildService, Deps, NpmPackages};
use domain::names::EDIT_SERVICE;
use domain::reply_address::ReplyAddresses;
use edit_container::config::{Places, Previews, Times};
use edit_container::{Container, PreviewRegistry};
use embedded::{Data, Embedded, InProcessFleet, LogMetrics, TaskContext};
use gateway::{Credential, Gateway, Secret, Upstream};
use hermes::config::Billing;
use hermes::{Hermes, PreviewAddresses};
use ports::Backends;
use ports::clock::SystemClock;
use preview::{Mode, PreviewConfig};
use rehearsal::Rehearsal;
use sandbox::Launcher;
use std::sync::Arc;
use std::time::Duration;
use toolchain::Toolchain;
use tracing::{error, warn};

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

/// The embedded adapters on the data directory.
pub(crate) async fn open_backends(
    data: Data,
    up: &Up,
    fleet: Arc<InProcessFleet>,
) -> anyhow::Result<Backends> {
    let relay = match &up.relay {
        Some(url) => Some(Arc::new(SmtpRelay(url.parse()?)) as Arc<dyn embedded::Relay>),
        None => None,
    };
    let store = Embedded::open_in(data, Arc::new(SystemClock), relay).await?;
    Ok(Backends {
        blobs: store.blobs(),
        claims: store.claims(),
        clock: Arc::new(SystemClock),
        containers: store.containers(),
        fleet,
        mailer: store.mailer(),
        messages: store.messages(),
        metrics: Arc::new(LogMetrics),
        progress: store.progress(),
        projects: store.projects(),
        queues: store.queues(),
        releases: store.releases(),
        replies: store.replies(),
        sessions: store.sessions(),
        sign_ins: store.sign_ins(),
        threads: store.threads(),
    })
}

/// Who pays for the model, and what answers say about it.
pub(crate) fn billing(up: &Up) -> Billing {
    if up.api_key.is_none() && up.auth_token.is_none() { Billing::Rehearsal } else { Billing::Metered }
}

/// The gateway to the model: the user's, or the rehearsal.
pub(crate) async fn gateway(up: &Up, life: &Lifecycle) -> anyhow::Result<Gateway> {
    let real = || up.base_url.clone().unwrap_or_else(|| "https://api.anthropic.com".to_owned());
    let upstream = match (&up.api_key, &up.auth_token) {
        (Some(key), _) => Upstream { base_url: real(), credential: Credential::ApiKey(Secret::new(key)) },
        (None, Some(token)) => {
            Upstream { base_url: real(), credential: Credential::AuthToken(Secret::new(token)) }
        }
        (None, None) => {
            let rehearsal = Rehearsal::start(life.stop().clone()).await?;
            Upstream { base_url: rehearsal.base_url(), credential: Credential::None }
        }
    };
    Gateway::start(upstream, life.stop().clone()).await.context("the model gateway did not start")
}

/// The pool of edit containers: tasks in this process, as many as the fleet is asked for.
pub(crate) fn register_containers(
    shared: &Shared,
    (up, origins): (&Up, &Origins),
    gateway: Gateway,
    fleet: &InProcessFleet,
) -> Arc<PreviewRegistry> {
    let registry = Arc::new(PreviewRegistry::default());
    let config = container_config(shared, up, origins, gateway);
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
    registry
}

fn container_config(shared: &Shared, up: &Up, origins: &Origins, gateway: Gateway) -> edit_container::Config {
    let mode = match &up.preview_suffix {
        Some(suffix) => Mode::SubDomain { suffix: suffix.clone() },
        None => Mode::Path,
    };
    edit_container::Config {
        places: Places { persistent: shared.data.workspaces(), local: shared.data.local() },
        times: Times { idle: up.idle, ..Times::default() },
        agent: AgentConfig {
            claude: shared.tools.claude.clone(),
            path_env: shared.tools.path_env.clone(),
            launcher: shared.launcher.clone(),
            gateway,
            max_warm: WARM,
            model: up.model.clone(),
            limits: TurnLimits::default(),
        },
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
        packages: shared.tools.packages.clone(),
    }
}

/// The build service, and its webhook door.
pub(crate) fn build_service(shared: &Shared) -> anyhow::Result<(BuildService, axum::Router)> {
    let b = &shared.backends;
    let deps = Deps {
        projects: Arc::clone(&b.projects),
        releases: Arc::clone(&b.releases),
        messages: Arc::clone(&b.messages),
        blobs: Arc::clone(&b.blobs),
        queues: Arc::clone(&b.queues),
        clock: Arc::clone(&b.clock),
    };
    let config = BuildConfig {
        path_env: shared.tools.path_env.clone(),
        fault: fault::point,
        ..BuildConfig::new(shared.data.builds(), shared.launcher.clone(), shared.tools.node.clone())
    };
    let packages = Arc::new(NpmPackages(shared.tools.packages.clone()));
    let service = BuildService::new(deps, config, packages);
    let secret = shared.data.secret(WEBHOOKS)?;
    let webhooks = service.webhooks(Arc::new(move |_| Some(secret.clone())));
    let running = service.clone();
    let stop = shared.life.stop().clone();
    shared.life.spawn(async move { running.run(stop).await });
    Ok((service, build_lambda::webhook::router(webhooks)))
}

/// Where browsers find previews.
pub(crate) fn preview_addresses(up: &Up, origins: &Origins) -> PreviewAddresses {
    PreviewAddresses { origin: origins.preview.clone(), suffix: up.preview_suffix.clone() }
}

/// Hermes, running.
pub(crate) fn hermes(
    shared: &Shared,
    up: &Up,
    origins: &Origins,
    builds: &BuildService,
) -> anyhow::Result<Arc<Hermes>> {
    let config = hermes::Config {
        previews: preview_addresses(up, origins),
        reply_addresses: ReplyAddresses::new(shared.data.secret(REPLIES)?),
        billing: billing(up),
        max_containers: up.max_containers,
        sweep: SWEEP,
    };
    let bell = builds.clone();
    let hermes = Hermes::new(
        config,
        shared.backends.clone(),
        Arc::new(move || bell.wake()),
        shared.life.stop().clone(),
    );
    let running = Arc::clone(&hermes);
    shared.life.spawn(async move {
        if let Err(error) = running.run().await {
            warn!(%error, "Hermes ended");
        }
    });
    Ok(hermes)
}
