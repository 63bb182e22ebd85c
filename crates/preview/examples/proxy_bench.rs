//! The proxy alone, in front of a given upstream: `proxy_bench LISTEN UPSTREAM [THREAD_ID]`, both `host:port`.
//! Serves `/session/{THREAD_ID}/…` (abcdefghijkl unless told) until it is killed, and prints one line once it listens.

use async_trait::async_trait;
use domain::ThreadId;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use preview::{Mode, PreviewConfig, PreviewHost, Site, Sites};
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

struct Nowhere;

#[async_trait]
impl Sites for Nowhere {
    async fn locate(&self, _thread: &ThreadId) -> Option<Site> {
        None
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: proxy_bench LISTEN UPSTREAM [THREAD_ID]";
    let (listen, upstream) = (words.next().ok_or(usage)?, words.next().ok_or(usage)?);
    let thread: ThreadId = words.next().as_deref().unwrap_or("abcdefghijkl").parse()?;
    let listener = TcpListener::bind(&listen).await?;
    let tools = std::env::temp_dir().join(format!("proxy-bench-{}", std::process::id()));
    let config = PreviewConfig {
        node: "/nowhere".into(),
        path_env: "/usr/bin:/bin".into(),
        launcher: sandbox::Launcher::new("/nowhere"),
        tools_dir: tools,
        max_servers: 1,
        mode: Mode::Path,
        app_origin: "http://localhost:1".to_owned(),
        preview_origin: format!("http://{}", listener.local_addr()?),
    };
    let host = PreviewHost::new(config, Arc::new(Nowhere), &CancellationToken::new())?;
    host.attach(thread.clone(), upstream.parse()?);
    println!("listening on {}", listener.local_addr()?);
    let connections = TaskTracker::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (host, thread) = (Arc::clone(&host), thread.clone());
        let service = service_fn(move |request| {
            let (host, thread) = (Arc::clone(&host), thread.clone());
            async move { Ok::<_, Infallible>(host.serve(&thread, request).await) }
        });
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
        connections.spawn(async move { drop(connection.await) });
    }
}
