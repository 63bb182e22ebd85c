//! A fleet whose model is Amazon Bedrock: no key anywhere, the task's role signs.

use domain::Timestamp;
use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use ecs_endpoint::AccessKey;
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Letter};
use rehearsal::Rehearsal;
use serde_json::Value;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_mail_is_worked_on_by_bedrock_and_its_cost_is_in_the_book() {
    let stop = CancellationToken::new();
    let role = AccessKey::new("stand-in", "stand-in");
    let verify = Arc::new(move |parts: &http::request::Parts, body: &[u8]| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = Timestamp(i64::try_from(since.as_millis()).unwrap());
        role.verify("bedrock", parts, body, now).map_err(|fault| format!("{fault:?}"))
    });
    let bedrock = Rehearsal::start_as_bedrock(verify, stop.clone()).await.unwrap();
    let of_edit = |name: &str, value: &str| (EDIT_SERVICE, name.to_owned(), value.to_owned());
    let env = vec![
        of_edit("WEBORDINARY_MODEL_UPSTREAM", "bedrock"),
        of_edit("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &bedrock.base_url()),
        of_edit("WEBORDINARY_PREVIEWS", "off"),
        // Nothing of it is used.
        of_edit("ANTHROPIC_BASE_URL", "http://127.0.0.1:1"),
        (HERMES_SERVICE, "WEBORDINARY_REHEARSAL".to_owned(), "off".to_owned()),
    ];
    let cloud = Cloud::start(&CloudOptions { env }).await;
    cloud.open().await;
    let letter = Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"));
    let result = cloud.ask(&letter).await;
    for words in ["I replaced", "Cost: $0.", "This month so far: $0."] {
        assert!(result.text().contains(words), "{words} is missing: {}", result.text());
    }
    let accounts = cloud.operator(reqwest::Method::GET, "spending", None).await;
    let billed = |account: &Value| account["billed"].as_u64().unwrap();
    let accounts = accounts.as_array().unwrap();
    assert_eq!(accounts.len(), 4, "a project and a person, a day and a month: {accounts:?}");
    assert!(accounts.iter().all(|account| billed(account) == billed(&accounts[0])), "{accounts:?}");
    assert!(billed(&accounts[0]) > 10_000, "{accounts:?}");
    cloud.end().await;
    stop.cancel();
}
