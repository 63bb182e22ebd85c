//! The files that pages load, under names that change with their content.

use super::state::App;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data_encoding::HEXLOWER;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $media_type:literal) => {
        Asset {
            name: $name,
            media_type: $media_type,
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/", $name)),
        }
    };
}

const CSS: Asset = asset!("app.css", "text/css; charset=utf-8");
const JS: Asset = asset!("app.js", "text/javascript; charset=utf-8");
const HTMX: Asset = asset!("htmx.min.js", "text/javascript; charset=utf-8");
const SSE: Asset = asset!("htmx-sse.min.js", "text/javascript; charset=utf-8");
const ICON: Asset = asset!("icon.svg", "image/svg+xml");

/// Where each file is found.
pub(crate) struct Paths {
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) htmx: String,
    pub(crate) sse: String,
    pub(crate) icon: String,
}

/// The paths of this build.
pub(crate) static PATHS: LazyLock<Paths> = LazyLock::new(|| Paths {
    css: path(&CSS),
    js: path(&JS),
    htmx: path(&HTMX),
    sse: path(&SSE),
    icon: path(&ICON),
});

fn path(asset: &Asset) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(asset.bytes));
    format!("/assets/{}/{}", &hash[..12], asset.name)
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/assets/{hash}/{name}", get(asset)).route("/favicon.ico", get(icon))
}

/// A file under the name of its content is the same for ever; under an old name it is gone.
async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    let wanted = format!("/assets/{hash}/{name}");
    let all = [&CSS, &JS, &HTMX, &SSE, &ICON];
    let paths = [&PATHS.css, &PATHS.js, &PATHS.htmx, &PATHS.sse, &PATHS.icon];
    match all.iter().zip(paths).find(|(_, path)| **path == wanted) {
        Some((asset, _)) => served(asset, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn icon() -> Response {
    served(&ICON, "public, max-age=86400")
}

fn served(asset: &Asset, cache: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, asset.bytes).into_response()
}
