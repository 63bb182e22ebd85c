//! Mails as programs and hostile senders write them, read to the end.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use email::parse::UnreadKind;
use email::{Inbound, Note, ParseError, compose_note, meant_attachments, own_words};

fn png(side: u32, length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend_from_slice(&side.to_be_bytes());
    bytes.extend_from_slice(&side.to_be_bytes());
    bytes.extend((24..length).map(|n| u8::try_from(n % 251).unwrap()));
    bytes
}

fn parse(raw: &str) -> Inbound {
    Inbound::parse(raw.as_bytes()).unwrap()
}

#[test]
fn a_reply_with_everything() {
    let raw = "From: =?utf-8?B?w4RubmU=?= Example <Ann@Example.COM>\r\n\
        To: \"Demo\" <edit+tok@demo.localhost>, other@demo.localhost\r\nCc: Bob <bob@example.com>\r\n\
        Subject: =?iso-8859-1?Q?Gr=FC=DFe?= from\r\n =?utf-8?Q?_home?=\r\n\
        Message-ID: <m3@example.com>\r\nIn-Reply-To: <out2@demo.localhost>\r\n\
        References: <m1@example.com>,<out1@demo.localhost>\r\n\t<out2@demo.localhost>\r\n\
        Date: Mon, 23 Nov 2026 14:00:00 +0100\r\n\r\nHello\r\n";
    let mail = parse(raw);
    assert_eq!((mail.from.address.as_str(), mail.from.name.as_str()), ("ann@example.com", "Änne Example"));
    assert_eq!(mail.to, ["edit+tok@demo.localhost", "other@demo.localhost"]);
    assert_eq!(mail.cc, ["bob@example.com"]);
    assert_eq!(mail.subject, "Grüße from home");
    assert_eq!(mail.message_id, "m3@example.com");
    assert_eq!(mail.in_reply_to, ["out2@demo.localhost"]);
    assert_eq!(mail.references, ["m1@example.com", "out1@demo.localhost", "out2@demo.localhost"]);
    assert_eq!(mail.date.unwrap().0, 1_795_438_800_000);
    assert_eq!(mail.text.as_deref(), Some("Hello\n"));
}

#[test]
fn the_sender_is_one_address_or_an_error() {
    let error = |from: &str| Inbound::parse(format!("{from}Subject: x\r\n\r\nhi").as_bytes()).unwrap_err();
    assert_eq!(error(""), ParseError::NoSender);
    assert_eq!(error("From: \r\n"), ParseError::NoSender);
    assert_eq!(error("From: a@b.c, d@e.f\r\n"), ParseError::ManySenders);
    assert_eq!(error("From: a@b.c\r\nFrom: d@e.f\r\n"), ParseError::ManySenders);
    assert_eq!(error("From: Friends: a@b.c, d@e.f;\r\n"), ParseError::ManySenders);
    assert_eq!(error("From: Ann\r\n"), ParseError::BadSender);
    assert_eq!(error("From: <a@b@c>\r\n"), ParseError::BadSender);
    assert_eq!(parse("From: \"x@y.z\" <a@b.c>\r\n\r\nhi").from.address, "a@b.c");
    for nothing in ["", "\r\n\r\n", "  \n", "no header at all"] {
        assert!(Inbound::parse(nothing.as_bytes()).is_err(), "{nothing:?}");
    }
}

#[test]
fn a_mail_without_an_id_has_one_by_its_content() {
    let (a, b) = (parse("From: a@b.c\r\n\r\nx"), parse("From: a@b.c\r\n\r\ny"));
    assert!(a.message_id.starts_with("sha256:") && a.message_id.len() == 71);
    assert_ne!(a.message_id, b.message_id);
}

