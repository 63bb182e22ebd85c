//! Scaling the fleet with the real AWS CLI, as an operator of ECS does.

use fleet_tests::fleet::GRACE;
use fleet_tests::letter::replace;
use fleet_tests::{Fleet, Letter, Options, processes, until};
use serde_json::Value;
use std::time::Duration;
use tokio::process::Command;

const CLUSTER: [&str; 2] = ["--cluster", "webordinary-edit-cluster"];
const HERMES: &str = "webordinary-hermes-service";
const EDIT: &str = "webordinary-edit-service";
const HOME: &str = "src/pages/index.astro";
const MINUTE: Duration = Duration::from_mins(1);

/// The variables that `webordinary ecs-credentials` prints.
async fn credentials(fleet: &Fleet) -> Vec<(String, String)> {
    let lines = fleet.command(&["ecs-credentials"]).await.unwrap();
    let variable = |line: &str| {
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.lines().map(variable).collect()
}

/// Runs `aws ecs`; what it printed, or its own error.
async fn aws(variables: &[(String, String)], words: &[&str]) -> Result<Value, String> {
    let mut command = Command::new("aws");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
    command.args(["ecs", "--output", "json"]);
    // The CLIs before 1.29 and 2.13 do not know the variable.
    if let Some((_, endpoint)) = variables.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL")
        && is_old().await
    {
        command.args(["--endpoint-url", endpoint]);
    }
    let output = command.args(words).output().await.unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
}

async fn is_old() -> bool {
    let output = Command::new("aws").arg("--version").output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.strip_prefix("aws-cli/").and_then(|rest| rest.split_whitespace().next()).unwrap();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap(), parts.next().unwrap_or(0));
    minor < if major == 1 { 29 } else { 13 }
}

/// The documented command.
async fn scale(variables: &[(String, String)], service: &str, desired: &str) -> Result<Value, String> {
    let words = [&["update-service"], &CLUSTER[..], &["--service", service, "--desired-count", desired]];
    aws(variables, &words.concat()).await
}

/// Runs a command on the cluster that must succeed.
async fn ask(variables: &[(String, String)], verb: &[&str], rest: &[&str]) -> Value {
    aws(variables, &[verb, &CLUSTER[..], rest].concat()).await.unwrap()
}

async fn stable(variables: &[(String, String)], service: &str) {
    ask(variables, &["wait", "services-stable"], &["--services", service]).await;
}

async fn tasks(variables: &[(String, String)], service: &str) -> Vec<String> {
    let listed = ask(variables, &["list-tasks"], &["--service-name", service]).await;
    listed["taskArns"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap().to_owned()).collect()
}

async fn described(variables: &[(String, String)], service: &str) -> Value {
    let all = ask(variables, &["describe-services"], &["--services", service]).await;
    all["services"][0].clone()
}

#[tokio::test]
async fn with_hermes_at_0_mail_waits_and_with_1_it_is_answered() {
    let mut fleet = Fleet::start(&Options::quick()).await;
    let keys = credentials(&fleet).await;
    let said = scale(&keys, HERMES, "0").await.unwrap();
    assert_eq!(said["service"]["desiredCount"], 0, "{said:#}");
    stable(&keys, HERMES).await;
    let letter = Letter::new(&replace("Country rye", "Village rye"));
    fleet.send(&letter).await;
    is_asleep(&fleet).await;

    fleet.interrupt();
    assert!(fleet.exit(GRACE).await.success(), "{}", fleet.log());
    fleet.restart(&Options::quick()).await;
    assert!(fleet.log().contains("asleep: its operator has scaled it to 0"), "{}", fleet.log());
    let keys = credentials(&fleet).await;
    assert_eq!(described(&keys, HERMES).await["desiredCount"], 0, "the operator's word outlives a restart");
    is_asleep(&fleet).await;
    assert!(fleet.outbox.mails().is_empty());

    scale(&keys, HERMES, "1").await.unwrap();
    let result = fleet.outbox.result_of(&letter.id).await;
    assert!(result.text().contains(HOME), "{}", result.text());
    assert_eq!(fleet.outbox.answers_to(&letter.id).len(), 2, "received, and done");
    // A second sleep in one life, and what comes of it.
    scale(&keys, HERMES, "0").await.unwrap();
    stable(&keys, HERMES).await;
    let next = Letter::answering(&result, &replace("Village rye", "Dark rye"));
    fleet.send(&next).await;
    scale(&keys, HERMES, "1").await.unwrap();
    let second = fleet.outbox.result_of(&next.id).await;
    assert_eq!(second.thread(), result.thread());
    fleet.finish().await;
}

