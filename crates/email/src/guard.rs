//! Which mails are never worked on and never answered: bounces, automatic replies, our own.

use crate::parse::Inbound;

/// More Received lines than this are a loop.
const RECEIVED_MAX: usize = 50;

/// What is ours: used to see our own mail come back.
#[derive(Clone, Debug)]
pub struct Ours {
    /// Domains whose projects we serve; their subdomains count too.
    pub domains: Vec<String>,
    /// The name before the `@` (and before a `+`) that we send from, such as `edit`.
    pub mailbox: String,
    /// The value of our X-WebOrdinary header.
    pub header: String,
}

/// Why a mail is met with silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silence {
    /// A delivery report, or a mail from the empty sender or a mailer daemon.
    Bounce,
    /// Written by a program in answer to a mail (RFC 3834), or a mass mailing.
    AutoReply,
    /// One of our own mails came back.
    OurOwn,
    /// Too many relays: a loop.
    Loop,
}

impl Silence {
    /// A short name for logs and for the operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::AutoReply => "auto-reply",
            Self::OurOwn => "our-own-mail",
            Self::Loop => "mail-loop",
        }
    }
}

/// Why this mail gets neither work nor an answer, or `None`. `envelope_from` is SMTP's MAIL FROM, without
/// brackets; the empty one is a bounce's.
pub fn guard(mail: &Inbound, envelope_from: Option<&str>, ours: &Ours) -> Option<Silence> {
    if mail.headers.received > RECEIVED_MAX {
        return Some(Silence::Loop);
    }
    if is_ours(mail, ours) {
        return Some(Silence::OurOwn);
    }
    if is_bounce(mail, envelope_from) {
        return Some(Silence::Bounce);
    }
    is_automatic(mail).then_some(Silence::AutoReply)
}

/// Whether an answer that nobody asked for would reach no person: the mail is of a list or a newsletter, or from an address
/// that programs send from (RFC 3834, section 2). Such mail may be worked on, but is not told why it is not.
pub fn is_unattended(mail: &Inbound, envelope_from: &str) -> bool {
    let headers = &mail.headers;
    let of_a_list = ["list-id", "list-unsubscribe", "list-post", "mailing-list", "feedback-id"];
    let by = [mail.from.address.as_str(), envelope_from];
    of_a_list.iter().any(|name| headers.get(name).is_some())
        || envelope_from.trim_matches(['<', '>', ' ']).is_empty()
        || by.iter().any(|address| is_of_a_program(address))
}

fn is_of_a_program(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let bare: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    let silent = ["noreply", "donotreply", "noresponse", "mailerdaemon", "bounce", "unsubscribe"];
    let daemons =
        ["postmaster", "listserv", "majordomo", "listproc", "root", "nobody", "daemon", "notifications"];
    local.starts_with("owner-")
        || local.ends_with("-owner")
        || local.ends_with("-request")
        || silent.iter().any(|word| bare.starts_with(word) || bare.ends_with(word))
        || daemons.contains(&local.as_str())
}

