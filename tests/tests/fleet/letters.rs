//! Mails in the shapes in which Gmail, Outlook and phones send them.

use fleet_tests::letter::{DEMO, OWNER, replace};
use fleet_tests::{Fleet, Letter, Options, Received};

const HOURS: &str = "replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"";

/// What the product understood as the author's words in the thread's last message.
async fn understood(fleet: &Fleet, result: &Received) -> String {
    let conversation = fleet.conversation(&result.thread()).await;
    let messages = conversation["messages"].as_array().unwrap();
    messages.last().unwrap()["text"].as_str().unwrap().trim().to_owned()
}

async fn ask_raw(fleet: &Fleet, to: &str, (id, raw): (&str, String)) -> Received {
    fleet.post(OWNER, to, raw.replace('\n', "\r\n").as_bytes()).await.unwrap();
    fleet.outbox.result_of(id).await
}

#[tokio::test]
async fn of_a_quoted_reply_only_the_own_words_count() {
    let fleet = Fleet::start(&Options::quick()).await;
    let first = fleet.ask(&Letter::new(HOURS)).await;
    let gmail = ask_raw(&fleet, &first.reply_address(), gmail(&first)).await;
    assert_eq!(gmail.thread(), first.thread());
    assert_eq!(understood(&fleet, &gmail).await, replace("Country rye", "Village rye"));
    let outlook = ask_raw(&fleet, &first.reply_address(), outlook(&first)).await;
    let own = "replace “Seeded spelt” with “Plain spelt”\n\nNora Lindqvist";
    assert_eq!(understood(&fleet, &outlook).await, own, "a bare name may be part of what is said");
    let html = ask_raw(&fleet, DEMO, html_only()).await;
    assert_ne!(html.thread(), first.thread());
    assert_eq!(understood(&fleet, &html).await, replace("Butter croissant", "Plain croissant"));
    let page = fleet.workspace("demo").show(&first.thread().branch(), "src/pages/index.astro");
    for words in ["We close at 4 on Fridays", "Village rye", "Plain spelt"] {
        assert!(page.contains(words), "{words}");
    }
    let other = fleet.workspace("demo").show(&html.thread().branch(), "src/pages/index.astro");
    assert!(other.contains("Plain croissant"), "{}", html.text());
    fleet.finish().await;
}

fn gmail(first: &Received) -> (&'static str, String) {
    let id = "CAF1x=gmail@mail.gmail.com";
    let raw = format!(
        "MIME-Version: 1.0
References: {chain}
In-Reply-To: <{answered}>
From: Nora Lindqvist <{OWNER}>
Date: Mon, 2 Nov 2026 10:12:31 +0100
Message-ID: <{id}>
Subject: Re: My website
To: demo <{to}>
Content-Type: multipart/alternative; boundary=\"000000000000a1b2c3\"

--000000000000a1b2c3
Content-Type: text/plain; charset=\"UTF-8\"
Content-Transfer-Encoding: quoted-printable

replace \"Country rye\" with \"Village rye\"

On Mon, Nov 2, 2026 at 10:10=E2=80=AFAM demo <{DEMO}> wrote:

> I replaced =E2=80=9CWe close at 6 on Fridays=E2=80=9D.
>
> Reply =E2=80=9Cpublish=E2=80=9D to put this live, or just write what else s=
hould
> change.
>

--000000000000a1b2c3
Content-Type: text/html; charset=\"UTF-8\"
Content-Transfer-Encoding: quoted-printable

<div dir=3D\"ltr\">replace &quot;Country rye&quot; with &quot;Village rye&quot=
;</div><br><div class=3D\"gmail_quote gmail_quote_container\"><div dir=3D\"ltr\"=
 class=3D\"gmail_attr\">On Mon, Nov 2, 2026 at 10:10=E2=80=AFAM demo &lt;<a hre=
f=3D\"mailto:{DEMO}\">{DEMO}</a>&gt; wrote:<br></div><blockquote class=3D\"gmai=
l_quote\" style=3D\"margin:0px\"><div>Reply publish to put this live</div></blo=
ckquote></div>

--000000000000a1b2c3--
",
        chain = first.chain().iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" "),
        answered = first.id(),
        to = first.reply_address(),
    );
    (id, raw)
}

