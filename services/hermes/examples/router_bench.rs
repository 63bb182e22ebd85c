//! The way of a preview request through Hermes' listener, hosts and session router, for benches: `router_bench LISTEN
//! UPSTREAM THREAD_ID here|there`. `here` serves it from a dev server at `UPSTREAM`, as the embedded fleet does; `there`
//! passes it on to a container at `UPSTREAM`, as Hermes on AWS does.

#[path = "../tests/web/support.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests")]
mod support;

use anyhow::{Context, Result};
use async_trait::async_trait;
use axum::Router;
use axum::extract::Request;
use domain::ThreadId;
use domain::reply_address::ReplyAddresses;
use hermes::config::Billing;
use hermes::hosts::Hosts;
use hermes::session_router::{PreviewHosts, SessionRouter, Standing};
use hermes::{Config, Hermes, PreviewAddresses};
use preview::{Mode, PreviewConfig, PreviewHost, Site, Sites};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What stands behind the router, whatever is asked.
struct Fixed(Standing);

#[async_trait]
impl PreviewHosts for Fixed {
    async fn standing(&self, _: &ThreadId) -> Option<Standing> {
        Some(self.0.clone())
    }

    async fn arrival(&self, _: &ThreadId, _: Duration) -> Option<Standing> {
        Some(self.0.clone())
    }

    fn unreachable(&self, _: &ThreadId, _: &str) {}
}

struct Nowhere;

#[async_trait]
impl Sites for Nowhere {
    async fn locate(&self, _: &ThreadId) -> Option<Site> {
        None
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [listen, upstream, thread, place] = words.as_slice() else {
        anyhow::bail!("usage: router_bench LISTEN UPSTREAM THREAD_ID here|there")
    };
    let (dir, stop) = (tempfile::tempdir()?, CancellationToken::new());
    let listener = TcpListener::bind(listen).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let standing = if place == "there" {
        Standing::There(upstream.clone())
    } else {
        let host = PreviewHost::new(preview_config(dir.path(), &origin), Arc::new(Nowhere), &stop)?;
        host.attach(thread.parse().context("a thread's id")?, upstream.parse()?);
        Standing::Here(host)
    };
    let config = Config {
        app_origin: "http://localhost".to_owned(),
        previews: PreviewAddresses { origin: origin.clone(), suffix: None },
        reply_addresses: ReplyAddresses::new(b"bench".to_vec()),
        billing: Billing::Rehearsal,
        max_containers: 0,
        warm_spare: 0,
        sweep: Duration::from_mins(1),
    };
    let backends = support::backends(dir.path()).await;
    let hermes = Hermes::new(config, backends, Arc::new(|| {}), stop);
    let sessions = SessionRouter::new(hermes, Arc::new(Fixed(standing)));
    let hosts = Arc::new(Hosts::of("http://localhost:1", &origin, None));
    let router = Router::new().fallback(move |request: Request| {
        let (hosts, sessions) = (Arc::clone(&hosts), Arc::clone(&sessions));
        async move { hosts.answer(Router::new(), &sessions, request).await }
    });
    Ok(axum::serve(listener, router).await?)
}

fn preview_config(dir: &std::path::Path, origin: &str) -> PreviewConfig {
    PreviewConfig {
        node: "/nowhere".into(),
        path_env: "/usr/bin:/bin".into(),
        launcher: sandbox::Launcher::new("/nowhere"),
        tools_dir: dir.join("tools"),
        max_servers: 1,
        mode: Mode::Path,
        app_origin: "http://localhost:1".to_owned(),
        preview_origin: origin.to_owned(),
    }
}
