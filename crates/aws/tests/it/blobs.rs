//! Blobs: parts, buckets, and writes whose answer is lost.

use crate::{StandIn, stand_in};
use aws::{Buckets, Clients, S3Blobs, resources};
use bytes::Bytes;
use ports::{Blobs, ErrorKind};
use testkit::Fault;

const MIB: usize = 1024 * 1024;

fn buckets() -> Buckets {
    let name = |of: &str| format!("webordinary-{of}");
    Buckets { site: name("site"), mail: name("mail"), data: name("data") }
}

async fn with_buckets() -> StandIn {
    let stand_in = stand_in().await;
    resources::ensure_buckets(&stand_in.clients, &buckets()).await.unwrap();
    stand_in
}

async fn keys(clients: &Clients, bucket: &str) -> Vec<String> {
    let listed = clients.s3.list_objects_v2().bucket(bucket).send().await.unwrap();
    listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect()
}

/// Bytes that are not the same in any two parts.
fn large(bytes: usize) -> Bytes {
    (0..bytes).map(|n| u8::try_from((n / MIB + n) % 251).unwrap()).collect()
}

#[tokio::test]
async fn each_key_is_in_its_bucket_and_can_be_copied_to_another() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.clients, buckets());
    let object = "releases/demo/objects/ünï +%";
    for key in [object, "mail/incoming/1", "sites/demo/a.html"] {
        blobs.put(key, "text/plain", Bytes::from_static(b"x")).await.unwrap();
    }
    blobs.copy(object, "sites/demo/index.html", "text/html").await.unwrap();
    let names = buckets();
    assert_eq!(keys(&stand_in.clients, &names.data).await, [object]);
    assert_eq!(keys(&stand_in.clients, &names.mail).await, ["mail/incoming/1"]);
    assert_eq!(keys(&stand_in.clients, &names.site).await, ["sites/demo/a.html", "sites/demo/index.html"]);
    assert_eq!(blobs.head("sites/demo/index.html").await.unwrap().unwrap().media_type, "text/html");
    let all = ["mail/incoming/1", object, "sites/demo/a.html", "sites/demo/index.html"];
    assert_eq!(blobs.list("", None, 10).await.unwrap(), all);
    assert_eq!(blobs.list("", Some(object), 1).await.unwrap(), all[2..3]);
}

#[tokio::test]
async fn more_keys_than_a_page_are_listed() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.clients, buckets());
    let mut keys: Vec<String> = (0..1_050).map(|n| format!("many/{n:04}")).collect();
    for key in &keys {
        blobs.put(key, "text/plain", Bytes::new()).await.unwrap();
    }
    assert_eq!(blobs.list("many/", None, 5_000).await.unwrap(), keys);
    assert_eq!(blobs.list("many/", Some("many/0003"), 1_020).await.unwrap(), keys[4..1_024]);
    keys.clear();
    assert_eq!(blobs.list("many/", Some("many/1049"), 10).await.unwrap(), keys);
}

#[tokio::test]
async fn an_object_above_16_mib_is_written_in_parts() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.faulty, buckets());
    let whole = large(16 * MIB);
    blobs.put("whole", "video/mp4", whole).await.unwrap();
    assert_eq!(stand_in.proxy.seen(), 1);
    let bytes = large(16 * MIB + 1);
    blobs.put("parts", "video/mp4", bytes.clone()).await.unwrap();
    // Begun, three parts, completed.
    assert_eq!(stand_in.proxy.seen(), 6);
    let (meta, got) = blobs.get("parts").await.unwrap();
    assert_eq!((meta.bytes, meta.media_type.as_str()), (bytes.len() as u64, "video/mp4"));
    assert!(got == bytes);
    let head = stand_in.clients.s3.head_object().bucket(&buckets().data).key("parts").send().await.unwrap();
    assert!(head.e_tag.unwrap().trim_matches('"').ends_with("-3"), "the tag of an object of three parts");
    // The same rules as at once.
    assert!(!blobs.put_new("parts", "video/mp4", bytes.clone()).await.unwrap());
    assert!(blobs.put_new("new", "video/mp4", bytes).await.unwrap());
    assert_eq!(uploads(&stand_in.clients).await, 0);
}

#[tokio::test]
async fn an_upload_that_fails_is_aborted() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.faulty, buckets());
    let upload = async { blobs.put("broken", "video/mp4", large(17 * MIB)).await };
    let breaking = async {
        while stand_in.proxy.seen() < 1 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        // All attempts of the first or second part.
        stand_in.proxy.fail_next(5, Fault::Unavailable);
    };
    let (stored, ()) = tokio::join!(upload, breaking);
    assert_eq!(stored.unwrap_err().kind(), ErrorKind::Transient);
    assert_eq!(uploads(&stand_in.clients).await, 0);
    assert_eq!(blobs.head("broken").await.unwrap(), None);
}

async fn uploads(clients: &Clients) -> usize {
    let listed = clients.s3.list_multipart_uploads().bucket(&buckets().data).send().await.unwrap();
    listed.uploads.unwrap_or_default().len()
}

#[tokio::test]
async fn a_new_object_whose_answer_was_lost_is_known_as_ours() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.faulty, buckets());
    stand_in.proxy.fail_next(1, Fault::LoseAnswer);
    assert!(blobs.put_new("ours", "text/plain", Bytes::from_static(b"1")).await.unwrap());
    assert_eq!(stand_in.proxy.seen(), 3, "stored, repeated and refused, looked at");
    stand_in.proxy.fail_next(1, Fault::Cut);
    assert!(!blobs.put_new("ours", "text/plain", Bytes::from_static(b"2")).await.unwrap());
    assert_eq!(&blobs.get("ours").await.unwrap().1[..], b"1");
}

#[tokio::test]
async fn what_cannot_be_a_header_or_a_key_is_malformed() {
    let stand_in = with_buckets().await;
    let blobs = S3Blobs::new(&stand_in.faulty, buckets());
    let refused = blobs.put("key", "text/ü", Bytes::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Malformed);
    let refused = blobs.put("a\u{1}b", "text/plain", Bytes::new()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Malformed);
    assert_eq!(blobs.copy("a", "a//b", "text/plain").await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(stand_in.proxy.seen(), 0, "none of it was sent");
}
