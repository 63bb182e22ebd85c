//! Instructions by mail: answered in their thread, carried out once, kept on a branch of their own.

use fleet_tests::letter::{DEMO, OWNER, replace};
use fleet_tests::{Fleet, Letter, Options, Received};
use std::process::Command;

const AT_6: &str = "We close at 6 on Fridays";
const AT_4: &str = "We close at 4 on Fridays";

#[tokio::test]
async fn an_instruction_becomes_one_commit_and_two_mails() {
    let fleet = Fleet::start(&Options::quick()).await;
    let letter = Letter::new(&replace(AT_6, AT_4));
    fleet.send(&letter).await;
    let received = fleet.outbox.receipt_of(&letter.id).await;
    assert!(received.text().contains("has arrived"), "{}", received.text());
    let result = fleet.outbox.result_of(&letter.id).await;
    for answer in [&received, &result] {
        is_an_answer_to(answer, &letter);
    }
    assert_eq!(received.reply_address(), result.reply_address());
    let preview = format!("{}/session/{}/", fleet.ready.preview, result.thread().as_str());
    for words in [AT_6, AT_4, "src/pages/index.astro", "Rehearsal", "publish", &preview] {
        assert!(result.text().contains(words), "{words} is missing: {}", result.text());
    }
    one_commit(&fleet, &result);
    let status = fleet.command(&["status", "--json"]).await.unwrap();
    assert!(!status.contains(result.thread().as_str()), "a thread id is a capability: {status}");
    fleet.finish().await;
}

fn is_an_answer_to(answer: &Received, letter: &Letter) {
    let mail = &answer.mail;
    assert_eq!(mail.in_reply_to, [letter.id.as_str()]);
    assert_eq!(mail.references, [letter.id.as_str()]);
    assert_eq!((mail.from.address.as_str(), mail.to.as_slice()), (DEMO, [OWNER.to_owned()].as_slice()));
    assert_eq!(mail.subject, "Re: My website");
    assert_eq!(mail.headers.get("auto-submitted"), Some("auto-replied"));
    let reply = answer.reply_address();
    assert!(reply.starts_with("edit+") && reply.ends_with("@demo.localhost"), "{reply}");
    assert!(mail.html.as_deref().is_some_and(|html| html.contains("<p")));
}

fn one_commit(fleet: &Fleet, result: &Received) {
    let (thread, origin, workspace) = (result.thread(), fleet.origin("demo"), fleet.workspace("demo"));
    let range = format!("origin/main..{}", thread.branch());
    assert_eq!(workspace.subjects(&range), [sentence(&replace(AT_6, AT_4))]);
    assert_eq!(workspace.changed(&range), ["src/pages/index.astro"]);
    let message = workspace.run(&["log", "-1", "--format=%B", &thread.branch()]);
    let id = result.id().split('.').next().unwrap();
    assert!(message.contains(&format!("Webordinary-Message: {id}")), "{message}");
    assert!(message.contains(&format!("Webordinary-Thread: {}", thread.fingerprint())), "{message}");
    assert!(!message.contains(thread.as_str()), "a thread id is a capability: {message}");
    assert_eq!(workspace.run(&["log", "-1", "--format=%ae", &thread.branch()]), OWNER);
    assert_eq!(origin.branches(), ["main"], "thread branches are never pushed");
    assert!(origin.show("main", "src/pages/index.astro").contains(AT_6), "nothing is published by itself");
}

