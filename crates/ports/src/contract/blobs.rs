//! What the blob store promises.

use super::Harness;
use super::sample::{refused, together, unique};
use crate::blobs::BlobMeta;
use crate::error::ErrorKind;
use bytes::Bytes;

/// Objects are whole, typed, and listed in byte order.
pub async fn blobs_contract(harness: &dyn Harness) {
    what_is_put_is_got(harness).await;
    putting_again_replaces(harness).await;
    of_many_new_puts_one_wins(harness).await;
    a_copy_lives_on_its_own(harness).await;
    what_was_removed_is_gone(harness).await;
    a_key_and_a_prefix_of_it_are_two_objects(harness).await;
    keys_are_listed_in_byte_order_by_pages(harness).await;
    readers_see_one_version_or_the_other(harness).await;
    keys_have_rules(harness).await;
}

fn root() -> String {
    format!("contract/{}", unique())
}

async fn what_is_put_is_got(harness: &dyn Harness) {
    let (blobs, root) = (harness.blobs(), root());
    for (name, bytes) in [("empty", Bytes::new()), ("größe +%.bin", Bytes::from(vec![0xff; 300_000]))] {
        let key = format!("{root}/{name}");
        assert_eq!(blobs.head(&key).await.unwrap(), None);
        blobs.put(&key, "image/webp", bytes.clone()).await.unwrap();
        let meta =
            BlobMeta { key: key.clone(), bytes: bytes.len() as u64, media_type: "image/webp".to_owned() };
        assert_eq!(blobs.head(&key).await.unwrap(), Some(meta.clone()));
        assert!(blobs.get(&key).await.unwrap() == (meta, bytes));
    }
}

async fn putting_again_replaces(harness: &dyn Harness) {
    let (blobs, key) = (harness.blobs(), root());
    blobs.put(&key, "text/plain", Bytes::from_static(b"long before")).await.unwrap();
    blobs.put(&key, "text/html", Bytes::from_static(b"now")).await.unwrap();
    let (meta, bytes) = blobs.get(&key).await.unwrap();
    assert_eq!((meta.media_type.as_str(), meta.bytes, &bytes[..]), ("text/html", 3, &b"now"[..]));
}

async fn of_many_new_puts_one_wins(harness: &dyn Harness) {
    let (blobs, key) = (harness.blobs(), root());
    let puts = (0..12).map(|n: u8| {
        let (blobs, key) = (blobs.clone(), key.clone());
        async move { blobs.put_new(&key, "text/plain", Bytes::from(vec![n; 9])).await.unwrap().then_some(n) }
    });
    let won: Vec<u8> = together(puts).await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(blobs.get(&key).await.unwrap().1, vec![won[0]; 9]);
    assert!(!blobs.put_new(&key, "text/plain", Bytes::new()).await.unwrap());
}

async fn a_copy_lives_on_its_own(harness: &dyn Harness) {
    let (blobs, root) = (harness.blobs(), root());
    let (from, to) = (format!("{root}/from"), format!("{root}/to"));
    refused(blobs.copy(&from, &to, "text/css").await, ErrorKind::NotFound);
    blobs.put(&from, "text/plain", Bytes::from_static(b"body{}")).await.unwrap();
    blobs.put(&to, "text/plain", Bytes::from_static(b"old")).await.unwrap();
    blobs.copy(&from, &to, "text/css").await.unwrap();
    blobs.remove(&from).await.unwrap();
    let (meta, bytes) = blobs.get(&to).await.unwrap();
    assert_eq!(meta, BlobMeta { key: to, bytes: 6, media_type: "text/css".to_owned() });
    assert_eq!(&bytes[..], b"body{}");
}

async fn what_was_removed_is_gone(harness: &dyn Harness) {
    let (blobs, key) = (harness.blobs(), root());
    blobs.put(&key, "text/plain", Bytes::from_static(b"x")).await.unwrap();
    blobs.remove(&key).await.unwrap();
    blobs.remove(&key).await.unwrap();
    refused(blobs.get(&key).await, ErrorKind::NotFound);
    assert_eq!(blobs.head(&key).await.unwrap(), None);
    assert!(blobs.put_new(&key, "text/plain", Bytes::new()).await.unwrap());
}

async fn a_key_and_a_prefix_of_it_are_two_objects(harness: &dyn Harness) {
    let (blobs, key) = (harness.blobs(), root());
    let below = format!("{key}/index.html");
    blobs.put(&key, "text/plain", Bytes::from_static(b"above")).await.unwrap();
    blobs.put(&below, "text/html", Bytes::from_static(b"below")).await.unwrap();
    assert_eq!(&blobs.get(&key).await.unwrap().1[..], b"above");
    assert_eq!(&blobs.get(&below).await.unwrap().1[..], b"below");
}

async fn keys_are_listed_in_byte_order_by_pages(harness: &dyn Harness) {
    let (blobs, root) = (harness.blobs(), root());
    let mut keys = ["b", "B", "a/b", "a.b", "a/é", "a0", "a/z/z"].map(|name| format!("{root}/{name}"));
    for key in &keys {
        blobs.put(key, "text/plain", Bytes::new()).await.unwrap();
    }
    // Shares the beginning of its name, and is not below it.
    blobs.put(&format!("{root}x"), "text/plain", Bytes::new()).await.unwrap();
    keys.sort_by(|one, two| one.as_bytes().cmp(two.as_bytes()));
    let prefix = format!("{root}/");
    assert_eq!(blobs.list(&prefix, None, 100).await.unwrap(), keys);
    let mut paged: Vec<String> = Vec::new();
    loop {
        let page = blobs.list(&prefix, paged.last().map(String::as_str), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, keys);
    let part = format!("{root}/a/");
    let want: Vec<&String> = keys.iter().filter(|key| key.starts_with(&part)).collect();
    assert_eq!(blobs.list(&part, None, 100).await.unwrap().iter().collect::<Vec<_>>(), want);
}

async fn readers_see_one_version_or_the_other(harness: &dyn Harness) {
    let (blobs, key) = (harness.blobs(), root());
    blobs.put(&key, "text/0", Bytes::from(vec![b'0'; 50_000])).await.unwrap();
    let writer = {
        let (blobs, key) = (blobs.clone(), key.clone());
        async move {
            for n in b'1'..=b'9' {
                let media_type = format!("text/{}", char::from(n));
                blobs.put(&key, &media_type, Bytes::from(vec![n; 50_000])).await.unwrap();
            }
        }
    };
    let reader = async {
        for _ in 0..40 {
            let (meta, bytes) = blobs.get(&key).await.unwrap();
            let version = bytes[0];
            assert!(bytes.len() == 50_000 && bytes.iter().all(|b| *b == version));
            assert_eq!(meta.media_type, format!("text/{}", char::from(version)));
        }
    };
    tokio::join!(writer, reader);
}

async fn keys_have_rules(harness: &dyn Harness) {
    let blobs = harness.blobs();
    let long = "k".repeat(901);
    for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "../../etc/passwd", &long] {
        refused(blobs.put(bad, "text/plain", Bytes::new()).await, ErrorKind::Malformed);
        refused(blobs.put_new(bad, "text/plain", Bytes::new()).await, ErrorKind::Malformed);
        refused(blobs.get(bad).await, ErrorKind::Malformed);
    }
    let longest = format!("{}/{}", root(), "k".repeat(900)).chars().take(900).collect::<String>();
    blobs.put(&longest, "text/plain", Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(blobs.get(&longest).await.unwrap().0.key, longest);
    blobs.put(&format!("{}/a..b/.c/...", root()), "text/plain", Bytes::new()).await.unwrap();
}
