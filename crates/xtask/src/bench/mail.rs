//! A mail program: SMTP in, the outbox out.

use anyhow::{Context, bail, ensure};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

const OWNER: &str = "owner@demo.localhost";
const PATIENCE: Duration = Duration::from_mins(2);

/// A mail that was accepted.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) id: String,
    /// When 250 came.
    pub(crate) accepted: SystemTime,
}

/// The answer to a mail.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Where a reply goes.
    pub(crate) reply_to: String,
    /// Its text, with soft line breaks taken out.
    pub(crate) text: String,
}

/// Sends `text` from the demo's owner to `to` through the door at `smtp`.
pub(crate) fn send(smtp: &str, to: &str, text: &str) -> anyhow::Result<Sent> {
    send_from(smtp, (OWNER, to), text)
}

/// Sends `text` through the door at `smtp`.
pub(crate) fn send_from(smtp: &str, (from, to): (&str, &str), text: &str) -> anyhow::Result<Sent> {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
    let id = format!("{nanos}@bench.localhost");
    let mut stream = TcpStream::connect(smtp).context("the mail door")?;
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    expect(&mut lines, "220")?;
    for (line, code) in [
        ("EHLO bench".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        expect(&mut lines, code)?;
    }
    let mail = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: Bench\r\nMessage-ID: <{id}>\r\n\
         Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n.\r\n"
    );
    stream.write_all(mail.as_bytes())?;
    expect(&mut lines, "250")?;
    let accepted = SystemTime::now();
    stream.write_all(b"QUIT\r\n")?;
    Ok(Sent { id, accepted })
}

/// Waits for the result of `sent` in the Maildir.
pub(crate) fn result(outbox: &Path, sent: &Sent) -> anyhow::Result<Answer> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        for entry in fs::read_dir(outbox.join("new")).into_iter().flatten().flatten() {
            let Ok(mail) = fs::read_to_string(entry.path()) else { continue };
            if header(&mail, "In-Reply-To").is_some_and(|id| id.contains(&sent.id))
                && header(&mail, "Message-ID").is_some_and(|id| id.contains(".result@"))
            {
                let reply_to = header(&mail, "Reply-To").context("no Reply-To")?;
                let address = reply_to.rsplit('<').next().unwrap_or(reply_to).trim_end_matches('>');
                return Ok(Answer { reply_to: address.to_owned(), text: plain(&mail) });
            }
        }
        sleep(Duration::from_millis(20));
    }
    bail!("no result within {} s", PATIENCE.as_secs())
}

/// All results in the Maildir: the id of what each answers, when it was written, and its text.
pub(crate) fn results(outbox: &Path) -> anyhow::Result<Vec<(String, SystemTime, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(outbox.join("new")).into_iter().flatten().flatten() {
        let Ok(mail) = fs::read_to_string(entry.path()) else { continue };
        let is_result = header(&mail, "Message-ID").is_some_and(|id| id.contains(".result@"));
        if let Some(id) = header(&mail, "In-Reply-To").filter(|_| is_result) {
            let id = id.trim_matches(['<', '>']).to_owned();
            found.push((id, entry.metadata()?.modified()?, plain(&mail)));
        }
    }
    Ok(found)
}

fn expect(lines: &mut impl BufRead, code: &str) -> anyhow::Result<()> {
    loop {
        let mut line = String::new();
        ensure!(lines.read_line(&mut line)? > 0, "the door was closed");
        ensure!(line.starts_with(code), "the door said {line}");
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

fn header<'a>(mail: &'a str, name: &str) -> Option<&'a str> {
    mail.lines().take_while(|line| !line.trim().is_empty()).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The body with the line breaks of quoted-printable undone; what it escapes is left as it is.
fn plain(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}

#[cfg(test)]
mod tests {
    use super::{header, plain};

    #[test]
    fn headers_end_where_the_body_begins() {
        let mail = "To: a\nMessage-ID: <1.result@x>\n\nSubject: no\n";
        assert_eq!(header(mail, "message-id"), Some("<1.result@x>"));
        assert_eq!(header(mail, "subject"), None);
        assert_eq!(plain("http://a/sess=\nion/?a=3D1"), "http://a/session/?a=1");
    }
}
