//! The suites of the edges, on files of this machine and on the caches that it does not have.

use embedded::{FileSecrets, NoCache};
use ports::{ErrorKind, Secrets, contract};
use std::fs;

#[tokio::test]
async fn secrets_are_files() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("secrets/repositories")).unwrap();
    fs::write(dir.path().join("secrets/repositories/demo"), "a token\r\n").unwrap();
    fs::write(dir.path().join("outside"), "not theirs").unwrap();
    let secrets = FileSecrets::new(dir.path().join("secrets"));
    contract::secrets_contract(&secrets, "repositories/demo", b"a token").await;
    let refused = secrets.get("../outside").await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Malformed);
    // A directory is no secret, and a replaced file counts at once.
    assert_eq!(secrets.get("repositories").await.err().unwrap().kind(), ErrorKind::NotFound);
    fs::write(dir.path().join("secrets/repositories/demo"), "another").unwrap();
    contract::secrets_contract(&secrets, "repositories/demo", b"another").await;
}

#[tokio::test]
async fn there_is_no_cache_to_forget() {
    contract::cdn_contract(&NoCache).await;
}
