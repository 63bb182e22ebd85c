//! `webordinary up`: prepares what is missing, starts the fleet, says that it is ready, and drains at the end.

use crate::cli::{Lines, Up};
use crate::data::{DataDir, OPERATOR};
use crate::duty::{self, Duty, Plan};
use crate::ecs::{self, Credentials, LocalCluster};
use crate::fleet::{self, Origins, Shared};
use crate::front::{self, LocalPreviews};
use crate::office::{self, BuildsOnly, Office};
use crate::ready::{Notes, Ready};
use crate::terminal::Terminal;
use crate::{demo, model, projects};
use anyhow::{Context, bail};
use bootstrap::Lifecycle;
use bootstrap::telemetry::{self, LogFormat};
use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use domain::project::Project;
use embedded::{Data, InProcessFleet};
use hermes::config::Billing;
use hermes::door::MailDoor;
use hermes::hosts::Hosts;
use hermes::web::{self, CookieMode, Rehearsal, WebConfig};
use hermes::{Hermes, web::token_hash};
use ports::Backends;
use ports::sign_in::Identity;
use sandbox::Launcher;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use toolchain::{ToolPaths, Toolchain};
use tracing::warn;

/// How long the drain may take.
const DRAIN: Duration = Duration::from_secs(25);
/// How long children of a killed run are waited for; their launchers end them within milliseconds.
const ORPHANS: Duration = Duration::from_secs(20);
/// How long a sign-in link on the terminal works.
const LINK_LIFE: Duration = Duration::from_hours(24);

struct Listeners {
    http: TcpListener,
    site: TcpListener,
    ecs: TcpListener,
}

/// What has been started.
struct Started {
    ready: Ready,
    /// The desired count of Hermes, as the operator left it.
    hermes: u32,
}

/// Runs until a signal.
pub(crate) async fn run(data: DataDir, up: Up) -> anyhow::Result<()> {
    let format = if up.log_format == Lines::Json { LogFormat::Json } else { LogFormat::Text };
    telemetry::install(&up.log, format);
    let began = Instant::now();
    on_loopback(&up)?;
    let life = Lifecycle::install()?;
    let lock = Data::lock(data.root())?;
    if !sandbox::wait_for_earlier(data.root(), ORPHANS).await {
        bail!(
            "children of an earlier run still work in {}; end them (they show as `launch-supervise`) and start again",
            data.root().display()
        );
    }
    // What an earlier run left must not be taken for this one's.
    let _ = std::fs::remove_file(data.ready());
    let listeners = Listeners {
        http: bind("--http", up.http).await?,
        site: bind("--site", up.site).await?,
        ecs: bind("--ecs", up.ecs).await?,
    };
    let (launcher, report) = Launcher::of_this_program().protected(up.sandbox, &data.self_test()).await?;
    if !report.is_enough() {
        warn!(sandbox = %report, "site code and the agent are not confined");
    }
    let Some(tools) = life.stop().run_until_cancelled(prepare(&data, &launcher)).await else { return Ok(()) };
    let (backends, pool) = fleet::open_backends(lock, &up).await?;
    let tools = tools?;
    let launcher = launcher.reading(tools.places());
    let shared = Shared { data, backends, tools, launcher, life };
    let started = start(&shared, &up, listeners, &pool).await;
    match &started {
        Ok(started) => {
            let notes = Notes {
                billing: model::billing(&up),
                hermes: started.hermes,
                sandbox: &report,
                credentials: &Credentials::of(&shared.data)?,
                program: &program_name(),
            };
            println!("{}", started.ready.lines(&shared.data, &notes));
            println!("Ready in {:.1} s. Ctrl-C ends it.", began.elapsed().as_secs_f32());
            shared.life.stop().cancelled().await;
        }
        Err(_) => shared.life.stop().cancel(),
    }
    let _ = std::fs::remove_file(shared.data.ready());
    pool.drain(DRAIN).await;
    if !shared.life.finish(DRAIN).await {
        warn!("something did not end in time");
    }
    started.map(|_| ())
}