#[test]
fn files_have_safe_names_and_their_real_type() {
    let photo = png(900, 5_000);
    let file = |name: &str, kind: &str, bytes: &[u8]| (name.to_owned(), kind.to_owned(), bytes.to_vec());
    let files = [
        file("../My Photo.png", "text/plain", &photo),
        file("notes.txt", "application/octet-stream", b"hello"),
        file("NOTES.txt", "text/plain", b"other"),
        file("empty.txt", "text/plain", b""),
    ];
    let raw = compose_note(&Note {
        message_id: "n1@localhost",
        date: domain::Timestamp(0),
        from: "ann@example.com",
        to: "edit@demo.localhost",
        subject: "Photo\r\nBcc: x@y.z",
        text: "Put the attached photo on the about page.\n",
        in_reply_to: None,
        references: &[],
        files: &files,
    });
    let mail = Inbound::parse(&raw).unwrap();
    assert_eq!(mail.subject, "Photo Bcc: x@y.z");
    assert_eq!(mail.text.as_deref(), Some("Put the attached photo on the about page.\n"));
    let seen: Vec<_> =
        mail.attachments.iter().map(|a| (a.name.as_str(), a.media_type.as_str(), a.inline)).collect();
    let expected = [
        ("My-Photo.png", "image/png", false),
        ("notes.txt", "text/plain", false),
        ("NOTES-2.txt", "text/plain", false),
    ];
    assert_eq!(seen, expected);
    assert_eq!(mail.attachments[0].bytes, photo);
}

/// Outlook's form: HTML only, a photo in the text, a logo in the signature, a picture in the quote.
#[test]
fn images_in_quote_and_signature_are_not_meant() {
    let part = |id: &str, bytes: &[u8]| {
        let coded = data_encoding::BASE64_MIME.encode(bytes);
        format!(
            "--r\r\nContent-Type: image/png; name=\"{id}.png\"\r\nContent-ID: <{id}@x>\r\n\
             Content-Disposition: inline; filename=\"{id}.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}\r\n"
        )
    };
    let html = "<div class=WordSection1><p>Use this: <img src=\"cid:photo@x\"></p>\
        <div id=\"Signature\"><img src=\"cid:logo@x\"></div></div>\
        <div id=\"divRplyFwdMsg\">From: x</div><img src=\"cid:old@x\">";
    let raw = format!(
        "From: a@b.c\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: text/html\r\n\r\n{html}\r\n{}{}{}{}--r--\r\n",
        part("photo", &png(800, 9_000)),
        part("logo", &png(300, 9_001)),
        part("old", &png(700, 9_002)),
        part("dot", &png(700, 200)),
    );
    let mail = parse(&raw);
    assert_eq!(mail.attachments.len(), 4);
    assert_eq!(meant_attachments(&mail).iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["photo.png"]);
    let words = own_words(&mail);
    assert_eq!(words.text, "Use this: ![](cid:photo@x)");
}

#[test]
fn parts_that_are_not_read_are_named() {
    let raw = "From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n\
        --b\r\nContent-Type: text/calendar; name=invite.ics\r\n\r\nBEGIN:VCALENDAR\r\n\
        --b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx\r\n--b--\r\n";
    let mail = parse(raw);
    let unread: Vec<_> = mail.unread.iter().map(|u| (u.name.as_str(), u.kind)).collect();
    assert_eq!(unread, [("invite.ics", UnreadKind::Calendar), ("winmail.dat", UnreadKind::Tnef)]);
    assert!(mail.attachments.is_empty());
    let raw = "From: a@b.c\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n\
        --b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
        --b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n";
    assert_eq!(parse(raw).unread[0].kind, UnreadKind::Encrypted);
}

#[test]
fn a_plain_part_that_is_empty_gives_way_to_the_html() {
    let raw = "From: a@b.c\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\n \r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=C3=BC=C3=9Fe, make it <b>red</b></p>\r\n--b--\r\n";
    assert_eq!(own_words(&parse(raw)).text, "Grüße, make it **red**");
}

