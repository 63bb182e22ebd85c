//! Names of queues, tables, services and metrics, as the documented system has them.

use crate::id::{Pair, ProjectId};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Where inbound mail is announced.
pub const EMAIL_QUEUE: &str = "webordinary-email-queue";
/// Where inbound mail goes that could not be handled.
pub const EMAIL_DLQ: &str = "webordinary-email-dlq";
/// Where Hermes asks for a container for a pair.
pub const UNCLAIMED_QUEUE: &str = "webordinary-unclaimed";
/// Where the build service tells Hermes how a release ended.
pub const RELEASE_EVENTS_QUEUE: &str = "webordinary-release-events";
/// Websites and their people.
pub const PROJECTS_TABLE: &str = "webordinary-projects";
/// Which threads are being served, and by whom.
pub const SESSIONS_TABLE: &str = "webordinary-edit-sessions";
/// Ids that other channels know a thread by.
pub const MAPPINGS_TABLE: &str = "webordinary-thread-mappings";
/// Conversations.
pub const THREADS_TABLE: &str = "webordinary-threads";
/// Messages, their outcomes, and what was said back.
pub const MESSAGES_TABLE: &str = "webordinary-messages";
/// Edit containers that are there now, and their addresses.
pub const CONTAINERS_TABLE: &str = "webordinary-containers";
/// Claims, and what each pair waits for.
pub const OWNERSHIP_TABLE: &str = "webordinary-container-ownership";
/// Queue sets, and when each was last used.
pub const QUEUE_TRACKING_TABLE: &str = "webordinary-queue-tracking";
/// Tokens of sign-ins and approvals, hashed.
pub const TOKENS_TABLE: &str = "webordinary-approval-tokens";
/// The build service's book.
pub const RELEASES_TABLE: &str = "webordinary-releases";
/// What was spent, and what may be.
pub const SPENDING_TABLE: &str = "webordinary-spending";
/// The namespace of all metrics.
pub const METRICS_NAMESPACE: &str = "Webordinary/EditSessions";
/// The ECS cluster.
pub const CLUSTER: &str = "webordinary-edit-cluster";
/// The ECS service of Hermes.
pub const HERMES_SERVICE: &str = "webordinary-hermes-service";
/// The ECS service of the edit containers.
pub const EDIT_SERVICE: &str = "webordinary-edit-service";
/// The Lambda function that builds.
pub const BUILD_FUNCTION: &str = "HephaestusBuildFunction";

/// Longest queue name that SQS accepts, in characters.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>
pub const QUEUE_NAME_MAX: usize = 80;
/// Longest queue message that SQS accepts, in bytes.
pub const QUEUE_BODY_MAX: usize = 1024 * 1024;

/// What the keys of a project's public files begin with, in the bucket that the CDN reads.
pub fn site_prefix(project: &ProjectId) -> String {
    format!("sites/{project}/")
}

/// The three queues of one client+project+user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSet {
    /// Hermes → container.
    pub input: String,
    /// Container → Hermes.
    pub output: String,
    /// Where a message of the input queue goes after three receives.
    pub dlq: String,
}

impl QueueSet {
    /// The names for `pair`. Ids are slugs; `client-a` + `b` and `client` + `a-b` would read the same,
    /// so names that hold a hyphen inside an id, or would be too long, end in a hash of the exact triple.
    pub fn of(pair: &Pair) -> Self {
        Self { input: queue("input", pair), output: queue("output", pair), dlq: queue("dlq", pair) }
    }
}

/// Whether a pair's container and Hermes talk through this queue. Its dead letters are no such queue: they go with it.
pub fn is_of_a_pair(queue: &str) -> bool {
    queue.starts_with("webordinary-input-") || queue.starts_with("webordinary-output-")
}

fn queue(role: &str, pair: &Pair) -> String {
    let (c, p, u) = (pair.client_id.as_str(), pair.project_id.as_str(), pair.user_id.as_str());
    let plain = format!("webordinary-{role}-{c}-{p}-{u}");
    let ambiguous = [c, p, u].iter().any(|id| id.contains('-'));
    if plain.len() <= QUEUE_NAME_MAX && !ambiguous {
        return plain;
    }
    let hash = &HEXLOWER.encode(&Sha256::digest(pair.key().as_bytes()))[..12];
    let keep = plain.len().min(QUEUE_NAME_MAX - hash.len() - 1);
    format!("{}-{hash}", plain[..keep].trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(c: &str, p: &str, u: &str) -> Pair {
        Pair { client_id: c.parse().unwrap(), project_id: p.parse().unwrap(), user_id: u.parse().unwrap() }
    }

    #[test]
    fn a_plain_triple_reads_as_documented() {
        let set = QueueSet::of(&pair("amelia", "stamps", "ann"));
        assert_eq!(set.input, "webordinary-input-amelia-stamps-ann");
        assert_eq!(set.output, "webordinary-output-amelia-stamps-ann");
        assert_eq!(set.dlq, "webordinary-dlq-amelia-stamps-ann");
    }

    #[test]
    fn the_fleets_own_queues_are_no_pairs() {
        let set = QueueSet::of(&pair("amelia", "stamps", "ann"));
        assert!(is_of_a_pair(&set.input) && is_of_a_pair(&set.output));
        for other in [&set.dlq, EMAIL_QUEUE, EMAIL_DLQ, UNCLAIMED_QUEUE, RELEASE_EVENTS_QUEUE] {
            assert!(!is_of_a_pair(other), "{other}");
        }
    }

    #[test]
    fn triples_that_would_read_the_same_have_names_of_their_own() {
        assert_ne!(QueueSet::of(&pair("a-b", "c", "d")).input, QueueSet::of(&pair("a", "b-c", "d")).input);
    }

    #[test]
    fn long_ids_stay_within_the_limit_of_sqs() {
        let long = "x".repeat(40);
        let set = QueueSet::of(&pair(&long, &long, &long));
        for name in [&set.input, &set.output, &set.dlq] {
            assert!(name.len() <= QUEUE_NAME_MAX, "{name}");
        }
    }
}