/// What speaks for itself on this machine alone may not be reached from another.
fn on_loopback(up: &Up) -> anyhow::Result<()> {
    if !up.smtp.ip().is_loopback() {
        bail!(
            "--smtp {} is refused: the door beyond this machine stays shut until senders can be verified. \
             Use a loopback address such as 127.0.0.1:2525",
            up.smtp
        );
    }
    if !up.ecs.ip().is_loopback() {
        bail!(
            "--ecs {} is refused: the operator's endpoint speaks plain HTTP, so it stays on this machine. \
             Use a loopback address such as 127.0.0.1:8082",
            up.ecs
        );
    }
    Ok(())
}

async fn prepare(data: &DataDir, launcher: &Launcher) -> anyhow::Result<Toolchain> {
    let terminal = Terminal::default();
    let search = std::env::var_os("PATH").unwrap_or_default();
    let paths = ToolPaths::new(data.root(), search).with_environment(|name| std::env::var_os(name));
    if workspace_needs_git(&paths) {
        bail!("git is missing: install it (Debian: `apt-get install git`)");
    }
    let tools = Toolchain::prepare(&paths, launcher, &terminal).await?;
    if terminal.has_stepped() {
        eprintln!("• Tools are in place");
    }
    Ok(tools)
}

fn workspace_needs_git(paths: &ToolPaths) -> bool {
    !std::env::split_paths(&paths.search).any(|dir| dir.join("git").is_file())
}

async fn start(
    shared: &Shared,
    up: &Up,
    listeners: Listeners,
    pool: &Arc<InProcessFleet>,
) -> anyhow::Result<Started> {
    let (http, site) = (listeners.http.local_addr()?, listeners.site.local_addr()?);
    let ecs = listeners.ecs.local_addr()?;
    let origins = Origins {
        app: up.app_origin.clone().unwrap_or_else(|| format!("http://localhost:{}", http.port())),
        preview: up.preview_origin.clone().unwrap_or_else(|| format!("http://{}", reachable(http))),
    };
    let backends = &shared.backends;
    Hermes::ensure_queues(backends).await?;
    demo::ensure(backends, &shared.data, site.port()).await?;
    projects::refresh(backends, &shared.data, (http.port(), site.port())).await?;
    warm_packages(shared).await?;

    let gateway = model::gateway(up, &shared.life).await?;
    let registry = fleet::register_containers(shared, (up, &origins), gateway, pool)?;
    let (builds, webhooks) = fleet::build_service(shared)?;
    let (app, stop) = (web_config(shared, up, &origins)?, shared.life.stop().clone());
    let plan = Plan {
        config: fleet::hermes_config(shared, up, &origins)?,
        web: app.clone(),
        backends: backends.clone(),
        builds: builds.clone(),
        previews: Arc::new(LocalPreviews(registry)),
    };
    let duty = duty::register(plan, pool);
    let standing = web::office(app, backends.clone(), Arc::new(BuildsOnly(builds.clone())), stop);
    let office = office::routes(Office {
        data: shared.data.clone(),
        backends: backends.clone(),
        builds,
        token: shared.data.secret(OPERATOR)?,
        http_port: http.port(),
        site_port: site.port(),
    });
    let office = office.merge(standing);
    let hosts = Hosts::of(&origins.app, &origins.preview, up.preview_suffix.clone());
    serve(shared, listeners.http, front::hosts(hosts, duty.clone(), office, webhooks));
    serve(shared, listeners.site, front::sites(Arc::clone(&backends.projects), Arc::clone(&backends.blobs)));
    let cluster =
        LocalCluster { fleet: Arc::clone(pool), duty: duty.clone(), max_containers: up.max_containers };
    let endpoint = ecs::endpoint(Credentials::of(&shared.data)?, cluster, Arc::clone(&backends.clock));
    serve(shared, listeners.ecs, endpoint);
    let smtp = open_door(shared, up).await?;
    let hermes = begin(pool, &duty).await?;
    let ready = ready(backends, &origins, Addresses { smtp, site, ecs }).await?;
    ready.write(&shared.data)?;
    Ok(Started { ready, hermes })
}

/// Gives the services the counts that their operator left them; Hermes begins at 1. Waits until it is at work.
async fn begin(pool: &InProcessFleet, duty: &Duty) -> anyhow::Result<u32> {
    pool.restore(EDIT_SERVICE, 0).await?;
    let hermes = pool.restore(HERMES_SERVICE, 1).await?;
    if hermes > 0 {
        duty.begun().await;
    }
    Ok(hermes)
}

