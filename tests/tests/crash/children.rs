//! Kills of what the product started, and of the product while those work.

use crate::at_random::kill_agents;
use crate::checks::{Answers, LAST_BREATH, calm, commits, ends_well, killed, message_of, sound};
use fleet_tests::processes::{self, Running};
use fleet_tests::{Fleet, Letter, Options, Received, until};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::{Duration, Instant};

const FIRST: &str = "We close at 6 on Fridays";
const SECOND: &str = "We close at 5 on Fridays";
const THIRD: &str = "We close at 4 on Fridays";

/// How long a dev server may take to start, beside others that do.
const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test]
async fn a_killed_agent_and_a_killed_dev_server_are_replaced() {
    let fleet = Fleet::start(&Options::live()).await;
    let first = Letter::new(&change(FIRST, SECOND));
    let result = fleet.ask(&first).await;
    shows(&fleet, &result, SECOND).await;

    assert!(kill_dev_servers(&fleet.data()) > 0, "{:#?}", processes::of(&fleet.data()));
    shows(&fleet, &result, SECOND).await;

    // One that waits for work; then one in the middle of it.
    assert!(kill_agents(&fleet.data()) > 0, "no warm agent");
    let second = Letter::answering(&result, &format!("[slow 3] {}", change(SECOND, THIRD)));
    fleet.send(&second).await;
    let busy = async || (!processes::with(&fleet.data(), "claude-code-linux").is_empty()).then_some(());
    until("a busy agent", PATIENCE, busy).await;
    // Its answer takes three seconds: after one it is in the middle, and if not, the result must be right all the same.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(kill_agents(&fleet.data()) > 0, "no busy agent");
    let result = fleet.outbox.result_of(&second.id).await;
    shows(&fleet, &result, THIRD).await;

    calm(&fleet).await;
    let (answers, branch) = (Answers::of(&fleet), result.thread().branch());
    let made = commits(&fleet.workspace("demo"), &branch);
    for letter in [&first, &second] {
        assert_eq!(made.get(message_of(answers.once(letter))), Some(&1), "{made:?}");
    }
    sound(&fleet);
    ends_well(fleet).await;
}

#[tokio::test]
async fn nothing_outlives_a_killed_product() {
    let mut fleet = Fleet::start(&Options::live()).await;
    let letter = Letter::new(&format!("[slow 20] {}", change(FIRST, SECOND)));
    fleet.send(&letter).await;
    let both_run = async || {
        let runs = |word| !processes::with(&fleet.data(), word).is_empty();
        (runs("claude-code-linux") && !dev_servers(&fleet.data()).is_empty()).then_some(())
    };
    until("an agent and a dev server", PATIENCE, both_run).await;
    fleet.signal(Signal::KILL);
    let began = Instant::now();
    killed(&mut fleet, "in the middle of a turn").await;
    assert!(began.elapsed() < LAST_BREATH, "it took {:?}", began.elapsed());
}

fn change(from: &str, to: &str) -> String {
    format!("replace \"{from}\" with \"{to}\"")
}

/// Waits until the preview shows the text.
async fn shows(fleet: &Fleet, result: &Received, text: &str) {
    let url = result.preview();
    let there = async || fleet.preview_page(&url).await.text.contains(text).then_some(());
    until(&format!("{text:?} in the preview"), PATIENCE, there).await;
}

fn kill_dev_servers(data: &Path) -> usize {
    let pids = dev_servers(data).into_iter().filter_map(|server| Pid::from_raw(server.pid));
    pids.filter_map(|pid| kill_process(pid, Signal::KILL).ok()).count()
}

/// The dev servers themselves, not those who watch over them.
fn dev_servers(data: &Path) -> Vec<Running> {
    let all = processes::with(data, "/tools/preview/");
    all.into_iter().filter(|process| !process.command.starts_with("launcher")).collect()
}
