//! Who wrote a mail, whether that may be believed, and what is wanted. Pure.
//!
//! On a loopback door the sender is the machine's own user, so the From address is taken at its word; mail from anywhere
//! else counts for nothing before its sender is proven.

use crate::authenticity::{Authenticity, Why};
use domain::message::Kind;
use domain::project::{Editor, Project};
use email::{Inbound, Ours, Silence, Words};
use intent::Intent;

/// The mailbox that every project listens on.
pub const MAILBOX: &str = "edit";
/// The value of the header by which our own mail is known.
pub const LOOP_HEADER: &str = "hermes";
/// Longest instruction, in bytes.
pub const INSTRUCTION_MAX: usize = 200 * 1024;

/// What becomes of a mail.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is worked on.
    Accepted(Box<Order>),
    /// Its author is told why not.
    Refused(Refusal),
    /// It is met with silence.
    Ignored(Silence),
    /// Nobody knows who wrote it: it is kept, and neither worked on nor answered.
    Held(Why),
}

/// What an accepted mail asks for.
#[derive(Clone, Debug)]
pub struct Order {
    /// The project.
    pub project: Project,
    /// The author.
    pub editor: Editor,
    /// What is wanted.
    pub kind: Kind,
    /// The author's own words, and what was cut from them.
    pub words: Words,
}

/// Why a mail is refused, in words for its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody knows the author.
    #[error(
        "This address takes instructions only from the people who look after the site. Ask its owner to add you."
    )]
    UnknownSender,
    /// No project has this address.
    #[error("There is no site at this address. Check the part after the @.")]
    UnknownProject,
    /// The project has another mailbox.
    #[error("Nobody reads mail at this address. Write to edit@ and the name of the site.")]
    UnknownMailbox,
    /// There is nothing in it.
    #[error("This mail has no words and no attachment. Write in a sentence what should change.")]
    Empty,
    /// A reviewer's instruction.
    #[error("You can look at previews of this site, but not change it. Ask its owner to make you an editor.")]
    NotAnEditor,
    /// An editor's publish.
    #[error(
        "Only the site's owner can publish or take back. Your changes are kept; ask the owner to reply \"publish\"."
    )]
    NotTheOwner,
    /// Longer than an instruction can be.
    #[error("This message is longer than 200 KB of text. Send the long part as an attachment.")]
    TooLong,
}

impl Refusal {
    /// A short name, as keys carry it.
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownSender => "unknown-sender",
            Self::UnknownProject => "unknown-project",
            Self::UnknownMailbox => "unknown-mailbox",
            Self::Empty => "empty",
            Self::NotAnEditor => "not-an-editor",
            Self::NotTheOwner => "not-the-owner",
            Self::TooLong => "too-long",
        }
    }
}

/// Judges a parsed mail for `project`; `None` when no project has the address it came to.
pub fn judge(
    mail: &Inbound,
    envelope_from: &str,
    authenticity: Authenticity,
    project: Option<&Project>,
) -> Verdict {
    let domains = project.map(|p| p.mail_domain.clone()).into_iter().collect();
    let ours = Ours { domains, mailbox: MAILBOX.to_owned(), header: LOOP_HEADER.to_owned() };
    if let Some(silence) = email::guard(mail, Some(envelope_from), &ours) {
        return Verdict::Ignored(silence);
    }
    if let Authenticity::Unproven(why) = authenticity {
        return Verdict::Held(why);
    }
    let Some(project) = project else { return Verdict::Refused(Refusal::UnknownProject) };
    let Some(editor) = project.editor(&mail.from.address) else {
        return Verdict::Refused(Refusal::UnknownSender);
    };
    let words = email::own_words(mail);
    if words.text.len() > INSTRUCTION_MAX {
        return Verdict::Refused(Refusal::TooLong);
    }
    match kind_of(&words.text, &names_of(mail), email::meant_attachments(mail).len()) {
        Err(refusal) => Verdict::Refused(refusal),
        Ok(kind) => match allowed(editor, kind) {
            Err(refusal) => Verdict::Refused(refusal),
            Ok(()) => Verdict::Accepted(Box::new(Order {
                project: project.clone(),
                editor: editor.clone(),
                kind,
                words,
            })),
        },
    }
}

/// What the author may sign with: the display name, and the address before its `@`.
fn names_of(mail: &Inbound) -> String {
    let local = mail.from.address.split('@').next().unwrap_or_default();
    format!("{} {}", mail.from.name, local.replace(['.', '_', '-', '+'], " ")).trim().to_owned()
}