fn outlook(first: &Received) -> (&'static str, String) {
    let id = "AM0PR01MB1234@AM0PR01MB1234.eurprd01.prod.exchangelabs.com";
    let raw = format!(
        "From: Nora Lindqvist <{OWNER}>
To: demo <{to}>
Subject: RE: My website
Thread-Topic: My website
Thread-Index: AQHbLGtWl5hPzY0000
Date: Mon, 2 Nov 2026 09:20:11 +0000
Message-ID:
 <{id}>
References: <{answered}>
In-Reply-To: <{answered}>
Accept-Language: en-US
X-MS-Has-Attach:
Content-Type: multipart/alternative;
\tboundary=\"_000_AM0PR01MB1234_\"
MIME-Version: 1.0

--_000_AM0PR01MB1234_
Content-Type: text/plain; charset=\"Windows-1252\"
Content-Transfer-Encoding: quoted-printable

replace =93Seeded spelt=94 with =93Plain spelt=94

Nora Lindqvist
________________________________
From: demo <{DEMO}>
Sent: Monday, November 2, 2026 10:10 AM
To: {OWNER} <{OWNER}>
Subject: Re: My website

I replaced something. Reply publish to put this live.

--_000_AM0PR01MB1234_
Content-Type: text/html; charset=\"Windows-1252\"
Content-Transfer-Encoding: quoted-printable

<html><head><style>p.MsoNormal {{margin:0cm}}</style></head><body lang=3D\"EN-US\"><div class=3D\"Word=
Section1\"><p class=3D\"MsoNormal\">replace =93Seeded spelt=94 with =93Plain spelt=94<o:p></o:p></p>
<div id=3D\"Signature\"><p class=3D\"MsoNormal\">Nora Lindqvist<o:p></o:p></p></div>
<div id=3D\"divRplyFwdMsg\"><hr><b>From:</b> demo<br><b>Sent:</b> Monday<br><b>To:</b> {OWNER}<br><b>Subject:</b> Re: My website</div>
<p class=3D\"MsoNormal\">Reply publish to put this live.</p></div></body></html>

--_000_AM0PR01MB1234_--
",
        to = first.reply_address(),
        answered = first.id(),
    );
    (id, raw)
}

fn html_only() -> (&'static str, String) {
    let id = "html-only@client.example";
    let raw = format!(
        "From: {OWNER}
To: {DEMO}
Subject: Croissants
Message-ID: <{id}>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<!doctype html><html><head><title>x</title><style>p {{ color: red }}</style></head>
<body><p>replace &quot;Butter&nbsp;croissant&quot; with &quot;Plain croissant&quot;</p></body></html>
"
    );
    (id, raw.replace("&nbsp;", " "))
}

/// The smallest PNG there is.
const PNG: &str = "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082";

#[tokio::test]
async fn an_attached_photo_comes_onto_the_page() {
    let fleet = Fleet::start(&Options::quick()).await;
    let photo = data_encoding::HEXLOWER.decode(PNG.replace(' ', "").as_bytes()).unwrap();
    let letter =
        Letter::new("place the attached photo on page about").attach("Our Oven.PNG", "image/png", &photo);
    let result = fleet.ask(&letter).await;
    assert!(result.text().contains("src/pages/about.astro"), "{}", result.text());
    let (workspace, branch) = (fleet.workspace("demo"), result.thread().branch());
    let mut changed = workspace.changed(&format!("origin/main..{branch}"));
    changed.sort();
    let [stored, about] = changed.as_slice() else { panic!("{changed:?}") };
    assert!(stored.starts_with("src/assets/photos/our-oven-"), "{stored}");
    assert_eq!(about, "src/pages/about.astro");
    let page = workspace.show(&branch, about);
    let name = stored.rsplit('/').next().unwrap();
    assert!(page.contains(&format!("import ourOvenPhoto from '../assets/photos/{name}';")), "{page}");
    assert!(page.contains("<Picture src={ourOvenPhoto}") && page.contains("alt=\"Our Oven\""), "{page}");
    fleet.finish().await;
}