fn is_ours(mail: &Inbound, ours: &Ours) -> bool {
    let (local, domain) = mail.from.address.rsplit_once('@').unwrap_or_default();
    let mailbox = local.split('+').next().unwrap_or_default();
    let served = ours.domains.iter().any(|own| {
        let rest = domain.strip_suffix(own.to_ascii_lowercase().as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    let marked = |name| mail.headers.all(name).any(|value| value == ours.header);
    (served && mailbox.eq_ignore_ascii_case(&ours.mailbox)) || marked("x-webordinary") || marked("x-loop")
}

fn is_bounce(mail: &Inbound, envelope_from: Option<&str>) -> bool {
    let local = mail.from.address.split('@').next().unwrap_or_default();
    envelope_from.is_some_and(|from| from.trim().is_empty())
        || mail.headers.delivery_report
        || mail.headers.get("return-path").is_some_and(|path| path == "<>")
        || mail.headers.get("x-failed-recipients").is_some()
        || matches!(local, "mailer-daemon" | "mailerdaemon" | "postmaster-daemon")
}

fn is_automatic(mail: &Inbound) -> bool {
    let headers = &mail.headers;
    let auto_submitted = headers.get("auto-submitted").is_some_and(|value| {
        !without_comments(value).split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("no")
    });
    let flagged = ["x-autoreply", "x-autorespond", "x-autoresponder"].iter().any(|name| {
        headers
            .get(name)
            .is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "no" | "false" | "0"))
    });
    let precedence = headers.get("precedence").map(str::to_ascii_lowercase);
    let mass = precedence
        .is_some_and(|p| matches!(p.as_str(), "auto_reply" | "auto-reply" | "bulk" | "junk" | "list"));
    auto_submitted || flagged || mass || headers.get("x-loop").is_some() || headers.get("list-id").is_some()
}

/// Header comments stand in parentheses and nest.
fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Ours {
        Ours { domains: vec!["localhost".into()], mailbox: "edit".into(), header: "sent".into() }
    }

    fn silence(headers: &str, envelope_from: Option<&str>) -> Option<Silence> {
        let raw = format!("From: Ann <ann@example.com>\r\nSubject: Hi\r\n{headers}\r\nhello\r\n");
        let ours = ours();
        guard(&Inbound::parse(raw.as_bytes()).unwrap(), envelope_from, &ours)
    }

    #[test]
    fn people_are_answered() {
        for headers in [
            "",
            "Auto-Submitted: no\r\n",
            "Auto-Submitted: NO (a person; really)\r\n",
            "Auto-Submitted: no; owner=ann\r\n",
            "X-Auto-Response-Suppress: All\r\n",
            "Precedence: normal\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n",
            "Content-Type: message/rfc822\r\n",
            "List-Unsubscribe: <mailto:x@y.z>\r\n",
            "X-WebOrdinary: something of somebody else\r\n",
        ] {
            assert_eq!(silence(headers, Some("ann@example.com")), None, "{headers}");
        }
    }

    #[test]
    fn programs_are_not() {
        use Silence::{AutoReply, Bounce, Loop, OurOwn};
        let loops = "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n".repeat(51);
        for (headers, envelope_from, why) in [
            ("", Some(""), Bounce),
            ("Return-Path: <>\r\n", None, Bounce),
            ("X-Failed-Recipients: a@b.c\r\n", None, Bounce),
            ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", None, Bounce),
            ("Auto-Submitted: auto-replied\r\n", None, AutoReply),
            ("auto-submitted: (x) Auto-Generated; a=b\r\n", None, AutoReply),
            ("X-Autoreply: yes\r\n", None, AutoReply),
            ("X-Autorespond: Out of office\r\n", None, AutoReply),
            ("Precedence: Bulk\r\n", None, AutoReply),
            ("Precedence: auto_reply\r\n", None, AutoReply),
            ("X-Loop: somebody\r\n", None, AutoReply),
            ("X-WebOrdinary: sent\r\n", None, OurOwn),
            (loops.as_str(), None, Loop),
        ] {
            assert_eq!(silence(headers, envelope_from), Some(why), "{headers}");
        }
    }

    #[test]
    fn programs_and_lists_are_not_told_why_they_are_refused() {
        let unattended = |from: &str, headers: &str, envelope_from: &str| {
            let raw = format!("From: {from}\r\n{headers}\r\nhello\r\n");
            is_unattended(&Inbound::parse(raw.as_bytes()).unwrap(), envelope_from)
        };
        let ann = "ann@example.com";
        for (from, headers, envelope_from) in [
            (ann, "List-Unsubscribe: <mailto:x@y.z>\r\n", ann),
            (ann, "List-Id: <x.y.z>\r\n", ann),
            (ann, "", "<>"),
            (ann, "", ""),
            (ann, "", "bounces+12-34=x.y@mail.example.com"),
            (ann, "", "owner-friends@example.com"),
            ("No-Reply@example.com", "", ann),
            ("do_not_reply@example.com", "", ann),
            ("orders-noreply@example.com", "", ann),
            ("friends-request@example.com", "", ann),
            ("postmaster@example.com", "", ann),
        ] {
            assert!(unattended(from, headers, envelope_from), "{from} {headers} {envelope_from}");
        }
        for from in [ann, "rootbeer@example.com", "norbert.reply@example.com", "owner@example.com"] {
            assert!(!unattended(from, "", from), "{from}");
        }
    }

    #[test]
    fn our_own_address_and_a_daemon_are_seen_by_from() {
        let ours = ours();
        let from = |from: &str| {
            let raw = format!("From: {from}\r\n\r\nhello");
            guard(&Inbound::parse(raw.as_bytes()).unwrap(), None, &ours)
        };
        assert_eq!(from("Edit@Demo.Localhost"), Some(Silence::OurOwn));
        assert_eq!(from("Stamps <edit+token@stamps.localhost>"), Some(Silence::OurOwn));
        assert_eq!(from("owner@demo.localhost"), None);
        assert_eq!(from("edit@notlocalhost"), None);
        assert_eq!(from("MAILER-DAEMON@mx.example.com"), Some(Silence::Bounce));
    }
}
