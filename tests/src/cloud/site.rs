//! What CloudFront does before the bucket of production sites: finds the project by host, and the file by path.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use domain::ProjectId;
use ports::Blobs;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Shows the site of one project, until `stop`; returns its address.
///
/// # Panics
/// Without a free port.
pub async fn show(blobs: Arc<dyn Blobs>, project: &str, stop: &CancellationToken) -> String {
    let project: ProjectId = project.parse().expect("a project's id");
    let router = Router::new().fallback(move |request: Request| {
        let (blobs, project) = (Arc::clone(&blobs), project.clone());
        async move {
            let (parts, _) = request.into_parts();
            publish::site::answer(&*blobs, &project, &parts).await.map(Body::from)
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = stop.clone();
    tokio::spawn(async move { stop.run_until_cancelled(axum::serve(listener, router).into_future()).await });
    format!("http://{address}")
}
