//! Hermes as a task of its own on ECS: connects, listens, works until it is asked to stop.

use crate::config::Billing;
use crate::far::{FarPreviews, FarProgress};
use crate::hosts::Hosts;
use crate::session_router::SessionRouter;
use crate::settings::Settings;
use crate::web::{self, CookieMode, Rehearsal, WebConfig};
use crate::{Config, Hermes, PreviewAddresses};
use anyhow::{Context, ensure};
use axum::Router;
use axum::extract::Request;
use bootstrap::Lifecycle;
use bootstrap::aws::Aws;
use bootstrap::options::Switch;
use domain::reply_address::ReplyAddresses;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tracing::{info, warn};

/// The event by which the build function carries out what is ordered.
const OPEN_ORDERS: &str = r#"{"orders":{}}"#;
/// Shortest secret that is taken, in characters.
const SECRET_MIN: usize = 32;
/// How long the drain may take: ECS kills 120 s after it has asked, at most.
const DRAIN: Duration = Duration::from_mins(1);
/// How long browsers keep their connections while this drains.
const CUT: Duration = Duration::from_secs(3);

/// Works until it is asked to stop.
pub async fn run(settings: Settings, life: Lifecycle) -> anyhow::Result<()> {
    for (name, secret) in [
        ("WEBORDINARY_REPLY_SECRET", &settings.reply_secret),
        ("WEBORDINARY_OPERATOR_TOKEN", &settings.operator_token),
    ] {
        ensure!(secret.len() >= SECRET_MIN, "{name} needs at least {SECRET_MIN} characters");
    }
    let progress = Arc::new(FarProgress::new(life.stop().clone()));
    let aws = bootstrap::aws::connect(&settings.aws, progress.clone()).await?;
    progress.look_in(aws.backends.clone());
    aws.deliver_metrics(&life);
    let listener = TcpListener::bind(settings.http)
        .await
        .with_context(|| format!("{} cannot be listened on", settings.http))?;
    let hermes = Hermes::new(
        config(&settings),
        aws.backends.clone(),
        bell(&settings, &aws, &life),
        life.stop().clone(),
    );
    serve(listener, router(&settings, &aws, &hermes, &life), &life);
    info!("at work");
    hermes.run().await?;
    if !life.finish(DRAIN).await {
        warn!("something did not end in time");
    }
    aws.deliver_last_metrics().await;
    Ok(())
}

fn config(settings: &Settings) -> Config {
    Config {
        app_origin: settings.app_origin.clone(),
        previews: addresses(settings),
        reply_addresses: ReplyAddresses::new(settings.reply_secret.clone().into_bytes()),
        billing: if settings.rehearsal == Switch::On { Billing::Rehearsal } else { Billing::Metered },
        max_containers: settings.max_containers,
        warm_spare: settings.spare_containers,
        sweep: settings.sweep,
    }
}

fn addresses(settings: &Settings) -> PreviewAddresses {
    PreviewAddresses { origin: settings.preview_origin.clone(), suffix: settings.preview_suffix.clone() }
}

/// Rings the build function. Orders wait in the store: one that was not rung for is found by its own sweep.
fn bell(settings: &Settings, aws: &Aws, life: &Lifecycle) -> crate::desk::BuilderBell {
    let (function, life) = (settings.build_function.as_deref().map(|name| aws.invoker(name)), life.clone());
    Arc::new(move || {
        let Some(function) = function.clone() else { return };
        life.spawn(async move {
            if let Err(error) = function.invoke(OPEN_ORDERS).await {
                warn!(%error, "the build function was not rung; its sweep finds the order");
            }
        });
    })
}

fn router(settings: &Settings, aws: &Aws, hermes: &Arc<Hermes>, life: &Lifecycle) -> Router {
    let config = WebConfig {
        app_origin: settings.app_origin.clone(),
        previews: addresses(settings),
        secure_cookies: if settings.app_origin.starts_with("https://") {
            CookieMode::Secure
        } else {
            CookieMode::Plain
        },
        operator_token_hash: web::token_hash(&settings.operator_token),
        rehearsal: if settings.rehearsal == Switch::On { Rehearsal::On } else { Rehearsal::Off },
        outbox: None,
    };
    let bells = Arc::clone(hermes) as Arc<dyn crate::bells::Bells>;
    let app = web::app(config, aws.backends.clone(), hermes.chat(), bells, life.stop().clone());
    let sessions = SessionRouter::new(Arc::clone(hermes), Arc::new(FarPreviews::new(aws.backends.clone())));
    let hosts = Hosts::of(&settings.app_origin, &settings.preview_origin, settings.preview_suffix.clone());
    Router::new().fallback(move |request: Request| {
        let (hosts, app, sessions) = (hosts.clone(), app.clone(), Arc::clone(&sessions));
        async move {
            // The load balancer asks for health by address.
            if request.uri().path().starts_with("/health/") {
                return crate::hosts::to(app, request).await;
            }
            hosts.answer(app, &sessions, request).await
        }
    })
}

fn serve(listener: TcpListener, router: Router, life: &Lifecycle) {
    let stop = life.stop().clone();
    life.spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let cut = async {
            stop.cancelled().await;
            tokio::time::sleep(CUT).await;
        };
        tokio::select! {
            served = served => {
                if let Err(error) = served {
                    warn!(%error, "the listener ended");
                }
            }
            () = cut => {}
        }
    });
}
