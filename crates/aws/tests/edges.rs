//! The edges on the AWS stand-in: secrets, the caches before public sites, and runs of a function.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws::{Clients, CloudFront, LambdaInvoker, SecretsManager, Settings};
use aws_sdk_cloudfront::types::{
    DefaultCacheBehavior, DistributionConfig, Origin, Origins, S3OriginConfig, ViewerProtocolPolicy,
};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, Runtime};
use domain::names::BUILD_FUNCTION;
use ports::{Cdn, ErrorKind, Invoker, Secrets, contract};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use testkit::Ministack;

async fn stand_in() -> (Ministack, Clients) {
    let stack = Ministack::start().await;
    let clients = Clients::connect(&Settings { stand_in: Some(stack.endpoint().to_owned()) }).await;
    (stack, clients)
}

#[tokio::test]
async fn secrets_are_kept_in_secrets_manager_and_remembered() {
    let (_stack, clients) = stand_in().await;
    let name = "webordinary/demo/webhook";
    let made = clients.secrets.create_secret().name(name).secret_string("a secret").send().await.unwrap();
    let bytes = Blob::new(b"\x00\xff".as_slice());
    let binary = clients.secrets.create_secret().name("webordinary/binary").secret_binary(bytes);
    binary.send().await.unwrap();
    let secrets = SecretsManager::new(clients.secrets.clone());
    contract::secrets_contract(&secrets, name, b"a secret").await;
    contract::secrets_contract(&secrets, "webordinary/binary", b"\x00\xff").await;

    // For some minutes nobody asks again; another process sees the new one.
    let replace = clients.secrets.put_secret_value().secret_id(made.arn().unwrap()).secret_string("another");
    replace.send().await.unwrap();
    contract::secrets_contract(&secrets, name, b"a secret").await;
    contract::secrets_contract(&SecretsManager::new(clients.secrets.clone()), name, b"another").await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_asked_for_is_no_missing_one() {
    let nobody = Settings { stand_in: Some("http://127.0.0.1:1".to_owned()) };
    let secrets = SecretsManager::new(Clients::connect(&nobody).await.secrets);
    let err = secrets.get("webordinary/demo/webhook").await.err().unwrap();
    assert_eq!(err.kind(), ErrorKind::Transient, "{err}");
}

async fn distribution(clients: &Clients) -> String {
    let origin = Origin::builder()
        .id("sites")
        .domain_name("sites.s3.us-west-2.amazonaws.com")
        .s3_origin_config(S3OriginConfig::builder().origin_access_identity("").build());
    let behavior = DefaultCacheBehavior::builder()
        .target_origin_id("sites")
        .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps);
    let config = DistributionConfig::builder()
        .caller_reference("edges")
        .comment("public sites")
        .enabled(true)
        .origins(Origins::builder().quantity(1).items(origin.build().unwrap()).build().unwrap())
        .default_cache_behavior(behavior.build().unwrap());
    let made = clients.cloudfront.create_distribution().distribution_config(config.build().unwrap());
    made.send().await.unwrap().distribution.unwrap().id
}

/// Caller references and paths of a distribution's invalidations.
async fn invalidations(clients: &Clients, distribution: &str) -> Vec<(String, Vec<String>)> {
    let listed = clients.cloudfront.list_invalidations().distribution_id(distribution).send().await.unwrap();
    let mut found = Vec::new();
    for one in listed.invalidation_list.unwrap().items.unwrap_or_default() {
        let asked = clients.cloudfront.get_invalidation().distribution_id(distribution).id(one.id()).send();
        let batch = asked.await.unwrap().invalidation.unwrap().invalidation_batch.unwrap();
        found.push((batch.caller_reference().to_owned(), batch.paths().unwrap().items().to_vec()));
    }
    found
}

#[tokio::test]
async fn a_site_is_invalidated_by_one_path_and_a_repeat_is_the_same() {
    let (_stack, clients) = stand_in().await;
    let id = distribution(&clients).await;
    let cdn = CloudFront::new(clients.cloudfront.clone(), &id);
    contract::cdn_contract(&cdn).await;

    let demo = "demo".parse().unwrap();
    let reference = "00000000-0000-4000-8000-000000000001-0123456789abcdef";
    for _ in 0..2 {
        cdn.invalidate(&demo, reference).await.unwrap();
    }
    let found = invalidations(&clients, &id).await;
    let ours = (reference.to_owned(), vec!["/sites/demo/*".to_owned()]);
    // CloudFront makes one of the two; the stand-in may make two, but with the reference that tells.
    assert!(found.contains(&ours), "{found:?}");

    let other = CloudFront::new(clients.cloudfront.clone(), "ENOTHERE");
    assert_eq!(other.invalidate(&demo, "r").await.unwrap_err().kind(), ErrorKind::NotFound);
}

/// A function that writes each event it gets into a directory.
const BOOTSTRAP: &str = r#"#!/usr/bin/env python3
import os, urllib.request as web
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with web.urlopen(f"{api}/next") as event:
        run, body = event.headers["Lambda-Runtime-Aws-Request-Id"], event.read()
    with open(os.path.join(os.environ["SEEN"], run), "wb") as seen:
        seen.write(body)
    web.urlopen(web.Request(f"{api}/{run}/response", data=b"null", method="POST")).close()
"#;

async fn function(clients: &Clients, dir: &Path) {
    let bootstrap = dir.join("bootstrap");
    fs::write(&bootstrap, BOOTSTRAP).unwrap();
    fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
    let zip = ["-m", "zipfile", "-c", "function.zip", "bootstrap"];
    assert!(Command::new("python3").args(zip).current_dir(dir).status().unwrap().success());
    let code = FunctionCode::builder().zip_file(Blob::new(fs::read(dir.join("function.zip")).unwrap()));
    let seen = Environment::builder().variables("SEEN", dir.to_str().unwrap());
    let made = clients.lambda.create_function().function_name(BUILD_FUNCTION);
    let made = made.runtime(Runtime::Providedal2023).handler("bootstrap").code(code.build());
    let made = made.role("arn:aws:iam::000000000000:role/build").environment(seen.build());
    made.send().await.unwrap();
}

#[tokio::test]
async fn an_event_is_handled_by_a_run_of_its_own() {
    let (_stack, clients) = stand_in().await;
    let dir = tempfile::tempdir().unwrap();
    function(&clients, dir.path()).await;
    let invoker = LambdaInvoker::new(clients.lambda.clone(), BUILD_FUNCTION);
    let event = "{\"orders\":{\"project\":\"demo\",\"tries\":0,\"hops\":0}}";
    invoker.invoke(event).await.unwrap();
    // The stand-in writes the JSON anew.
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let is_event = |path: &Path| fs::read_to_string(path).is_ok_and(|text| json(&text) == json(event));
    let arrived = async {
        while !fs::read_dir(dir.path()).unwrap().any(|file| is_event(&file.unwrap().path())) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived).await.unwrap();

    let other = LambdaInvoker::new(clients.lambda.clone(), "NotHere");
    assert_eq!(other.invoke("{}").await.unwrap_err().kind(), ErrorKind::NotFound);
    let long = format!("\"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(invoker.invoke(&long).await.unwrap_err().kind(), ErrorKind::Malformed);
}
