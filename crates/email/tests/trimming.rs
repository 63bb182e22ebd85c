//! What people write above, below and between what their programs add.

use email::own_words_of_text;

fn own(text: &str) -> String {
    own_words_of_text(text).text
}

#[test]
fn introductions_of_many_programs_and_languages() {
    for introduction in [
        "On Mon, Nov 23, 2026 at 2:00 PM Demo site <edit@demo.localhost> wrote:",
        "On Mon, Nov 23, 2026 at 2:00 PM Demo site with a long name <\nedit@demo.localhost> wrote:",
        "On 23 Nov 2026, at 14:00, Demo site <edit@demo.localhost> wrote:",
        "On 11/23/26 14:00, Demo site wrote:",
        "Am 23.11.2026 um 14:00 schrieb Demo site:",
        "Am Mo., 23. Nov. 2026 um 14:00 Uhr schrieb Demo site <edit@demo.localhost>:",
        "Demo site <edit@demo.localhost> schrieb am Mo., 23. Nov. 2026, 14:00:",
        "Le lun. 23 nov. 2026 à 14:00, Demo site <edit@demo.localhost> a écrit :",
        "El lun, 23 nov 2026 a las 14:00, Demo site (<edit@demo.localhost>) escribió:",
        "Il giorno lun 23 nov 2026 alle ore 14:00 Demo site <edit@demo.localhost> ha scritto:",
        "Em seg., 23 de nov. de 2026 às 14:00, Demo site <edit@demo.localhost> escreveu:",
        "Op ma 23 nov 2026 om 14:00 schreef Demo site <edit@demo.localhost>:",
        "pon., 23 lis 2026 o 14:00 Demo site <edit@demo.localhost> napisał(a):",
        "W dniu 23.11.2026 o 14:00, Demo site pisze:",
        "Den mån 23 nov. 2026 kl 14:00 skrev Demo site <edit@demo.localhost>:",
        "пн, 23 нояб. 2026 г. в 14:00, Demo site <edit@demo.localhost>:",
        "po 23. 11. 2026 v 14:00 odesílatel Demo site <edit@demo.localhost> napsal:",
        "ma 23. marrask. 2026 klo 14.00 Demo site (edit@demo.localhost) kirjoitti:",
    ] {
        let quoted =
            format!("Make it red.\n\nThanks\n\n{introduction}\n\n> It is blue now.\n> Look: http://x\n");
        assert_eq!(own(&quoted), "Make it red.\n\nThanks", "{introduction}");
        let below = format!("{introduction}\n> It is blue now.\n\nMake it red.\n");
        assert_eq!(own(&below), "Make it red.", "{introduction}");
    }
}

#[test]
fn header_blocks_and_rules() {
    for block in [
        "From: Demo <edit@demo.localhost>\nSent: Monday, November 23, 2026 2:00 PM\nTo: Ann\nSubject: RE: red",
        "________________________________\nFrom: Demo <edit@demo.localhost>\nSent: Monday\nTo: Ann\nSubject: red",
        "-----Original Message-----\nFrom: Demo\nSent: Monday",
        "-----Ursprüngliche Nachricht-----\nVon: Demo\nGesendet: Montag",
        "Von: Demo <edit@demo.localhost>\nGesendet: Montag, 23. November 2026 14:00\nAn: Ann\nBetreff: AW: rot",
        "De : Demo <edit@demo.localhost>\nEnvoyé : lundi 23 novembre 2026 14:00\nÀ : Ann\nObjet : RE: rouge",
        "De: Demo <edit@demo.localhost>\nEnviado el: lunes\nPara: Ann\nAsunto: RE: rojo",
        "Od: Demo <edit@demo.localhost>\nWysłano: poniedziałek\nDo: Ann\nTemat: Odp: czerwony",
        "*From:* Demo <edit@demo.localhost>\n*Date:* Monday\n*To:* Ann\n*Subject:* red",
    ] {
        let text = format!("Make it red.\n\n{block}\n\nIt is blue now.\n");
        assert_eq!(own(&text), "Make it red.", "{block}");
    }
}

#[test]
fn signatures_devices_and_disclaimers() {
    for tail in [
        "-- \nAnn Example\nBaker Street 1",
        "--\nAnn",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPad",
        "Wysłane z iPhone'a",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "________________________________________\nAnn Example",
        "This e-mail is confidential and meant for the intended recipient only. If you received it in error,\nplease delete this message and notify the sender.",
    ] {
        let text = format!("Make it red.\n\nBest,\nAnn\n\n{tail}\n");
        assert_eq!(own(&text), "Make it red.\n\nBest,\nAnn", "{tail}");
    }
}

#[test]
fn answers_between_quotes_stay() {
    let text = "On Mon, Nov 23, 2026 at 2:00 PM Demo <edit@demo.localhost> wrote:\n> Which colour?\n\nRed\n\n\
        > Which page?\n\nAbout\n\n> Bye\n";
    let words = own_words_of_text(text);
    assert_eq!(words.text, "Red\n\nAbout");
    assert!(words.cut.contains("> Which colour?"));
}

#[test]
fn words_that_only_look_like_marks_stay() {
    for text in [
        "On the about page, write:\n\nWe are open.",
        "Please add the hours:\n\nFrom: Monday\nTo: Friday",
        "Date: 5 May\nTime: 7 pm\n\nPut this on the page.",
        "> We close at four.\n\nPut this quote on the home page.",
        "Add a rule:\n\n---\n\nand a list:\n\n- one\n- two",
        "Write \"Sent from my desk is a book\" as the title.\n\nSent from my desk, it is easier to read.",
        "On Tuesday we wrote: come in. Make that the headline.",
        "```\n# code\n####\n```",
        "To do: make it red\nSubject: none",
    ] {
        assert_eq!(own(text), text);
    }
}

#[test]
fn a_forward_is_the_words_above_it() {
    for mark in [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Mensaje reenviado ---------",
    ] {
        let text = format!(
            "Put this on the news page.\n\n{mark}\nFrom: Bob <bob@example.com>\n\nPublish everything!\n"
        );
        let words = own_words_of_text(&text);
        assert_eq!(words.text, "Put this on the news page.", "{mark}");
        assert!(words.forwarded && words.cut.contains("Publish everything!"));
    }
}

#[test]
fn nothing_left_keeps_the_whole() {
    for text in ["> only a quote", "--\nonly a signature", "Sent from my iPhone"] {
        assert_eq!(own(text), text.trim_end());
    }
    assert_eq!(own(" \n\n"), "");
}

#[test]
fn what_cannot_be_seen_is_gone() {
    assert_eq!(own("Make\u{200b} it\u{a0}red\u{202e}.\r\n\u{feff}\r\n"), "Make it red.");
}
