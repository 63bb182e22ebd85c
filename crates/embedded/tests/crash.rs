//! `kill -9` at a random moment: what was confirmed is there, and nothing is half.
//!
//! The process that is killed is this very test program, started again to run only [`hammer`].
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded::Embedded;
use ports::ErrorKind;
use ports::clock::SystemClock;
use ports::mailer::Mail;
use ports::messages::{Channel, NewMessage, Recorded};
use ports::queues::MAX_RECEIVES;
use std::collections::HashSet;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const ROUNDS: usize = 5;
const DIR: &str = "CRASH_TEST_DIR";
const LEASE: Duration = Duration::from_millis(300);

/// One thing that the killed process was told is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Confirmed {
    what: String,
    name: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_survives_a_kill_and_nothing_is_half() {
    let dir = tempfile::tempdir().unwrap();
    let mut all = HashSet::new();
    for round in 0..ROUNDS {
        // How much is confirmed before the kill, at random.
        let lines = 20 + usize::from(Uuid::new_v4().as_bytes()[0]) * 2;
        all.extend(killed_after(dir.path(), lines));
        let store = reopened(dir.path()).await;
        let says = format!("round {round}, killed after {lines}");
        assert!(!all.is_empty(), "{says}");
        messages_are_whole(&store, &all, &says).await;
        blobs_are_whole(&store, dir.path(), &all, &says).await;
        mails_are_whole(dir.path(), &all, &says);
        for body in queues_are_whole(&store, &all, &says).await {
            all.insert(Confirmed { what: "settling".to_owned(), name: body.clone() });
            all.insert(Confirmed { what: "acked".to_owned(), name: body });
        }
    }
}

/// Starts the hammer, kills it after so many confirmations, and returns all that it was told.
fn killed_after(dir: &Path, lines: usize) -> Vec<Confirmed> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hammer", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (mut confirmed, mut line) = (Vec::new(), String::new());
    while output.read_line(&mut line).unwrap() > 0 {
        if let Some(told) = line.strip_prefix("confirmed ").and_then(|told| told.strip_suffix('\n')) {
            let (what, name) = told.split_once(' ').unwrap();
            confirmed.push(Confirmed { what: what.to_owned(), name: name.to_owned() });
            if confirmed.len() == lines {
                child.kill().unwrap();
            }
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(confirmed.len() >= lines, "the hammer stopped by itself after {}", confirmed.len());
    confirmed
}

async fn reopened(dir: &Path) -> Embedded {
    Embedded::open(dir, Arc::new(SystemClock)).await.unwrap()
}

fn names<'a>(all: &'a HashSet<Confirmed>, what: &str) -> impl Iterator<Item = &'a str> {
    all.iter().filter(move |told| told.what == what).map(|told| told.name.as_str())
}

async fn messages_are_whole(store: &Embedded, all: &HashSet<Confirmed>, says: &str) {
    let (messages, threads) = (store.messages(), store.threads());
    for id in names(all, "message") {
        let message = messages.get(&id.parse().unwrap()).await.unwrap();
        let alias = threads.by_alias(&message.pair.project_id, id).await.unwrap();
        assert_eq!(alias, Some(message.thread), "{says}");
    }
    let project = "demo".parse().unwrap();
    for thread in threads.list(&project, None, 1_000).await.unwrap() {
        for (message, seq) in messages.of_thread(&thread.id).await.unwrap().iter().zip(1..) {
            assert_eq!(message.seq.0, seq, "{says}");
        }
    }
}

async fn blobs_are_whole(store: &Embedded, dir: &Path, all: &HashSet<Confirmed>, says: &str) {
    let blobs = store.blobs();
    let stored: HashSet<String> = blobs.list("", None, 100_000).await.unwrap().into_iter().collect();
    for key in names(all, "blob") {
        assert!(stored.contains(key), "{says}: {key}");
    }
    for key in &stored {
        let (meta, bytes) = blobs.get(key).await.unwrap();
        assert_eq!(meta.media_type, format!("text/{}", key.len()), "{says}");
        assert!(bytes == content(key), "{says}: {key} is half");
    }
    let shelves = std::fs::read_dir(dir.join("blobs")).unwrap();
    let files: usize = shelves.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum();
    assert_eq!(files, stored.len(), "{says}: files without a name");
}

fn mails_are_whole(dir: &Path, all: &HashSet<Confirmed>, says: &str) {
    assert_eq!(std::fs::read_dir(dir.join("outbox/tmp")).unwrap().count(), 0, "{says}");
    let mut found = HashSet::new();
    for file in std::fs::read_dir(dir.join("outbox/new")).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let key = String::from_utf8_lossy(&raw).lines().next().unwrap().to_owned();
        assert!(raw == mail(&key), "{says}: a mail is half");
        assert!(found.insert(key), "{says}: a mail is there twice");
    }
    for key in names(all, "mail") {
        assert!(found.contains(key), "{says}: {key}");
    }
}

