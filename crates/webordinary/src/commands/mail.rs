//! `webordinary mail`: writes to a project as its owner would, and waits for the answer.

mod outbox;

use crate::cli::Mail;
use crate::data::DataDir;
use crate::ready::Ready;
use anyhow::{Context, bail};
use domain::Timestamp;
use email::compose::reply_subject;
use email::note::{Note, compose_note};
use outbox::{Outbox, Received};
use ports::Clock;
use ports::clock::SystemClock;
use smtp::RelayUrl;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where a mail goes when nothing is said.
const DEMO: &str = "edit@demo.localhost";
const NO_ANSWER: &str =
    "there is no answer to reply to in the outbox; leave out --reply-to-last to begin a conversation";
/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Sends the mail, prints the answers, and returns after the result.
pub(crate) async fn run(data: &DataDir, options: &Mail) -> anyhow::Result<()> {
    let ready = Ready::read(data)?;
    let outbox = Outbox::at(data.outbox());
    let letter = Letter::write(options, &outbox)?;
    let relay: RelayUrl = format!("smtp://{}", ready.smtp).parse()?;
    match smtp::send(&relay, &options.from, &letter.to, &letter.raw).await {
        Ok(_) => {}
        Err(error) => bail!("the mail was refused: {error}"),
    }
    println!("Sent to {}. Waiting for the answer …\n", letter.to);
    wait(&outbox, &letter, options).await
}

/// The mail that is sent.
struct Letter {
    id: String,
    to: String,
    raw: Vec<u8>,
}

impl Letter {
    fn write(options: &Mail, outbox: &Outbox) -> anyhow::Result<Self> {
        let last = if options.reply_to_last {
            Some(outbox.last_to(&options.from).context(NO_ANSWER)?)
        } else {
            None
        };
        let to = options.to.clone().or_else(|| last.as_ref().map(Received::reply_address));
        let to = to.unwrap_or_else(|| DEMO.to_owned());
        let id = format!("{}@webordinary-mail.localhost", uuid::Uuid::now_v7());
        let subject =
            last.as_ref().map_or_else(|| options.subject.clone(), |last| reply_subject(&last.subject));
        let files: Vec<_> = options.attach.iter().map(|path| file(path)).collect::<Result<_, _>>()?;
        let raw = compose_note(&Note {
            message_id: &id,
            date: now(),
            from: &options.from,
            to: &to,
            subject: &subject,
            text: &options.text,
            in_reply_to: last.as_ref().map(|last| last.id.as_str()),
            references: &last.as_ref().map(Received::chain).unwrap_or_default(),
            files: &files,
        });
        Ok(Self { id, to, raw })
    }
}

async fn wait(outbox: &Outbox, letter: &Letter, options: &Mail) -> anyhow::Result<()> {
    let until = Instant::now() + options.wait;
    let mut shown = Vec::new();
    while Instant::now() < until {
        for answer in outbox.answers_to(&letter.id) {
            if shown.contains(&answer.id) {
                continue;
            }
            println!("── {} ──\n{}", answer.subject, answer.text.trim_end());
            println!();
            if answer.is_result() {
                return Ok(());
            }
            shown.push(answer.id);
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!(
        "no answer within {} s; it will be in the outbox, {}, when it comes",
        options.wait.as_secs(),
        outbox.path().display()
    )
}

fn file(path: &Path) -> anyhow::Result<(String, String, Vec<u8>)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_name().map_or_else(|| "file".to_owned(), |n| n.to_string_lossy().into_owned());
    let (name, media_type) = email::attachment::name_and_type(&name, &bytes);
    Ok((name, media_type, bytes))
}

fn now() -> Timestamp {
    SystemClock.now()
}