/// The demo's packages are installed before anybody waits for them; other projects' come when they are needed.
async fn warm_packages(shared: &Shared) -> anyhow::Result<()> {
    let projects = shared.backends.projects.list().await?;
    let Some(first) = projects.iter().find(|p| p.project_id.as_str() == demo::NAME) else { return Ok(()) };
    let dir = shared.data.local().join("warm-up");
    let _ = std::fs::remove_dir_all(&dir);
    let origin = workspace::Origin {
        url: first.repository.clone(),
        default_branch: first.default_branch.clone(),
        credential: None,
    };
    let checkout = dir.clone();
    tokio::task::spawn_blocking(move || workspace::checkout(&origin, None, &checkout)).await??;
    let installed = shared.tools.packages.ensure(&dir, &Terminal::default()).await;
    let _ = std::fs::remove_dir_all(&dir);
    installed.context("the demo site's packages could not be installed")?;
    Ok(())
}

fn serve(shared: &Shared, listener: TcpListener, router: axum::Router) {
    let stop = shared.life.stop().clone();
    shared.life.spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        // Browsers keep connections open for ever: after the drain's first seconds they are cut.
        let cut = async {
            stop.cancelled().await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        };
        tokio::select! {
            served = served => {
                if let Err(error) = served {
                    warn!(%error, "a listener ended");
                }
            }
            () = cut => {}
        }
    });
}

async fn open_door(shared: &Shared, up: &Up) -> anyhow::Result<SocketAddr> {
    let door = Arc::new(MailDoor::new(shared.backends.clone()));
    let server = smtp::Server::bind(up.smtp, door, smtp::Limits::default())
        .await
        .with_context(|| taken("--smtp", up.smtp))?;
    let address = server.local_addr();
    let stop = shared.life.stop().clone();
    shared.life.spawn(async move { server.run(stop).await });
    Ok(address)
}

fn web_config(shared: &Shared, up: &Up, origins: &Origins) -> anyhow::Result<WebConfig> {
    let secure = origins.app.starts_with("https://");
    let operator = String::from_utf8(shared.data.secret(OPERATOR)?)?;
    Ok(WebConfig {
        app_origin: origins.app.clone(),
        previews: fleet::preview_addresses(up, origins),
        secure_cookies: if secure { CookieMode::Secure } else { CookieMode::Plain },
        operator_token_hash: token_hash(&operator),
        rehearsal: match model::billing(up) {
            Billing::Rehearsal => Rehearsal::On,
            Billing::Metered => Rehearsal::Off,
        },
        outbox: Some(shared.data.outbox()),
    })
}

/// Where things listen that are not a host of the app.
struct Addresses {
    smtp: SocketAddr,
    site: SocketAddr,
    ecs: SocketAddr,
}

async fn ready(backends: &Backends, origins: &Origins, at: Addresses) -> anyhow::Result<Ready> {
    let projects = backends.projects.list().await?;
    let first = projects.first().context("there is no project")?;
    let link = web::sign_in_link(backends, &owner_of(first)?, &origins.app, LINK_LIFE).await?;
    Ok(Ready {
        http: origins.app.clone(),
        preview: origins.preview.clone(),
        smtp: at.smtp.to_string(),
        site: format!("http://{}", reachable(at.site)),
        ecs: format!("http://{}", at.ecs),
        sign_in: link,
    })
}

fn owner_of(project: &Project) -> anyhow::Result<Identity> {
    let owner = project.editors.first().context("the project has no owner")?;
    Ok(Identity {
        user: owner.user_id.clone(),
        address: owner.address.clone(),
        project: project.project_id.clone(),
    })
}

async fn bind(option: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| taken(option, address))
}

fn taken(option: &str, address: SocketAddr) -> String {
    format!("{option} {address} cannot be used; choose another address, or port 0 for any free port")
}

/// An address that listens everywhere is reached on loopback from here.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

/// How the user can call this program again.
fn program_name() -> String {
    let name = std::env::args().next().unwrap_or_else(|| "webordinary".to_owned());
    if name.contains("target/") { "cargo run --quiet --".to_owned() } else { name }
}
