//! What is refused in plain words, and what is met with silence: nothing of it is an edit, none of it a crash.

use fleet_tests::fleet::command;
use fleet_tests::letter::{DEMO, OWNER, replace};
use fleet_tests::{Fleet, Letter, Options, Place};
use smtp::SendError;

const EDIT: &str = "replace \"We close at 6 on Fridays\" with \"We are closed for ever\"";

fn words(refused: Result<String, SendError>) -> String {
    match refused {
        Err(SendError::Permanent(says)) => says,
        other => panic!("not refused for good: {other:?}"),
    }
}

/// A mail with these headers after From and To.
fn mail(headers: &str, body: &str) -> Vec<u8> {
    let id = Letter::new("").id;
    format!("From: {OWNER}\r\nTo: {DEMO}\r\nSubject: x\r\nMessage-ID: <{id}>\r\n{headers}\r\n{body}")
        .into_bytes()
}

#[tokio::test]
async fn what_cannot_be_worked_on_is_refused_in_words() {
    let fleet = Fleet::start(&Options::quick()).await;
    let stranger = Letter::new(EDIT).from("stranger@elsewhere.example");
    let says = words(fleet.post(&stranger.from, DEMO, &stranger.raw()).await);
    assert!(
        says.starts_with("550") && says.contains("only from the people who look after the site"),
        "{says}"
    );
    let nowhere = Letter::new(EDIT).to("edit@nowhere.localhost");
    let says = words(fleet.post(OWNER, &nowhere.to, &nowhere.raw()).await);
    assert!(says.starts_with("550") && says.contains("There is no site at this address"), "{says}");
    let empty = Letter::new(" \r\n\r\n");
    let says = words(fleet.post(OWNER, DEMO, &empty.raw()).await);
    assert!(says.starts_with("550") && says.contains("no words and no attachment"), "{says}");
    let large = Letter::new(EDIT).attach("film.mov", "video/quicktime", &vec![7; 30 << 20]);
    let says = words(fleet.post(OWNER, DEMO, &large.raw()).await);
    assert!(says.starts_with("552") && says.contains("MB"), "{says}");
    let says = words(fleet.post(OWNER, DEMO, b"To: edit@demo.localhost\r\n\r\nno sender\r\n").await);
    assert!(says.starts_with("554") && says.contains("cannot be read"), "{says}");
    nothing_happened(fleet).await;
}

#[tokio::test]
async fn machines_are_met_with_silence() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let irt = format!("In-Reply-To: <{}>\r\n", first.id());
    for headers in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-WebOrdinary: hermes\r\n"] {
        let raw = mail(&format!("{headers}{irt}"), EDIT);
        assert!(fleet.post(OWNER, DEMO, &raw).await.is_ok(), "{headers}");
    }
    let bounce =
        mail("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", "--b--\r\n");
    assert!(fleet.post("", &first.reply_address(), &bounce).await.is_ok());
    // Our own answer comes back, by a rule that forwards everything.
    let own = std::fs::read_dir(fleet.data().join("outbox/new")).unwrap().flatten();
    for answer in own.map(|entry| std::fs::read(entry.path()).unwrap()) {
        assert!(fleet.post(DEMO, DEMO, &answer).await.is_ok());
        assert!(fleet.post(OWNER, DEMO, &answer).await.is_ok());
    }
    fleet.settled().await;
    let marker = fleet.ask(&Letter::answering(&first, &replace("Village rye", "Country rye"))).await;
    assert_eq!(fleet.outbox.mails().len(), 4, "only what a person wrote is answered");
    assert_eq!(marker.thread(), first.thread());
    let branches = fleet.workspace("demo").branches();
    assert_eq!(branches.iter().filter(|name| name.starts_with("thread-")).count(), 1, "{branches:?}");
    fleet.finish().await;
}

#[tokio::test]
async fn broken_mails_are_refused_or_answered_but_never_guessed_at() {
    let fleet = Fleet::start(&Options::quick()).await;
    let bodies: [(&str, &[u8]); 6] = [
        ("Content-Type: multipart/mixed\r\n", b"--x\r\n\r\nlost\r\n"),
        ("Content-Type: multipart/mixed; boundary=\"\r\n", b"--x\r\nContent-Type: text/plain\r\n\r\nhalf"),
        ("Content-Type: text/plain; charset=nowhere\r\nContent-Transfer-Encoding: base64\r\n", b"%%%==%%"),
        ("Content-Type: image/\r\nContent-Transfer-Encoding: x-unknown\r\n", b"\x00\xff\xfe\x00"),
        (
            "Content-Type: multipart/mixed; boundary=a\r\n",
            b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
        ),
        ("=?utf-8?B?broken?= no colon\r\n\tfolded\r\nContent-Type: text/html\r\n", b"<div><p><!-- <style>"),
    ];
    for (headers, body) in bodies {
        let raw = [mail(headers, "").as_slice(), body].concat();
        match fleet.post(OWNER, DEMO, &raw).await {
            Ok(_) => {}
            Err(SendError::Permanent(says)) => assert!(says.starts_with("55"), "{says}"),
            Err(SendError::Transient(says)) => panic!("{headers}: would be sent again and again: {says}"),
        }
    }
    fleet.settled().await;
    let result = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    assert!(result.text().contains("src/pages/index.astro"), "{}", result.text());
    let workspace = fleet.workspace("demo");
    let edits: Vec<String> = workspace
        .branches()
        .into_iter()
        .filter(|name| {
            name.starts_with("thread-") && !workspace.changed(&format!("origin/main..{name}")).is_empty()
        })
        .collect();
    assert_eq!(edits, [result.thread().branch()]);
    fleet.finish().await;
}

/// Nothing was sent and nothing edited, and it still works.
async fn nothing_happened(fleet: Fleet) {
    fleet.settled().await;
    assert!(fleet.outbox.mails().is_empty(), "refusals are told by SMTP alone");
    let result = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let branches = fleet.workspace("demo").branches();
    let threads: Vec<&String> = branches.iter().filter(|name| name.starts_with("thread-")).collect();
    assert_eq!(threads, [&result.thread().branch()]);
    fleet.finish().await;
}

#[tokio::test]
async fn the_mail_door_and_the_operators_endpoint_do_not_open_beyond_this_machine() {
    let doors = [("--smtp", "until senders can be verified"), ("--ecs", "speaks plain HTTP")];
    for (option, why) in doors {
        let place = Place::new();
        let mut up = command();
        up.arg("up").arg("--data").arg(place.data()).args([option, "0.0.0.0:0"]);
        let output = up.output().await.unwrap();
        let says = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{says}");
        for words in ["0.0.0.0:0", why, "127.0.0.1"] {
            assert!(says.contains(words), "{words} is missing: {says}");
        }
        assert!(!place.data().join("ready.json").exists());
    }
}
