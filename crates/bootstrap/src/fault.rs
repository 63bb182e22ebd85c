//! Named points between effects, at which tests end the process to prove that nothing is lost or done twice.

use rustix::process::{Signal, getpid, kill_process};
use std::sync::OnceLock;

/// The variable that names the point at which the process ends, as `name` or `name:count` (at the count-th passing).
pub const VARIABLE: &str = "WEBORDINARY_CRASH_AT";

/// Every point, in the order in which an instruction passes them.
pub const POINTS: [&str; 25] = [
    "mail.stored",
    "mail.rung",
    "message.recorded",
    "work.sent",
    "pool.intended",
    "received.recorded",
    "received.sent",
    "claim.taken",
    "work.acked",
    "claim.renewed",
    "turn.begun",
    "snapshot.kept",
    "turn.ended",
    "outcome.prepared",
    "branch.moved",
    "spending.entered",
    "outcome.stored",
    "outcome.rung",
    "result.recorded",
    "result.sent",
    "publish.pushed",
    "release.checkout",
    "release.built",
    "release.uploaded",
    "release.recorded",
];

static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

struct Plan {
    point: String,
    left: std::sync::atomic::AtomicU32,
}

/// Ends the process as `kill -9` would, if the plan names this point. A build without debug assertions does nothing.
pub fn point(name: &'static str) {
    if !cfg!(debug_assertions) {
        return;
    }
    debug_assert!(POINTS.contains(&name), "{name} is not in the list of fault points");
    let Some(plan) = PLAN.get_or_init(read_plan) else { return };
    if plan.point == name && plan.left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1 {
        die();
    }
}

fn read_plan() -> Option<Plan> {
    let text = std::env::var(VARIABLE).ok().filter(|t| !t.is_empty())?;
    let (point, count) = text.split_once(':').unwrap_or((&text, "1"));
    Some(Plan { point: point.to_owned(), left: count.parse::<u32>().unwrap_or(1).into() })
}

fn die() -> ! {
    // No destructor runs and no buffer is flushed. At once: while a kill program started, other threads would go on.
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort();
}