/// Outlook's desktop program marks nothing: only the header block tells where the mail answered begins.
#[test]
fn replies_that_are_only_html() {
    for html in [
        "<html xmlns:o=\"x\"><head><!--[if mso]><xml><o:p>x</o:p></xml><![endif]--><style>p.MsoNormal{margin:0}</style></head>\
         <body><div class=WordSection1><p class=MsoNormal>Make it red.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
         <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>\
         <b>From:</b> Demo &lt;edit@demo.localhost&gt;<br><b>Sent:</b> Monday, November 23, 2026 2:00 PM<br>\
         <b>To:</b> Ann<br><b>Subject:</b> Re: red</p></div><p class=MsoNormal>It is blue.</p></div></body></html>",
        "<html><body dir=\"auto\">Make it red.<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Sent from my iPhone</div>\
         <div dir=\"ltr\"><br><blockquote type=\"cite\">On 23 Nov 2026, at 14:00, Demo &lt;edit@demo.localhost&gt; wrote:<br></blockquote></div>\
         <blockquote type=\"cite\"><div>It is blue.</div></blockquote></body></html>",
        "<p>Make it red.</p><p>On Mon, Nov 23, 2026 at 2:00 PM Demo &lt;edit@demo.localhost&gt; wrote:</p><blockquote>It is blue.</blockquote>",
    ] {
        let mail = parse(&format!("From: a@b.c\r\nContent-Type: text/html\r\n\r\n{html}"));
        assert_eq!(own_words(&mail).text, "Make it red.", "{html}");
    }
}

#[test]
fn broken_and_hostile_mails_give_a_value_or_an_error_in_linear_time() {
    let head = "From: a@b.c\r\n";
    let hostile = [
        format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n--b--\r\n--b"),
        format!("{head}Content-Type: multipart/mixed\r\n\r\nno boundary"),
        format!("{head}Content-Type: ;;;=\r\nContent-Disposition: ;\r\nDate: yesterday\r\n\r\n\0\0\0"),
        format!("{head}Content-Transfer-Encoding: base64\r\n\r\n!!!====AAA"),
        format!("{head}Content-Type: text/plain; charset=utf-16\r\n\r\n\0h\0i\0"),
        format!("{head}{}\r\nx", "X-A: b\r\n".repeat(100_000)),
        format!("{head}References: {}\r\n\r\nx", "<a@b> ".repeat(100_000)),
        format!("From: {}a@b.c\r\n\r\nx", "(".repeat(500_000)),
        format!("{head}To: {}\r\n\r\nx", "a@b.c, ".repeat(100_000)),
        format!("{head}Subject: {}\r\n\r\nx", "=?utf-8?Q?a?= ".repeat(50_000)),
        format!("{head}Content-Type: text/plain; {}\r\n\r\nx", "a*0*=b; ".repeat(50_000)),
        format!("{head}\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(50_000)),
        format!(
            "{head}Content-Type: message/rfc822\r\n\r\n{}",
            "Content-Type: message/rfc822\r\n\r\n".repeat(50_000)
        ),
        format!("{head}\r\n{}", "> ".repeat(500_000)),
        format!("{head}\r\n{}", "On 1 Jan 2024 at 10:00 a@b.c\r\n".repeat(30_000)),
        format!("{head}\r\n{}", "--\r\n\r\n".repeat(150_000)),
        format!("{head}\r\n{}", "From: a\r\n".repeat(100_000)),
        format!("{head}Content-Type: text/html\r\n\r\n{}", "<div><b>".repeat(120_000)),
    ];
    let start = std::time::Instant::now();
    for raw in &hostile {
        if let Ok(mail) = Inbound::parse(raw.as_bytes()) {
            let _ = (own_words(&mail), meant_attachments(&mail));
        }
    }
    // Loose: unoptimised and beside other tests. Quadratic behaviour takes minutes.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn no_cut_or_flipped_byte_makes_it_panic() {
    let raw = "From: Ann <a@b.c>\r\nSubject: =?utf-8?B?w4Q=?=\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: text/plain; charset=iso-8859-2; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=FC=DFe =\r\nx \r\n--b\r\nContent-Type: text/html\r\n\r\n<p class='gmail_quote'>&amp;<\u{e9}</p>\r\n\
        --b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <x>\r\n\r\n/9j/4AAQSkZJRg==\r\n--b--\r\n";
    let read = |bytes: &[u8]| {
        if let Ok(mail) = Inbound::parse(bytes) {
            let _ = (own_words(&mail), meant_attachments(&mail));
        }
    };
    for end in 0..raw.len() {
        read(&raw.as_bytes()[..end]);
        for byte in [0, b'\n', b'>', b'"', b'=', 0xff] {
            let mut flipped = raw.as_bytes().to_vec();
            flipped[end] = byte;
            read(&flipped);
        }
    }
}
