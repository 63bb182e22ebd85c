//! The operator: a Hermes, here or elsewhere, and the right to tell it what to do. Commands need not know which it is.

use crate::data::DataDir;
use crate::hermes_url::{HermesUrl, OPERATOR_TOKEN, operator_token};
use crate::ready::Ready;
use anyhow::{Context, bail};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take: hundreds of dead letters are handled one by one.
const ANSWER: Duration = Duration::from_mins(5);

/// A Hermes that does what this says.
pub(crate) struct Operator {
    /// Scheme, host and port.
    base: String,
    token: String,
    http: Client,
    home: Home,
}

/// Where the fleet is.
enum Home {
    /// On this machine.
    Here {
        /// Its mail door, as host:port.
        door: String,
    },
    /// Somewhere that has no files of ours.
    Elsewhere,
}

impl Operator {
    /// Of the Hermes at `url`, or of the product that runs on `data`.
    pub(crate) fn of(data: &DataDir, url: Option<&HermesUrl>) -> anyhow::Result<Self> {
        // The token is for the host that was named, and for no other.
        let http =
            Client::builder().connect_timeout(CONNECT).timeout(ANSWER).redirect(redirect::Policy::none());
        if let Some(url) = url {
            let base = url.base().to_owned();
            let token = operator_token().with_context(|| {
                format!("set {OPERATOR_TOKEN} to the operator's token of the Hermes at {base}")
            })?;
            // In the clear it goes to this machine only, and to no proxy.
            let http = if url.is_plain() { http.no_proxy() } else { http };
            return Ok(Self { base, token, http: http.build()?, home: Home::Elsewhere });
        }
        let ready = Ready::read(data)?;
        let token = data.operator_token()?;
        Ok(Self { base: ready.http, token, http: http.build()?, home: Home::Here { door: ready.smtp } })
    }

    /// Where its Hermes is.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The mail door of a fleet on this machine, as host:port.
    pub(crate) fn mail_door(&self) -> Option<&str> {
        match &self.home {
            Home::Here { door } => Some(door),
            Home::Elsewhere => None,
        }
    }

    /// Asks for what is at `path`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        understood(self.send(self.request(Method::GET, path)).await?)
    }

    /// Orders what is at `path`.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
    ) -> anyhow::Result<T> {
        understood(self.send(self.request(Method::POST, path).json(body)).await?)
    }

    /// Puts something to `path` where nothing is yet.
    pub(crate) async fn put_new(&self, path: &str, body: &(impl Serialize + Sync)) -> anyhow::Result<()> {
        let request = self.request(Method::PUT, path).header("if-none-match", "*").json(body);
        self.send(request).await.map(drop)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/{path}", self.base)).bearer_auth(&self.token)
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let response = request.send().await.with_context(|| match self.home {
            Home::Here { .. } => format!("{} does not answer; is `webordinary up` still running?", self.base),
            Home::Elsewhere => format!("{} does not answer; is Hermes' count at least 1 there?", self.base),
        })?;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        if status == StatusCode::UNAUTHORIZED && matches!(self.home, Home::Elsewhere) {
            bail!("{} does not know this token; {OPERATOR_TOKEN} is another one there", self.base);
        }
        match answer["error"]["says"].as_str() {
            Some(says) => bail!("{says}"),
            None => bail!("{} answered {status}, which is not how Hermes says no", self.base),
        }
    }
}

fn understood<T: DeserializeOwned>(answer: Value) -> anyhow::Result<T> {
    serde_json::from_value(answer).context("the answer cannot be understood; is that Hermes of this version?")
}
