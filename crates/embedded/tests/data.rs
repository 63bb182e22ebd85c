//! One process has the data directory at a time, and finds what the last one left.

use embedded::{Data, Embedded};
use ports::ErrorKind;
use ports::clock::SystemClock;
use std::sync::Arc;

#[tokio::test]
async fn a_second_one_is_refused_in_words_until_the_first_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
    let err = Data::lock(dir.path()).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Conflict);
    assert!(err.to_string().contains("another WebOrdinary is running"), "{err}");
    let queues = store.queues();
    drop(store);
    assert!(Data::lock(dir.path()).is_err(), "a port is still in use");
    queues.ensure("kept", None, 3).await.unwrap();
    queues.send("kept", "body").await.unwrap();
    drop(queues);
    let again = Embedded::open(dir.path(), Arc::new(SystemClock)).await.unwrap();
    assert_eq!(again.queues().depth("kept").await.unwrap().ready, 1);
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let err = Data::lock(&file).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Transient);
    assert!(err.to_string().contains(file.to_str().unwrap()), "{err}");
}

#[cfg(unix)]
#[test]
fn the_directory_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data = Data::lock(&dir.path().join("data")).unwrap();
    let mode = std::fs::metadata(data.dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
