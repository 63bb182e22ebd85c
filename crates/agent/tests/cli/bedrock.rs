//! The real Claude Code against Bedrock's face of the rehearsal: the gateway signs what the agent sends.

use crate::stage::Stage;
use agent::{Ending, FailureKind, TurnLimits};
use aws::{Clients, RoleSigner, Settings};
use domain::{Money, Timestamp};
use ecs_endpoint::AccessKey;
use gateway::{Role, Upstream};
use rehearsal::{Rehearsal, Verify};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;

/// The role's credentials, as the clients of a stand-in have them.
const ROLE: &str = "stand-in";

/// Believes who signs with this secret.
fn believing(secret: &str) -> Verify {
    let key = AccessKey::new(ROLE, secret);
    Arc::new(move |parts, body| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = Timestamp(i64::try_from(now.as_millis()).unwrap());
        key.verify("bedrock", parts, body, now).map_err(|fault| format!("{fault:?}"))
    })
}

async fn stage(secret: &str) -> Stage {
    let stop = CancellationToken::new();
    let bedrock = Rehearsal::start_as_bedrock(believing(secret), stop.clone()).await.unwrap();
    let clients = Clients::connect(&Settings { stand_in: Some("http://127.0.0.1:1".to_owned()) }).await;
    let role =
        Role { signer: Arc::new(RoleSigner::new(&clients, "us-west-2")), region: "us-west-2".to_owned() };
    let upstream = Upstream::bedrock(role, Some(bedrock.base_url()));
    Stage::before(upstream, (tempfile::tempdir().unwrap(), stop), TurnLimits::default(), 2).await
}

#[tokio::test]
async fn a_whole_turn_goes_through_bedrock_and_the_agent_has_no_key_of_aws() {
    let stage = stage(ROLE).await;
    let report = stage.run(stage.turn(1, r#"replace "Hello" with "One""#)).await;
    assert_eq!(report.ending, Ending::Completed, "{report:?}");
    assert!(stage.page(1, "index.astro").contains("One"));
    let usage = report.usage;
    assert!(usage.calls >= 4 && usage.input_tokens > 0 && usage.output_tokens > 4, "{usage:?}");
    assert!(usage.cost > Money(10_000), "{usage:?}");

    let environ = fs::read(Path::new("/proc").join(&stage.pids(1)[0]).join("environ")).unwrap();
    let environ = String::from_utf8(environ).unwrap();
    let named = environ.split_terminator('\0').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    let mut of_aws: Vec<&str> =
        named.filter(|name| name.contains("AWS") || name.contains("BEDROCK")).collect();
    of_aws.sort_unstable();
    let want = [
        "ANTHROPIC_BEDROCK_BASE_URL",
        "AWS_REGION",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "CLAUDE_CODE_USE_BEDROCK",
    ];
    assert_eq!(of_aws, want);
    assert!(!environ.contains(ROLE), "the role's credentials stay with the gateway");
    stage.end().await;
}

#[tokio::test]
async fn a_short_question_goes_through_bedrock_too() {
    let stage = stage(ROLE).await;
    let text = "The work that is going on:\nx\n\nThe second message:\nreplace \"a\" with \"b\"";
    let system = "One word: amend, queue.";
    let answered = stage.gateway.ask(system, text, Duration::from_secs(5)).await.unwrap();
    assert_eq!(answered.text, "queue");
    assert!(answered.usage.calls == 1 && answered.usage.cost > Money(0), "{answered:?}");
    stage.end().await;
}

#[tokio::test]
async fn a_signature_with_another_secret_is_not_believed() {
    let stage = stage("another secret").await;
    let report = stage.run(stage.turn(1, r#"replace "Hello" with "One""#)).await;
    assert!(matches!(report.ending, Ending::Failed { kind: FailureKind::Credential, .. }), "{report:?}");
    assert!(stage.page(1, "index.astro").contains("Hello"));
    assert_eq!(report.usage.cost, Money(0));
    stage.end().await;
}
