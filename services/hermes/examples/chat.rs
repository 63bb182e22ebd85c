//! The app host alone, over a store in a temporary directory with a few conversations: for looking at the pages.
//! Nobody works on what is said. `cargo run -p hermes --example chat`, then open the address that it prints.

#[path = "../tests/web/support.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests")]
mod support;

use anyhow::Result;
use domain::message::{Attachment, Kind, Status};
use domain::project::Role;
use domain::{MessageId, Pair, UserId};
use hermes::web;
use ports::Backends;
use ports::messages::{Channel, MailOrigin, NewMessage};
use ports::progress::ProgressEvent;
use ports::releases::{Ending, ReleaseRow};
use std::sync::Arc;
use std::time::Duration;
use support::{ANN, BOB, answer, identity, say};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let backends = support::backends(dir.path()).await;
    let people = [(ANN, Role::Owner), (BOB, Role::Editor)];
    backends.projects.add(&support::project("stamps", &people)).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port())).await?;
    let address = listener.local_addr()?;
    let mut config = support::config(&dir.path().join("outbox"));
    config.app_origin = format!("http://localhost:{}", address.port());
    config.previews.origin = format!("http://{address}");
    let stop = CancellationToken::new();
    let links = seed(&backends).await?;
    post(&backends).await?;
    let life = Duration::from_hours(1);
    let link = web::sign_in_link(&backends, &identity(ANN), &config.app_origin, life).await?;
    println!("Sign in: {link}");
    for (name, path) in links {
        println!("{name}: {}{path}", config.app_origin);
    }
    let conversations = Arc::new(support::Recorder(backends.clone()));
    let app = web::app(config, backends, conversations, Arc::new(support::Rung::default()), stop.clone());
    let end = async move {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    };
    Ok(axum::serve(listener, app).with_graceful_shutdown(end).await?)
}

fn port() -> u16 {
    std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(8090)
}

/// A mail that was sent.
async fn post(backends: &Backends) -> Result<()> {
    let raw = format!(
        "From: WebOrdinary <edit@stamps.localhost>\r\nTo: {ANN}\r\nSubject: Re: About page\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         {ABOUT}\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <div style=\"font:16px sans-serif;max-width:34em;padding:1em\"><p>{ABOUT}</p>\
         <p><a href=\"http://127.0.0.1:8090/\" style=\"color:#1f6b58\">Look at it</a></p></div>\r\n--b--\r\n"
    );
    let mail =
        ports::mailer::Mail { key: "seed", from: "edit@stamps.localhost", to: ANN, raw: raw.as_bytes() };
    backends.mailer.send(mail).await?;
    Ok(())
}

/// Conversations in each state there is.
async fn seed(backends: &Backends) -> Result<Vec<(&'static str, String)>> {
    let hours = say(backends, ANN, None, "We close at 4 on Fridays").await;
    answer(backends, &hours, Status::Done, "The opening hours on the contact page now say 9–16 on Fridays.")
        .await;
    let order = say(backends, ANN, Some(hours.thread.clone()), "Publish").await;
    answer(backends, &order, Status::Published, "Your site is live with this change.").await;
    releases(backends).await?;

    let blog =
        say(backends, BOB, None, "Write a post about the Penny Black and put it first on the news page")
            .await;
    answer(backends, &blog, Status::Plan, BLOG_PLAN).await;
    let hero = say(backends, ANN, None, "Make the picture on the first page larger").await;
    answer(backends, &hero, Status::Question, "There are two pictures on the first page: the shop window, and the stamp album. Which one shall be larger?").await;
    let gone = say(backends, ANN, None, "Use the font that my cousin likes").await;
    answer(
        backends,
        &gone,
        Status::Failed,
        "I do not know which font is meant. Tell me its name, or attach a picture in which it can be seen.",
    )
    .await;

    let about = mailed(backends).await?;
    answer(backends, &about, Status::Done, ABOUT).await;
    let more = say(
        backends,
        ANN,
        Some(about.thread.clone()),
        "Lovely. Could the photo have round corners, and a line under it that says “Since 1987”?",
    )
    .await;
    answer(
        backends,
        &more,
        Status::Done,
        "The photo on the about page has round corners now, with “Since 1987” in small italics under it.",
    )
    .await;

    let busy = say(backends, ANN, None, "Add a page with our prices and link it in the menu").await;
    let by = "c1".parse()?;
    let pair = backends.messages.get(&busy.message).await?.pair;
    let epoch = backends.claims.take(&pair, &by, Duration::from_hours(1)).await?.unwrap_or(domain::Epoch(0));
    backends.messages.begin(&busy.message, &by, epoch).await?;
    tell(backends.clone(), busy.thread.clone());
    let path = |said: &hermes::conversation::Said| format!("/threads/{}", said.thread.as_str());
    Ok(vec![("Ready", path(&about)), ("Plan", path(&blog)), ("Working", path(&busy))])
}

