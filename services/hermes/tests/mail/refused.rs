//! Who is told that nothing comes of their mail, and how often.

use crate::letter::{ANN, Letter};
use crate::office::Office;
use email::Inbound;
use std::time::Duration;

const EVE: &str = "eve@stamps.example";

/// A proven mail of somebody who is no editor.
fn of_eve(id: &str) -> Letter {
    let of_ann = Letter::of_ann(id);
    let results = of_ann.results.replace(ANN, EVE);
    Letter { from: EVE.to_owned(), source: EVE.to_owned(), results, ..of_ann }
}

async fn arrives(office: &Office, letter: &Letter) {
    office.deliver(letter).await;
    office.ring(&letter.in_s3().to_string()).await;
}

#[tokio::test]
async fn a_proven_stranger_is_told_once_a_day() {
    let office = Office::open().await;
    let first = of_eve("first");
    for letter in [&first, &of_eve("second"), &first] {
        arrives(&office, letter).await;
    }
    // Announced in another form, too.
    office.ring(&first.s3_event().to_string()).await;
    let [answer] = &office.mails()[..] else { panic!("{} answers", office.sent()) };
    let mail = Inbound::parse(answer).unwrap();
    assert_eq!((mail.from.address.as_str(), &mail.to[..]), ("edit@stamps.localhost", &[EVE.to_owned()][..]));
    assert_eq!(mail.in_reply_to, ["first@mail.example"]);
    assert_eq!(mail.subject, "Re: Hours");
    assert_eq!(mail.headers.get("auto-submitted"), Some("auto-replied"));
    let words = email::own_words(&mail).text;
    for part in
        ["nothing was changed", "only from the people who look after the site", "Ask its owner to add you"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    let waiting = office.backends.messages.waiting_pairs().await.unwrap();
    assert!(waiting.is_empty(), "{waiting:?}");
    assert_eq!(office.keys("mail/read/").await, ["mail/read/first", "mail/read/second"]);

    // Another sender, and another reason, are another matter; and so is the next day.
    let other = "mallory@stamps.example";
    arrives(&office, &Letter { from: other.to_owned(), source: other.to_owned(), ..of_eve("third") }).await;
    arrives(&office, &Letter { text: "  ".to_owned(), ..Letter::of_ann("empty") }).await;
    assert_eq!(office.sent(), 3);
    office.clock.pass(Duration::from_hours(24));
    arrives(&office, &of_eve("fourth")).await;
    assert_eq!(office.sent(), 4);
    office.close().await;
}

#[tokio::test]
async fn an_unknown_address_is_told_of_only_where_it_is_ours() {
    let office = Office::open().await;
    let to = vec!["edit@stmaps.localhost".to_owned()];
    arrives(&office, &Letter { to, ..Letter::of_ann("typo") }).await;
    let [answer] = &office.mails()[..] else { panic!("{} answers", office.sent()) };
    let mail = Inbound::parse(answer).unwrap();
    assert_eq!(mail.from.address, "edit@stmaps.localhost");
    assert!(email::own_words(&mail).text.contains("There is no site at this address"));
    // A copy to somebody else's address of that form: SES did not receive that one.
    let copy = Letter { headers: "Cc: edit@elsewhere.example\r\n".to_owned(), ..Letter::of_ann("copy") };
    office.deliver(&copy).await;
    office.ring(&copy.s3_event().to_string()).await;
    assert_eq!((office.messages().await.len(), office.sent()), (1, 2), "Ann's own receipt, and no more");
    office.close().await;
}

#[tokio::test]
async fn silence_is_for_the_unproven_for_programs_and_for_lists() {
    let unproven = Letter { verdicts: ["FAIL", "FAIL", "FAIL", "PASS", "PASS"], ..of_eve("unproven") };
    let nothing = Letter {
        results: "amazonses.com; none".to_owned(),
        verdicts: ["GRAY", "GRAY", "GRAY", "PASS", "PASS"],
        ..of_eve("gray")
    };
    let bounce = Letter { source: String::new(), ..of_eve("bounce") };
    let list = Letter { headers: "List-Unsubscribe: <https://x.example>\r\n".to_owned(), ..of_eve("list") };
    let robot = Letter { headers: "Auto-Submitted: auto-generated\r\n".to_owned(), ..of_eve("robot") };
    let silent = Letter { from: "no-reply@stamps.example".to_owned(), ..of_eve("silent") };
    for letter in [unproven, nothing, bounce, list, robot, silent] {
        let office = Office::open().await;
        arrives(&office, &letter).await;
        office.untouched().await;
        assert!(office.keys("mail/refused/").await.is_empty(), "{}", letter.id);
        office.close().await;
    }
}
