//! Who asks, and what they may see.

use super::config::CookieMode;
use super::fault::{ApiFault, Fault, PageFault};
use super::state::App;
use super::tokens::{same, token_hash};
use axum::extract::FromRequestParts;
use domain::project::{Project, Role};
use domain::{ThreadId, UserId};
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use ports::sign_in::{Identity, TokenUse};
use ports::threads::Thread;
use ports::{ErrorKind, PortError};
use std::time::Duration;

/// How long a signed-in browser stays signed in.
pub(crate) const SESSION_LIFE: Duration = Duration::from_hours(720);

/// Somebody who may talk about a project now.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) identity: Identity,
    pub(crate) project: Project,
    pub(crate) role: Role,
    /// The hash of the token that they are signed in by; `None` when the operator stands in.
    session: Option<String>,
}

impl Person {
    /// The person who is signed in by the token of this hash, while the project knows them.
    async fn signed_in(app: &App, hash: String) -> Result<Option<Self>, PortError> {
        let Some(identity) = app.backends.sign_ins.look_up(&hash, TokenUse::Session).await? else {
            return Ok(None);
        };
        let project = match app.backends.projects.get(&identity.project).await {
            Ok(project) => project,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
            Err(err) => return Err(err),
        };
        let Some(role) = project.editor_by_id(&identity.user).map(|editor| editor.role) else {
            return Ok(None);
        };
        Ok(Some(Self { identity, project, role, session: Some(hash) }))
    }

    /// The same person as things are now; `None` when they may see the project no more.
    pub(crate) async fn again(&self, app: &App) -> Result<Option<Self>, PortError> {
        match &self.session {
            Some(hash) => Self::signed_in(app, hash.clone()).await,
            None => Ok(Some(self.clone())),
        }
    }

    /// A thread of the person's project; every editor of a project sees its threads, and nobody else does.
    pub(crate) async fn thread(&self, app: &App, id: &str) -> Result<Thread, Fault> {
        let id: ThreadId = id.parse().map_err(|_| Fault::NotFound)?;
        let thread = app.backends.threads.get(&id).await?;
        if thread.pair.project_id == self.project.project_id
            && thread.pair.client_id == self.project.client_id
        {
            Ok(thread)
        } else {
            Err(Fault::NotFound)
        }
    }

    /// Counts a request that acts.
    pub(crate) fn acts(&self, app: &App) -> Result<(), Fault> {
        let allowed = app.limits.write(&self.identity.user, app.backends.clock.now());
        if allowed { Ok(()) } else { Err(Fault::TooOften) }
    }
}

/// Pages: the cookie says who.
impl FromRequestParts<App> for Person {
    type Rejection = PageFault;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageFault> {
        let token = cookie(&parts.headers, app).ok_or(Fault::NotSignedIn)?;
        Ok(Self::signed_in(app, token_hash(&token)).await?.ok_or(Fault::NotSignedIn)?)
    }
}

/// Who calls the API.
pub(crate) enum Caller {
    /// An editor of a project.
    Person(Box<Person>),
    /// The operator, who may act for anyone.
    Operator,
}

/// The API: a bearer token, or the cookie.
impl FromRequestParts<App> for Caller {
    type Rejection = ApiFault;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiFault> {
        let token = if parts.headers.contains_key(AUTHORIZATION) {
            let bearer = bearer(&parts.headers).ok_or(Fault::NotSignedIn)?;
            if same(&token_hash(&bearer), &app.config.operator_token_hash) {
                return Ok(Self::Operator);
            }
            bearer
        } else {
            cookie(&parts.headers, app).ok_or(Fault::NotSignedIn)?
        };
        let person = Person::signed_in(app, token_hash(&token)).await?.ok_or(Fault::NotSignedIn)?;
        Ok(Self::Person(Box::new(person)))
    }
}

impl Caller {
    /// A thread, and the person who acts in it: the caller, or for the operator the one who began it.
    pub(crate) async fn thread(self, app: &App, id: &str) -> Result<(Person, Thread), Fault> {
        match self {
            Self::Person(person) => {
                let thread = person.thread(app, id).await?;
                Ok((*person, thread))
            }
            Self::Operator => {
                let id: ThreadId = id.parse().map_err(|_| Fault::NotFound)?;
                let thread = app.backends.threads.get(&id).await?;
                let project = app.backends.projects.get(&thread.pair.project_id).await?;
                Ok((stand_in(project, &thread.pair.user_id)?, thread))
            }
        }
    }

    /// Refuses everybody but the operator.
    pub(crate) fn operator(&self) -> Result<(), Fault> {
        match self {
            Self::Operator => Ok(()),
            Self::Person(_) => {
                Err(Fault::Forbidden("Only the operator of this installation may do this.".to_owned()))
            }
        }
    }
}

/// The operator, acting as an editor of the project.
pub(crate) fn stand_in(project: Project, user: &UserId) -> Result<Person, Fault> {
    let editor = project.editor_by_id(user).ok_or(Fault::NotFound)?;
    let identity = Identity {
        user: editor.user_id.clone(),
        address: editor.address.clone(),
        project: project.project_id.clone(),
    };
    let role = editor.role;
    Ok(Person { identity, project, role, session: None })
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The cookie's name.
fn cookie_name(mode: CookieMode) -> &'static str {
    match mode {
        CookieMode::Secure => "__Host-webordinary",
        CookieMode::Plain => "webordinary",
    }
}

/// The session token that the browser sent.
pub(crate) fn cookie(headers: &HeaderMap, app: &App) -> Option<String> {
    let name = cookie_name(app.config.secure_cookies);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The `Set-Cookie` that signs a browser in for `life`; out, when it is zero. `Lax`, so that a link in a mail opens signed in.
pub(crate) fn set_cookie(mode: CookieMode, token: &str, life: Duration) -> HeaderValue {
    let secure = match mode {
        CookieMode::Secure => "; Secure",
        CookieMode::Plain => "",
    };
    let text = format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        cookie_name(mode),
        life.as_secs()
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_out_of_reach_for_scripts_and_other_hosts() {
        let secure = set_cookie(CookieMode::Secure, "t", SESSION_LIFE);
        assert_eq!(secure, "__Host-webordinary=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure");
        let plain = set_cookie(CookieMode::Plain, "t", Duration::ZERO);
        assert_eq!(plain, "webordinary=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn a_bearer_token_is_read_whatever_the_case_of_its_scheme() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer abc"));
        assert_eq!(bearer(&headers).as_deref(), Some("abc"));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(bearer(&headers), None);
    }
}
