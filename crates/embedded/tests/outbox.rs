//! The outbox holds a mail of one key once, and hands it to the relay once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use embedded::{Data, Embedded, Relay};
use ports::clock::SystemClock;
use ports::mailer::Mail;
use ports::{ErrorKind, PortError, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

fn mail(key: &str) -> Mail<'_> {
    Mail { key, from: "edit@demo.localhost", to: "ann@example.org", raw: b"Subject: Hours\r\n\r\nDone.\r\n" }
}

async fn open(dir: &TempDir) -> Embedded {
    Embedded::open(dir.path(), Arc::new(SystemClock)).await.unwrap()
}

/// All files of the outbox, whether new, read, or half.
fn files(dir: &Path) -> Vec<PathBuf> {
    ["tmp", "new", "cur"]
        .iter()
        .flat_map(|part| fs::read_dir(dir.join("outbox").join(part)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[tokio::test]
async fn the_same_mail_is_written_once_also_when_many_send_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let sends = (0..8).map(|_| {
        let mailer = store.mailer();
        tokio::spawn(async move { mailer.send(mail("m1/result")).await.unwrap() })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_eq!(send.await.unwrap(), None);
    }
    store.mailer().send(mail("m2/result")).await.unwrap();
    let found = files(dir.path());
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|file| file.parent().unwrap().ends_with("new")));
    assert_eq!(fs::read(&found[0]).unwrap(), mail("").raw);
}

#[tokio::test]
async fn a_mail_that_was_read_or_deleted_does_not_come_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    store.mailer().send(mail("read")).await.unwrap();
    let new = files(dir.path()).remove(0);
    let name = new.file_name().unwrap().to_str().unwrap();
    let read = dir.path().join("outbox/cur").join(format!("{name}:2,S"));
    fs::rename(&new, &read).unwrap();
    store.mailer().send(mail("read")).await.unwrap();
    assert_eq!(files(dir.path()), std::slice::from_ref(&read));
    fs::remove_file(read).unwrap();
    drop(store);
    open(&dir).await.mailer().send(mail("read")).await.unwrap();
    assert!(files(dir.path()).is_empty());
}

#[tokio::test]
async fn a_mail_whose_row_was_lost_in_a_crash_is_recognised_by_its_file() {
    let dir = tempfile::tempdir().unwrap();
    open(&dir).await.mailer().send(mail("crashed")).await.unwrap();
    let new = files(dir.path()).remove(0);
    let read = format!("{}:2,RS", new.file_name().unwrap().to_str().unwrap());
    fs::rename(&new, dir.path().join("outbox/cur").join(read)).unwrap();
    for file in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(dir.path().join(file));
    }
    open(&dir).await.mailer().send(mail("crashed")).await.unwrap();
    assert_eq!(files(dir.path()).len(), 1);
}

/// Refuses the first mail it is given.
#[derive(Default)]
struct Moody(AtomicU32);

#[async_trait::async_trait]
impl Relay for Moody {
    async fn send(&self, _: &str, _: &str, _: &[u8]) -> Result<()> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => Err(PortError::new(ErrorKind::Transient, "the relay is busy")),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_mail_the_relay_refused_for_now_is_handed_over_when_it_is_sent_again() {
    let (dir, relay) = (tempfile::tempdir().unwrap(), Arc::new(Moody::default()));
    let data = Data::lock(dir.path()).unwrap();
    let store = Embedded::open_in(data, Arc::new(SystemClock), Some(relay.clone())).await.unwrap();
    let err = store.mailer().send(mail("m1")).await.unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Transient);
    for _ in 0..3 {
        store.mailer().send(mail("m1")).await.unwrap();
    }
    assert_eq!(relay.0.load(Ordering::SeqCst), 2);
    assert_eq!(files(dir.path()).len(), 1);
}
