//! Pages: their shell, and the plain ones that only say something.

use super::assets::{PATHS, Paths};
use super::config::Rehearsal;
use super::fault::{ApiFault, Fault};
use super::state::App;
use super::who::Person;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, Uri};

/// What every page has around its content.
pub(crate) struct Shell {
    pub(crate) assets: &'static Paths,
    pub(crate) title: String,
    /// The address of who is signed in.
    pub(crate) person: Option<String>,
    /// The name of the site that is talked about.
    pub(crate) site: String,
    pub(crate) mail: bool,
    pub(crate) rehearsal: bool,
}

impl Shell {
    /// Around a page for nobody in particular.
    pub(crate) fn open(title: &str) -> Self {
        Self {
            assets: &PATHS,
            title: title.to_owned(),
            person: None,
            site: String::new(),
            mail: false,
            rehearsal: false,
        }
    }

    /// Around a page for somebody.
    pub(crate) fn of(app: &App, person: &Person, title: &str) -> Self {
        Self {
            assets: &PATHS,
            title: title.to_owned(),
            person: Some(person.identity.address.clone()),
            site: site(&person.project.site_url).to_owned(),
            mail: app.config.outbox.is_some(),
            rehearsal: app.config.rehearsal == Rehearsal::On,
        }
    }
}

/// An address of a site without its scheme.
pub(crate) fn site(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    shell: Shell,
    heading: &'a str,
    says: &'a str,
    /// A command to type, if one helps.
    command: Option<&'a str>,
    /// What that command does.
    does: &'a str,
}

/// A template as an answer.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(err) => {
            tracing::error!(error = %err, "a template failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page for a request that was not carried out.
pub(crate) fn fault(fault: &Fault) -> Response {
    let says = fault.to_string();
    let (heading, says, command) = match fault {
        Fault::NotSignedIn => (
            "Change your website in plain words",
            "You are not signed in on this browser. Open the sign-in link that you were given, which works once, or have one mailed to you.",
            Some("webordinary sign-in"),
        ),
        Fault::NotFound => ("Nothing here", says.as_str(), None),
        Fault::Forbidden(_) => ("Not allowed", says.as_str(), None),
        Fault::TooMuch(_) => ("Too much at once", says.as_str(), None),
        Fault::TooOften | Fault::TooManyStreams => ("Slow down, please", says.as_str(), None),
        Fault::BadRequest(_) | Fault::Conflict(_) | Fault::Later => {
            ("That did not work", says.as_str(), None)
        }
    };
    let does = "Or, on the machine that runs WebOrdinary, this prints one:";
    html(fault.status(), &Notice { shell: Shell::open(heading), heading, says, command, does })
}

/// The page for a sign-in link that is spent, expired or invented.
pub(crate) fn stale_link() -> Response {
    let heading = "This link has been used, or is too old";
    let notice = Notice {
        shell: Shell::open(heading),
        heading,
        says: "A sign-in link works once, and only for a while. That keeps a forwarded mail from opening your site.",
        command: Some("webordinary sign-in"),
        does: "Or, on the machine that runs WebOrdinary, this prints a new one:",
    };
    html(StatusCode::GONE, &notice)
}

/// The page for a plan that was decided, has given way to another, or whose link is too old or invented.
pub(crate) fn stale_plan() -> Response {
    let heading = "There is nothing to decide here any more";
    let says = "The plan was decided already, or the conversation has gone on. To say something new, reply to the mail.";
    html(StatusCode::GONE, &notice(heading, says))
}

/// A page that says that something was taken.
pub(crate) fn said(heading: &str, says: &str) -> Response {
    html(StatusCode::OK, &notice(heading, says))
}

fn notice<'a>(heading: &'a str, says: &'a str) -> Notice<'a> {
    Notice { shell: Shell::open(heading), heading, says, command: None, does: "" }
}

/// No such address.
pub(crate) async fn nowhere(uri: Uri) -> Response {
    answer(&uri, Fault::NotFound)
}

/// The address is there, but not for this method.
pub(crate) async fn wrong_method(uri: Uri) -> Response {
    let mut response =
        answer(&uri, Fault::BadRequest("This address does not take that kind of request.".to_owned()));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

fn answer(uri: &Uri, why: Fault) -> Response {
    if uri.path().starts_with("/hermes/") { ApiFault(why).into_response() } else { fault(&why) }
}