/// Returns what it found, and settled.
async fn queues_are_whole(store: &Embedded, all: &HashSet<Confirmed>, says: &str) -> HashSet<String> {
    let queues = store.queues();
    queues.ensure("bells", None, MAX_RECEIVES).await.unwrap();
    let mut left = HashSet::new();
    loop {
        let got = queues.receive("bells", 10, LEASE + LEASE / 2, LEASE * 60).await.unwrap();
        if got.is_empty() {
            break;
        }
        for delivery in got {
            assert!(left.insert(delivery.body), "{says}: a message is there twice");
            queues.ack(&delivery.receipt).await.unwrap();
        }
    }
    let acked: HashSet<&str> = names(all, "acked").collect();
    assert!(left.iter().all(|body| !acked.contains(body.as_str())), "{says}: a settled message came back");
    assert_eq!(queues.depth("bells").await.unwrap().ready, 0, "{says}");
    // One whose settling was under way when the kill came may be gone without a confirmation.
    let settling: HashSet<&str> = names(all, "settling").collect();
    for body in names(all, "sent") {
        assert!(left.contains(body) || settling.contains(body), "{says}: {body} is lost");
    }
    left
}

fn content(key: &str) -> Vec<u8> {
    key.bytes().cycle().take(60_000).collect()
}

fn mail(key: &str) -> Vec<u8> {
    let mut raw = format!("{key}\n").into_bytes();
    raw.extend(content(key));
    raw
}

fn tell(what: &str, name: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "confirmed {what} {name}").unwrap();
    out.flush().unwrap();
}

/// Not a test of its own: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started and killed by the test above"]
async fn hammer() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = reopened(Path::new(&dir)).await;
    store.queues().ensure("bells", None, MAX_RECEIVES).await.unwrap();
    let thread = domain::ThreadId::from_entropy(Uuid::new_v4().as_bytes()[..8].try_into().unwrap());
    tokio::join!(
        forever(|| record(&store, &thread)),
        forever(|| record(&store, &thread)),
        forever(|| ring(&store)),
        forever(|| ring(&store)),
        forever(|| settle(&store)),
        forever(|| put(&store)),
        forever(|| put(&store)),
        forever(|| send_mail(&store)),
    );
}

async fn forever<F: Future<Output = ()>>(step: impl Fn() -> F) {
    loop {
        step().await;
    }
}

async fn record(store: &Embedded, thread: &domain::ThreadId) {
    let id = Uuid::new_v4().to_string();
    let new = NewMessage {
        id: id.parse().unwrap(),
        dedupe: id.clone(),
        thread: thread.clone(),
        pair: "client/demo/ann".parse().unwrap(),
        title: "Hours".to_owned(),
        author: "ann".parse().unwrap(),
        channel: Channel::Chat,
        aliases: vec![id.clone()],
        kind: domain::message::Kind::Instruct,
        instruction: "We close at 4".to_owned(),
        material: String::new(),
        attachments: Vec::new(),
        received_at: domain::Timestamp(0),
    };
    assert!(matches!(store.messages().record(new).await.unwrap(), Recorded::Fresh(_)));
    tell("message", &id);
}

async fn ring(store: &Embedded) {
    let body = Uuid::new_v4().to_string();
    store.queues().send("bells", &body).await.unwrap();
    tell("sent", &body);
    tokio::time::sleep(Duration::from_millis(2)).await;
}

async fn settle(store: &Embedded) {
    for delivery in store.queues().receive("bells", 3, LEASE, LEASE).await.unwrap() {
        tell("settling", &delivery.body);
        match store.queues().ack(&delivery.receipt).await {
            Ok(()) => tell("acked", &delivery.body),
            Err(err) => assert_eq!(err.kind(), ErrorKind::LeaseLost),
        }
    }
}

async fn put(store: &Embedded) {
    // Few keys, so that objects are replaced too.
    let key = format!("crash/{}", Uuid::new_v4().as_bytes()[0] % 16);
    store.blobs().put(&key, &format!("text/{}", key.len()), content(&key).into()).await.unwrap();
    tell("blob", &key);
}

async fn send_mail(store: &Embedded) {
    let key = Uuid::new_v4().to_string();
    let raw = mail(&key);
    let mail = Mail { key: &key, from: "edit@demo.localhost", to: "ann@example.org", raw: &raw };
    store.mailer().send(mail).await.unwrap();
    tell("mail", &key);
}