/// What `text` asks for. Without words, attachments alone are an instruction.
pub fn kind_of(text: &str, author_name: &str, attachments: usize) -> Result<Kind, Refusal> {
    match intent::intent_by(text, author_name) {
        Intent::Publish => Ok(Kind::Publish),
        Intent::Rollback => Ok(Kind::Rollback),
        Intent::Cancel => Ok(Kind::Cancel),
        Intent::Undo(_) => Ok(Kind::Undo),
        Intent::Instruct => Ok(Kind::Instruct),
        Intent::Empty if attachments > 0 => Ok(Kind::Instruct),
        Intent::Empty => Err(Refusal::Empty),
    }
}

/// Whether the editor's role reaches that far.
pub fn allowed(editor: &Editor, kind: Kind) -> Result<(), Refusal> {
    match kind {
        _ if !editor.role.may_instruct() => Err(Refusal::NotAnEditor),
        kind if kind.changes_production() && !editor.role.may_publish() => Err(Refusal::NotTheOwner),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticity::How;
    use domain::UserId;
    use domain::project::Role;

    fn project() -> Project {
        let editor = |address: &str, role| Editor {
            address: address.to_owned(),
            user_id: UserId::of_address(address),
            role,
        };
        Project {
            project_id: "demo".parse().unwrap(),
            client_id: "local".parse().unwrap(),
            mail_domain: "demo.localhost".to_owned(),
            repository: "/r".to_owned(),
            default_branch: "main".to_owned(),
            site_url: "http://demo.localhost".to_owned(),
            editors: vec![
                editor("owner@demo.localhost", Role::Owner),
                editor("ed@x.org", Role::Editor),
                editor("rev@x.org", Role::Reviewer),
            ],
        }
    }

    fn verdict(from: &str, headers: &str, body: &str) -> String {
        verdict_of(from, headers, body, Authenticity::LocalDoor)
    }

    fn verdict_of(from: &str, headers: &str, body: &str, authenticity: Authenticity) -> String {
        let raw = format!("From: {from}\r\nTo: edit@demo.localhost\r\nSubject: x\r\n{headers}\r\n{body}");
        match judge(&Inbound::parse(raw.as_bytes()).unwrap(), from, authenticity, Some(&project())) {
            Verdict::Accepted(order) => format!("{:?}", order.kind),
            Verdict::Refused(refusal) => format!("{refusal:?}"),
            Verdict::Ignored(silence) => silence.as_str().to_owned(),
            Verdict::Held(why) => format!("held: {why:?}"),
        }
    }

    #[test]
    fn nobody_is_taken_at_their_word() {
        let unproven = Authenticity::Unproven(Why::NotAligned);
        let owner = "owner@demo.localhost";
        assert_eq!(verdict_of(owner, "", "Make it blue", Authenticity::Proven(How::Dmarc)), "Instruct");
        assert_eq!(verdict_of(owner, "", "publish", unproven), "held: NotAligned");
        assert_eq!(verdict_of("stranger@x.org", "", "Hi", unproven), "held: NotAligned");
        assert_eq!(verdict_of(owner, "Auto-Submitted: auto-replied\r\n", "Away", unproven), "auto-reply");
    }

    #[test]
    fn what_becomes_of_a_mail() {
        for (from, headers, body, want) in [
            ("owner@demo.localhost", "", "Make the title blue", "Instruct"),
            ("Owner@Demo.Localhost", "", "publish", "Publish"),
            ("owner@demo.localhost", "", "don't publish yet", "Instruct"),
            ("owner@demo.localhost", "", "take it back", "Rollback"),
            ("owner@demo.localhost", "", "never mind", "Cancel"),
            ("owner@demo.localhost", "", "undo the last two", "Undo"),
            ("ed@x.org", "", "go back to Tuesday's version", "Undo"),
            ("rev@x.org", "", "stop", "NotAnEditor"),
            ("owner@demo.localhost", "", "   \r\n", "Empty"),
            ("ed@x.org", "", "Make the title blue", "Instruct"),
            ("ed@x.org", "", "publish", "NotTheOwner"),
            ("rev@x.org", "", "Make the title blue", "NotAnEditor"),
            ("stranger@x.org", "", "Make the title blue", "UnknownSender"),
            ("stranger@x.org", "Auto-Submitted: auto-replied\r\n", "I am away", "auto-reply"),
            ("edit@demo.localhost", "", "Make the title blue", "our-own-mail"),
        ] {
            assert_eq!(verdict(from, headers, body), want, "{from} {headers} {body}");
        }
    }
}