const BLOG_PLAN: &str = "This is more than a small change, so here is the plan first:\n\n1. A new post, “The Penny Black”, of about 400 words with two pictures from the collection.\n2. The news page sorts by date, newest first.\n3. The first page shows the newest post.\n\nShall I go ahead?";
const ABOUT: &str = "The photo stands on the about page now, to the right of the first paragraph; on a phone it stands above it. I gave it the description “Amelia in front of the shop” for people who cannot see it.";

/// A message that came by mail, with a picture.
async fn mailed(backends: &Backends) -> Result<hermes::conversation::Said> {
    let picture: &[u8] = include_bytes!("../../../crates/preview/tests/sites/docs/src/assets/map.png");
    let blob = "attachments/seed/shop.png";
    backends.blobs.put(blob, "image/png", bytes::Bytes::from_static(picture)).await?;
    let id: MessageId = uuid::Uuid::new_v4().to_string().parse()?;
    let thread = support::fresh_thread();
    let attachment = |name: &str, media_type: &str| Attachment {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: picture.len() as u64,
        blob: blob.to_owned(),
    };
    let new = NewMessage {
        id: id.clone(),
        dedupe: id.to_string(),
        thread: thread.clone(),
        pair: Pair {
            client_id: "amelia".parse()?,
            project_id: "stamps".parse()?,
            user_id: UserId::of_address(ANN),
        },
        title: "Put the attached photo on the about page".to_owned(),
        author: UserId::of_address(ANN),
        channel: Channel::Mail(MailOrigin {
            address: ANN.to_owned(),
            message_id: "seed@stamps.example".to_owned(),
            references: Vec::new(),
            subject: "About page".to_owned(),
        }),
        aliases: Vec::new(),
        kind: Kind::Instruct,
        instruction:
            "Hi,\n\nput the attached photo on the about page please, next to the first paragraph.\n\nAmelia"
                .to_owned(),
        material: String::new(),
        attachments: vec![attachment("shop.png", "image/png"), attachment("caption.txt", "text/plain")],
        received_at: backends.clock.now(),
    };
    backends.messages.record(new).await?;
    Ok(hermes::conversation::Said { thread, message: id })
}

async fn releases(backends: &Backends) -> Result<()> {
    let project: domain::ProjectId = "stamps".parse()?;
    let Some(token) = backends.releases.lock(&project, Duration::from_mins(1)).await? else { return Ok(()) };
    for commit in ["1", "2"] {
        let row = ReleaseRow {
            id: uuid::Uuid::new_v4().to_string().parse()?,
            project: project.clone(),
            commit: commit.repeat(40),
            restores: None,
            manifest: None,
            ending: Ending::Live,
            answers: Vec::new(),
            at: backends.clock.now(),
        };
        backends.releases.record(&token, &row).await?;
    }
    Ok(backends.releases.unlock(&project, &token).await?)
}

/// Tells again and again what an agent would be doing.
fn tell(backends: Backends, thread: domain::ThreadId) {
    tokio::spawn(async move {
        let tool = |verb: &str, target: &str| ProgressEvent::Tool {
            verb: verb.to_owned(),
            target: target.to_owned(),
        };
        let text = |text: &str| ProgressEvent::Text { text: text.to_owned() };
        loop {
            for event in [
                tool("reading", "src/pages/index.astro"),
                tool("reading", "src/layouts/Page.astro"),
                text("The menu stands in the layout, so I add the new page there. "),
                tool("writing", "src/pages/prices.astro"),
                text("The prices page uses the same table as the opening hours."),
                tool("editing", "src/layouts/Page.astro"),
            ] {
                backends.progress.publish(&thread, event);
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
        }
    });
}
