//! An edit container as a task of its own on ECS: connects, registers, serves one pair, leaves.

use crate::config::{Config, Places, Previews, Times};
use crate::door::{self, Door};
use crate::settings::Settings;
use crate::{Container, PreviewRegistry};
use agent::{AgentConfig, TurnLimits};
use anyhow::Context;
use bootstrap::Lifecycle;
use bootstrap::aws::Aws;
use bootstrap::options::Switch;
use domain::ContainerId;
use gateway::Gateway;
use ports::containers::ContainerRow;
use ports::{Backends, ProgressHub};
use preview::{Mode, PreviewConfig};
use publish::Builder;
use publish::build::BUILD_MAX;
use sandbox::Launcher;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use toolchain::{Silent, ToolPaths, Toolchain};
use tracing::{info, warn};
use workspace::RepositoryKeys;

/// Warm Claude Code processes.
const WARM: usize = 2;
/// How long the register believes in a container that falls silent.
const LIFE: Duration = Duration::from_mins(1);
/// How long a task that has released its claim waits to be stopped by scale-in: were it to end by itself at once, ECS
/// would start another in its place before the count has fallen.
const LINGER: Duration = Duration::from_secs(10);
/// How long the drain may take: ECS kills 120 s after it has asked, at most.
const DRAIN: Duration = Duration::from_secs(100);

/// Serves one pair, from its claim until it is idle or the task is asked to stop.
pub async fn run(settings: Settings, life: Lifecycle) -> anyhow::Result<()> {
    let progress = Arc::new(ProgressHub::default());
    let aws = bootstrap::aws::connect(&settings.aws, progress).await?;
    let id = id_of(&aws)?;
    aws.deliver_metrics(&life);
    let scratch = settings.local.join("self-test");
    let (launcher, report) = Launcher::of_this_program().protected(settings.sandbox, &scratch).await?;
    info!(sandbox = %report, "what confines site code and the agent");
    let paths = ToolPaths::new(&settings.local, std::env::var_os("PATH").unwrap_or_default())
        .with_environment(|name| std::env::var_os(name));
    let tools = Toolchain::prepare(&paths, &launcher, &Silent).await?;
    let launcher = launcher.reading(tools.places());
    let upstream = settings.upstream(&aws)?;
    let gateway = Gateway::start_with(upstream, settings.terms(), life.stop().clone()).await?;
    let keys = RepositoryKeys {
        secrets: aws.secrets(),
        name: settings.repository_secret.clone(),
        program: std::env::current_exe().context("this program cannot be found")?,
        place: settings.local.join("credentials"),
    };
    let config = config(&settings, keys, (&launcher, &tools), gateway);
    let registry = Arc::new(PreviewRegistry::default());
    let address = open_door(&settings, &aws, (&config, &registry), &life).await?;
    let row = ContainerRow { id: id.clone(), address };
    aws.backends.containers.register(&row, LIFE).await.context("this container cannot be registered")?;
    info!(container.id = %id, address = row.address, "waiting for a claim");
    stay_registered(&aws.backends, row, &life);

    Container::new(id.clone(), config, aws.backends.clone(), registry).run(life.stop().clone()).await;
    let _ = tokio::time::timeout(LINGER, life.stop().cancelled()).await;
    if let Err(error) = aws.backends.containers.leave(&id).await {
        warn!(container.id = %id, %error, "the register was not told; it will notice");
    }
    if !life.finish(DRAIN).await {
        warn!("something did not end in time");
    }
    aws.deliver_last_metrics().await;
    Ok(())
}

fn id_of(aws: &Aws) -> anyhow::Result<ContainerId> {
    let id = aws.task.as_ref().map_or_else(|| uuid::Uuid::new_v4().to_string(), |task| task.id.clone());
    id.parse().context("ECS gave this task an id that is none")
}

async fn open_door(
    settings: &Settings,
    aws: &Aws,
    (config, registry): (&Config, &Arc<PreviewRegistry>),
    life: &Lifecycle,
) -> anyhow::Result<String> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", settings.listen))?;
    let port = listener.local_addr()?.port();
    let address = match (&settings.address, &aws.task) {
        (Some(address), _) => address.clone(),
        (None, Some(task)) => SocketAddr::new(task.address.into(), port).to_string(),
        (None, None) => format!("127.0.0.1:{port}"),
    };
    let door = Door {
        registry: Arc::clone(registry),
        previews: config.preview.clone(),
        progress: Arc::clone(&aws.backends.progress),
    };
    let (router, stop) = (door::router(door), life.stop().clone());
    life.spawn(async move {
        let served = stop.run_until_cancelled(axum::serve(listener, router).into_future()).await;
        if let Some(Err(error)) = served {
            warn!(%error, "the listener ended");
        }
    });
    Ok(address)
}

fn stay_registered(backends: &Backends, row: ContainerRow, life: &Lifecycle) {
    let (containers, stop) = (Arc::clone(&backends.containers), life.stop().clone());
    life.spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(LIFE / 3)).await.is_some() {
            if let Err(error) = containers.register(&row, LIFE).await {
                warn!(container.id = %row.id, %error, "this container was not registered again");
            }
        }
    });
}

fn config(
    settings: &Settings,
    keys: RepositoryKeys,
    (launcher, tools): (&Launcher, &Toolchain),
    gateway: Gateway,
) -> Config {
    let mode = match &settings.preview_suffix {
        Some(suffix) => Mode::SubDomain { suffix: suffix.clone() },
        None => Mode::Path,
    };
    Config {
        places: Places { persistent: settings.persistent.clone(), local: settings.local.clone() },
        times: Times { idle: settings.idle, lease: settings.lease, ..Times::default() },
        agent: AgentConfig {
            claude: tools.claude.clone(),
            path_env: tools.path_env.clone(),
            launcher: launcher.clone(),
            packages: tools.packages.place(),
            shell: settings.agent_shell,
            gateway,
            max_warm: WARM,
            model: settings.model.clone(),
            limits: TurnLimits::default(),
        },
        caps: settings.caps.caps(),
        preview: PreviewConfig {
            node: tools.node.clone(),
            path_env: tools.path_env.clone(),
            launcher: launcher.clone(),
            tools_dir: settings.local.join("tools/preview"),
            max_servers: settings.max_previews,
            mode,
            app_origin: settings.app_origin.clone(),
            preview_origin: settings.preview_origin.clone(),
        },
        previews: if settings.previews == Switch::On { Previews::Live } else { Previews::Off },
        builder: Builder {
            launcher: launcher.clone(),
            node: tools.node.clone(),
            path_env: tools.path_env.clone(),
            limit: BUILD_MAX,
        },
        keys,
        packages: tools.packages.clone(),
    }
}