#[tokio::test]
async fn any_sort_of_reply_continues_its_thread_and_a_new_mail_begins_one() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(&replace(AT_6, "We close at 1 on Fridays"))).await;
    let next = |from: u8| replace(&format!("at {from} on Fridays"), &format!("at {} on Fridays", from + 1));

    // Some programs leave out References, some address the mailbox itself.
    let in_reply_to = Letter { references: Vec::new(), ..Letter::answering(&first, &next(1)) }
        .to(DEMO)
        .subject("AW: Website");
    let second = fleet.ask(&in_reply_to).await;
    let address = Letter::new(&next(2)).to(&first.reply_address()).subject("no header at all");
    let third = fleet.ask(&address).await;
    let references = Letter { in_reply_to: None, ..Letter::answering(&second, &next(3)) }.to(DEMO);
    let fourth = fleet.ask(&references).await;
    for answer in [&second, &third, &fourth] {
        assert_eq!(answer.thread(), first.thread(), "{}", answer.text());
    }
    let other = fleet.ask(&Letter::new(&replace(AT_6, "We close at 9 on Fridays"))).await;
    assert_ne!(other.thread(), first.thread(), "the subject says nothing");

    let workspace = fleet.workspace("demo");
    let subjects = workspace.subjects(&format!("origin/main..{}", first.thread().branch()));
    let said = [next(3), next(2), next(1), replace(AT_6, "We close at 1 on Fridays")];
    assert_eq!(subjects, said.map(|text| sentence(&text)));
    let page = workspace.show(&first.thread().branch(), "src/pages/index.astro");
    assert!(page.contains("We close at 4 on Fridays."), "{page}");
    assert_eq!(workspace.subjects(&format!("origin/main..{}", other.thread().branch())).len(), 1);
    fleet.finish().await;
}

#[tokio::test]
async fn the_same_mail_twice_is_one_mail() {
    let fleet = Fleet::start(&Options::quick()).await;
    let letter = Letter::new(&replace(AT_6, AT_4));
    tokio::join!(fleet.send(&letter), fleet.send(&letter));
    let result = fleet.outbox.result_of(&letter.id).await;
    fleet.send(&letter).await;
    fleet.settled().await;
    // What comes after it has been read proves that the mail before has been read, too.
    let marker = fleet.ask(&Letter::answering(&result, &replace(AT_4, AT_6))).await;
    assert_eq!(fleet.outbox.mails().len(), 4, "two mails, each received and answered");
    assert_eq!(fleet.outbox.answers_to(&letter.id).len(), 2);
    let subjects = fleet.workspace("demo").subjects(&format!("origin/main..{}", marker.thread().branch()));
    assert_eq!(subjects, [replace(AT_4, AT_6), replace(AT_6, AT_4)].map(|text| sentence(&text)));
    fleet.finish().await;
}

/// Sent by somebody else's SMTP client, with a name in From and a charset of its own.
const PYTHON: &str = r#"
import smtplib, sys
from email.message import EmailMessage
from email.utils import formatdate
host, port = sys.argv[1].split(":")
mail = EmailMessage()
mail["From"] = "Jörg Bäcker <owner@demo.localhost>"
mail["To"] = "Website <edit@demo.localhost>"
mail["Subject"] = "Öffnungszeiten – bitte ändern"
mail["Date"] = formatdate()
mail["Message-ID"] = "<python@client.example>"
mail.set_content('Hello,\n\nreplace "We close at 6 on Fridays" with "Freitags schließen wir um 4"\n\n-- \nJörg Bäcker\nHearth & Rye\n', charset="iso-8859-1")
with smtplib.SMTP(host, int(port)) as door:
    door.ehlo("client.example")
    door.send_message(mail)
"#;

#[tokio::test]
async fn another_client_with_umlauts_and_a_signature() {
    let fleet = Fleet::start(&Options::quick()).await;
    let ran = Command::new("python3").args(["-c", PYTHON, &fleet.ready.smtp]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let result = fleet.outbox.result_of("python@client.example").await;
    assert_eq!(result.mail.subject, "Re: Öffnungszeiten – bitte ändern");
    let page = fleet.workspace("demo").show(&result.thread().branch(), "src/pages/index.astro");
    assert!(page.contains("Freitags schließen wir um 4"), "{page}");
    let conversation = fleet.conversation(&result.thread()).await;
    let said = conversation["messages"][0]["text"].as_str().unwrap();
    assert!(!said.contains("Hearth & Rye"), "the signature is no instruction: {said}");
    fleet.finish().await;
}

/// As a commit's subject begins.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}
