//! What messages mean to a turn that is running, phrase by phrase.

use intent::{Interruption, interruption, is_resume};

#[test]
fn messages_to_a_running_turn() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("interruptions.tsv").lines() {
        let (want, text) = line.split_once('\t').expect("two columns");
        let text = text.replace("\\n", "\n");
        let found = interruption(&text).map_or_else(|| "-".to_owned(), |found| format!("{found:?}"));
        count += 1;
        if found != want {
            wrong.push(format!("{text}: {found}, not {want}"));
        }
    }
    assert!(count > 150, "{count}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_quoted_message_says_nothing_itself() {
    assert_eq!(interruption("> forget that, do the blog\n\nwait, make it green"), Some(Interruption::Amend));
    assert_eq!(interruption("Is it live?\n\nViele Grüße\nJürgen Müller"), Some(Interruption::Question));
}

#[test]
fn orders_to_go_on() {
    for text in [
        "continue",
        "Please continue.",
        "go on",
        "Ok, go on please",
        "carry on",
        "Continue where you left off, thanks",
        "Could you please continue?",
        "you can continue",
        "weiter",
        "mach weiter bitte",
        "Bitte weitermachen!",
        "Ja, machen Sie weiter",
        "Continuez, s'il vous plaît",
        "Vas-y, continue",
        "Reprends, merci",
        "Continúa, por favor",
        "Sigue",
        "Kontynuuj, proszę",
        "Dalej",
        "go on\n\nBest regards\nAnn",
    ] {
        assert!(is_resume(text), "{text}");
    }
    for text in [
        "",
        "ok",
        "yes",
        "continue?",
        "don't continue",
        "Continue tomorrow",
        "continue with the blog",
        "continue the list on the second page",
        "Go on holiday page: new photo",
        "bitte nicht weitermachen",
        "weiter unten ein Bild",
        "ne continue pas",
        "no sigas",
        "nie kontynuuj",
        "> continue",
        "stop",
    ] {
        assert!(!is_resume(text), "{text}");
    }
}

#[test]
fn the_longest_messages_are_read_in_little_time() {
    for part in [
        "please ",
        "wait, ",
        "and ",
        "is it? ",
        "Thanks\n",
        "a\n",
        "> a\n",
        "\n",
        "what, can ",
        "not but ",
        "-",
        "''",
    ] {
        let text = part.repeat(200 * 1024 / part.len());
        let began = std::time::Instant::now();
        let _ = (interruption(&text), is_resume(&text), intent::intent_by(&text, "Ann Example"));
        assert!(began.elapsed().as_secs() < 5, "{part:?}: {:?}", began.elapsed());
    }
}
