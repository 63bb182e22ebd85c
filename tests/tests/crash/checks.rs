//! What must hold after any crash, once everything is answered.

use fleet_tests::git::Git;
use fleet_tests::processes::{self, Running};
use fleet_tests::{Fleet, Letter, Received, until};
use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long anything of a killed product may live on.
pub(crate) const LAST_BREATH: Duration = Duration::from_secs(3);
/// How long a product may take to come to its end by SIGKILL, wherever it was told to.
const LIFE: Duration = Duration::from_mins(1);
/// How long all that waits may take.
const PATIENCE: Duration = Duration::from_mins(2);
const SIGKILL: i32 = 9;

/// Waits for its end, which must be SIGKILL, and until nothing of it runs any more.
pub(crate) async fn killed(fleet: &mut Fleet, how: &str) {
    let status = fleet.exit(LIFE).await;
    assert_eq!(status.signal(), Some(SIGKILL), "{how}: it ended with {status}\n{}", fleet.log());
    let began = Instant::now();
    loop {
        let left: Vec<Running> = processes::of(&fleet.data());
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < LAST_BREATH, "{how}: still running: {left:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until no message waits. Deliveries of the killed process may still be hidden in the queues.
pub(crate) async fn calm(fleet: &Fleet) {
    let nothing_waits =
        async || fleet.status().await["waitingPairs"].as_array().is_some_and(Vec::is_empty).then_some(());
    until("all messages", PATIENCE, nothing_waits).await;
}

/// Ctrl-C: it ends well, and with it everything it started.
pub(crate) async fn ends_well(mut fleet: Fleet) {
    fleet.interrupt();
    let status = fleet.exit(fleet_tests::fleet::GRACE).await;
    assert!(status.success(), "it ended with {status}\n{}", fleet.log());
    fleet.no_orphans().await;
}

/// The product's answers, by the mail that they answer.
pub(crate) struct Answers(HashMap<String, Vec<Received>>);

impl Answers {
    /// All that were sent up to now.
    pub(crate) fn of(fleet: &Fleet) -> Self {
        let mut by_mail: HashMap<String, Vec<Received>> = HashMap::new();
        for answer in fleet.outbox.mails() {
            for id in &answer.mail.in_reply_to {
                by_mail.entry(id.clone()).or_default().push(answer.clone());
            }
        }
        Self(by_mail)
    }

    /// Whether a result was sent.
    pub(crate) fn has_result(&self, letter: &Letter) -> bool {
        self.0.get(&letter.id).is_some_and(|answers| answers.iter().any(Received::is_result))
    }

    /// The letter's one result. It was told at most once that the letter has arrived.
    pub(crate) fn once(&self, letter: &Letter) -> &Received {
        let answers = self.0.get(&letter.id).map_or(&[][..], Vec::as_slice);
        let (results, receipts): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_result());
        let texts: Vec<&str> = answers.iter().map(Received::text).collect();
        assert_eq!(results.len(), 1, "results of {:?}: {texts:#?}", letter.text);
        assert!(receipts.len() <= 1, "{:?} was received {} times", letter.text, receipts.len());
        results[0]
    }
}

/// The id by which the product knows the message that this answers.
pub(crate) fn message_of(answer: &Received) -> &str {
    answer.id().split('.').next().unwrap_or_default()
}

/// How many commits were made for each message on what `revision` holds.
pub(crate) fn commits(repository: &Git, revision: &str) -> HashMap<String, usize> {
    let format = "--format=%(trailers:key=Webordinary-Message,valueonly)";
    let mut made = HashMap::new();
    for message in repository.run(&["log", format, revision]).lines().filter(|line| !line.is_empty()) {
        *made.entry(message.trim().to_owned()).or_default() += 1;
    }
    made
}

/// Both repositories are whole, and each worktree holds what its branch does.
pub(crate) fn sound(fleet: &Fleet) {
    for repository in [fleet.origin("demo"), fleet.workspace("demo")] {
        let says = repository.try_run(&["fsck", "--strict", "--no-dangling", "--no-progress"]);
        assert!(says.is_ok(), "{}: {says:?}", repository.path().display());
    }
    for tree in worktrees(&fleet.data().join("local/local/demo")) {
        // Not by `git status`: a kill may leave an old index, which the next turn brings up to date.
        for asked in
            [&["diff", "--name-only", "HEAD"][..], &["ls-files", "--others", "--exclude-standard"][..]]
        {
            assert_eq!(tree.run(asked), "", "{asked:?} in {}", tree.path().display());
        }
    }
}

fn worktrees(users: &Path) -> Vec<Git> {
    let inside =
        |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    inside(users).flat_map(|user| inside(&user.join("worktrees"))).map(Git::at).collect()
}