/// Chat, API and previews say so; what the operator needs answers.
async fn is_asleep(fleet: &Fleet) {
    let words = "WebOrdinary is asleep: its operator has scaled Hermes to 0.";
    let pages = [fleet.ready.sign_in.clone(), format!("{}/session/abcdefgh2345/", fleet.ready.preview)];
    for page in pages {
        let answer = fleet.http.get(&page).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.text().await.unwrap().trim(), words);
    }
    let says = fleet.command(&["status"]).await.unwrap_err();
    assert!(says.contains(words), "{says}");
    let pool = fleet.command(&["pool", "status"]).await.unwrap();
    assert!(pool.contains("Hermes is scaled to 0"), "{pool}");
}

#[tokio::test]
async fn the_operators_count_is_kept_as_the_pools_floor() {
    let fleet = Fleet::start(&Options::quick().arg("--idle").arg("1")).await;
    let keys = credentials(&fleet).await;
    scale(&keys, EDIT, "2").await.unwrap();
    stable(&keys, EDIT).await;
    let seen = described(&keys, EDIT).await;
    assert_eq!((&seen["desiredCount"], &seen["runningCount"]), (&2.into(), &2.into()), "{seen:#}");
    assert_eq!(seen["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(seen["events"][0]["message"].as_str().unwrap().contains("steady state"), "{seen:#}");
    let there = tasks(&keys, EDIT).await;
    assert_eq!(there.len(), 2);
    let shown = ask(&keys, &["describe-tasks"], &["--tasks", &there[0], &there[1], "nothing"]).await;
    assert_eq!(shown["tasks"][1]["lastStatus"], "RUNNING", "{shown:#}");
    assert_eq!(shown["failures"][0]["reason"], "MISSING");

    // Work comes and goes, and the two stay.
    let result = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    assert!(result.text().contains(HOME), "{}", result.text());
    fleet.asleep().await;
    assert_eq!(described(&keys, EDIT).await["desiredCount"], 2);
    let ask_stop = ["--task", &tasks(&keys, EDIT).await[0].clone(), "--reason", "a test"];
    let stopping = ask(&keys, &["stop-task"], &ask_stop).await;
    assert_eq!(stopping["task"]["desiredStatus"], "STOPPED");
    ask(&keys, &["wait", "tasks-stopped"], &["--tasks", ask_stop[1]]).await;
    stable(&keys, EDIT).await;
    let now = tasks(&keys, EDIT).await;
    assert!(now.len() == 2 && !now.contains(&ask_stop[1].to_owned()), "{now:?}");

    assert!(fleet.command(&["pool", "status"]).await.unwrap().contains("2, also without work"));
    scale(&keys, EDIT, "0").await.unwrap();
    stable(&keys, EDIT).await;
    assert!(tasks(&keys, EDIT).await.is_empty());
    // 0 is no floor, and waiting work still wakes.
    let again = fleet.ask(&Letter::answering(&result, &replace("Village rye", "Dark rye"))).await;
    assert!(again.text().contains(HOME), "{}", again.text());
    fleet.finish().await;
}

#[tokio::test]
async fn a_count_lowered_or_a_task_stopped_in_the_middle_of_work_loses_nothing() {
    let fleet = Fleet::start(&Options::quick()).await;
    let keys = credentials(&fleet).await;
    let letter = Letter::new(&format!("[slow 6] {}", replace("Country rye", "Village rye")));
    fleet.send(&letter).await;
    at_work(&fleet).await;
    let before = tasks(&keys, EDIT).await;
    scale(&keys, EDIT, "0").await.unwrap();
    assert_eq!(tasks(&keys, EDIT).await, before, "a task with a claim is protected from scale-in");
    // The operator's own hand is stronger: the work is taken up by the next container.
    ask(&keys, &["stop-task"], &["--task", &before[0]]).await;
    ask(&keys, &["wait", "tasks-stopped"], &["--tasks", &before[0]]).await;
    let result = fleet.outbox.result_of(&letter.id).await;
    assert!(result.text().contains(HOME), "{}", result.text());
    fleet.settled().await;
    assert_eq!(fleet.outbox.results_of(&letter.id).len(), 1);
    fleet.finish().await;
}

async fn at_work(fleet: &Fleet) {
    let works = async || (!processes::with(&fleet.data(), "stream-json").is_empty()).then_some(());
    until("Claude Code at work", MINUTE, works).await;
    let claimed = async || (!fleet.status().await["claims"].as_array()?.is_empty()).then_some(());
    until("a claim", MINUTE, claimed).await;
}

#[tokio::test]
async fn a_paused_pool_lets_work_wait_until_it_goes_on() {
    let fleet = Fleet::start(&Options::quick()).await;
    let paused = fleet.command(&["pool", "pause"]).await.unwrap();
    assert!(paused.contains("paused"), "{paused}");
    let letter = Letter::new(&replace("Country rye", "Village rye"));
    fleet.send(&letter).await;
    fleet.outbox.receipt_of(&letter.id).await;
    let held = fleet.command(&["pool", "floor", "1"]).await.unwrap();
    assert!(held.contains("0 of 0 running") && held.contains("1 without a container"), "{held}");
    let going = fleet.command(&["pool", "resume"]).await.unwrap();
    assert!(!going.contains("paused"), "{going}");
    let result = fleet.outbox.result_of(&letter.id).await;
    assert!(result.text().contains(HOME), "{}", result.text());
    assert!(fleet.command(&["pool", "floor", "0"]).await.unwrap().contains("none"));
    fleet.finish().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_clis_own_words() {
    let fleet = Fleet::start(&Options::quick()).await;
    let keys = credentials(&fleet).await;
    let with = |name: &str, value: &str| {
        let mut keys = keys.clone();
        keys.iter_mut().filter(|(known, _)| known == name).for_each(|(_, now)| value.clone_into(now));
        keys
    };
    let (secret, id) = (with("AWS_SECRET_ACCESS_KEY", "wrong"), with("AWS_ACCESS_KEY_ID", "NOBODYS"));
    let elsewhere = ["update-service", "--cluster", "elsewhere", "--service", EDIT, "--desired-count", "1"];
    let none = [&["stop-task"], &CLUSTER[..], &["--task", "0a"]].concat();
    let run = [&["run-task"], &CLUSTER[..], &["--task-definition", "any"]].concat();
    for (answer, code) in [
        (scale(&secret, EDIT, "1").await, "InvalidSignatureException"),
        (scale(&id, EDIT, "1").await, "UnrecognizedClientException"),
        (scale(&keys, "no-service", "1").await, "ServiceNotFoundException"),
        (aws(&keys, &elsewhere).await, "ClusterNotFoundException"),
        (scale(&keys, HERMES, "2").await, "InvalidParameterException"),
        (scale(&keys, EDIT, "11").await, "InvalidParameterException"),
        (aws(&keys, &none).await, "InvalidParameterException"),
        (aws(&keys, &run).await, "AccessDeniedException"),
    ] {
        let says = answer.unwrap_err();
        assert!(says.contains(&format!("An error occurred ({code})")), "{code}: {says}");
    }
    let unsigned = fleet.http.post(&fleet.ready.ecs).body("{}").send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    assert_eq!(unsigned.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
    assert_eq!(described(&keys, EDIT).await["desiredCount"], 0, "nothing of that was done");
    let clusters = aws(&keys, &["describe-clusters", "--clusters", CLUSTER[1]]).await.unwrap();
    assert_eq!(clusters["clusters"][0]["activeServicesCount"], 2, "{clusters:#}");
    fleet.finish().await;
}
