//! Every answer, word for word, and what is left of it after a mail program has read it.

use domain::Money;
use domain::message::{Billing, Receipt, Status};
use email::answer::{self, Bill, Charge, Done, WayIn};
use email::parse::{Unread, UnreadKind};
use email::{Inbound, Letter, Outgoing, compose, own_words};

use std::time::Duration;

const PREVIEW: &str = "http://127.0.0.1:8080/session/abcdefgh2345/?page=1&x=%C3%A4=";

fn bill(billing: Billing, hint: Option<&str>) -> Charge {
    let (turn, hint) = (Money(43_700), hint.map(str::to_owned));
    let receipt = Receipt { billing, turn, message: turn, month: Money(4_012_000), hint };
    Charge::Bill(Bill { receipt, tokens: 1_012_345, took: Duration::from_secs(75) })
}

fn letters() -> Vec<(&'static str, Letter)> {
    let files = vec!["src/pages/about.astro".to_owned(), "src/assets/photo.jpg".to_owned()];
    let many: Vec<String> = (0..25).map(|n| format!("src/pages/{n}.astro")).collect();
    let unread = vec![Unread { name: "invite.ics".into(), kind: UnreadKind::Calendar }];
    let billed = bill(Billing::Billed, None);
    let failed = bill(Billing::Unbilled, None);
    let near = "80 % of the site\u{2019}s allowance for this month ($5.00) is used.";
    let done = Done {
        summary: "The photo is on the about page.\n\nIts text reads \u{201c}<Caf\u{e9} & Bar>\u{201d}.",
        files: &files,
        preview: PREVIEW,
        charge: &billed,
        unread: &unread,
    };
    let rehearsed = Done { files: &many, charge: &Charge::Rehearsal, unread: &[], ..done.clone() };
    let ways = ["stamps", "rosa"].map(|site| WayIn {
        site: format!("{site}.example.com"),
        link: format!("https://app.example.com/sign-in/{site}"),
    });
    vec![
        ("sign_in", answer::sign_in(&ways)),
        ("received", answer::received(&[])),
        ("received_with_unread_parts", answer::received(&unread)),
        ("result", answer::result(&done)),
        ("result_of_a_rehearsal", answer::result(&rehearsed)),
        (
            "nothing_changed",
            answer::nothing_changed("Which photo is meant?", PREVIEW, &bill(Billing::Billed, Some(near))),
        ),
        ("published", answer::published("http://127.0.0.1:8081/")),
        ("publish_failed", answer::publish_failed("The page src/pages/about.astro has an unclosed tag.")),
        ("conflict", answer::conflict(&files)),
        ("failed", answer::failed("The model could not be reached.", "Reply to try again.", Some(&failed))),
        ("question", answer::question("Which photo is meant?", &Charge::Nothing)),
        ("used_up", answer::used_up("I stopped in the middle of this.", &billed)),
        ("reminder_of_a_plan", answer::reminder(Status::Plan, "I would remove the page about.")),
        ("reminder_of_a_question", answer::reminder(Status::Question, "Which photo?")),
        ("rolled_back", answer::rolled_back("http://127.0.0.1:8081/")),
        ("refused", answer::refused("ann@example.com may not edit this site.")),
    ]
}

#[test]
fn the_words_of_every_answer() {
    for (name, letter) in letters() {
        insta::assert_snapshot!(name, format!("{}\n{}\n{}", letter.text, "=".repeat(60), letter.html));
    }
}

#[test]
fn links_and_words_survive_the_way_to_the_reader() {
    for (name, letter) in letters() {
        let raw = compose(&Outgoing {
            message_id: "out1@demo.localhost",
            date: domain::Timestamp(0),
            from_name: "Demo",
            from: "edit@demo.localhost",
            to: "ann@example.com",
            reply_to: None,
            subject: "x",
            in_reply_to: None,
            references: &[],
            text: &letter.text,
            html: &letter.html,
            header: "sent",
        });
        let mail = Inbound::parse(&raw).unwrap();
        assert_eq!(mail.text.as_deref(), Some(letter.text.as_str()), "{name}");
        assert_eq!(mail.html.as_deref(), Some(letter.html.as_str()), "{name}");
        if letter.text.contains("/session/") {
            assert!(mail.text.unwrap().contains(&format!("\n{PREVIEW}\n")));
            assert!(mail.html.unwrap().contains(&format!("href=\"{}\"", PREVIEW.replace('&', "&amp;"))));
        }
    }
}

/// "publish" over any of our answers, quoted as Gmail quotes it, is the word "publish" and nothing else.
#[test]
fn a_quoted_answer_is_never_taken_for_the_readers_words() {
    for (name, letter) in letters() {
        let quoted: String = letter.text.lines().flat_map(|line| ["> ", line, "\n"]).collect();
        let reply = format!(
            "From: ann@example.com\n\npublish\n\nOn Mon, Nov 23, 2026 at 2:00 PM Demo <edit@demo.localhost> wrote:\n\n{quoted}"
        );
        let words = own_words(&Inbound::parse(reply.as_bytes()).unwrap());
        assert_eq!(words.text, "publish", "{name}");
    }
}

#[test]
fn only_a_web_address_becomes_a_link() {
    let letter = answer::published("javascript:alert(1)");
    assert!(!letter.html.contains("javascript") && !letter.text.contains("javascript"));
}
