//! What SES does with mail that goes out: it gives it another Message-ID, and delivers it. The stand-in parses a mail and
//! forgets its headers, so that this listens in its place.

use crate::Received;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::BASE64;
use email::Inbound;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A mail that went out.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What makes two sends the same mail, as its tag says.
    pub key: String,
    /// The mail as its recipient gets it, under SES' Message-ID.
    pub mail: Received,
}

impl Sent {
    /// Whether this is what came of a message, and not only the word that it has arrived.
    pub fn is_result(&self) -> bool {
        self.key.ends_with("result")
    }
}

/// SES' way out.
#[derive(Clone, Default)]
pub struct Ses(Arc<Mutex<Vec<Sent>>>);

impl Ses {
    /// Listens until `stop`; returns the address beside it.
    ///
    /// # Panics
    /// Without a free port.
    pub async fn listen(stop: &CancellationToken) -> (Self, String) {
        let ses = Self::default();
        let router = Router::new()
            .route("/v2/email/outbound-emails", post(send))
            .route("/v2/email/account", get(account))
            .with_state(ses.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = stop.clone();
        tokio::spawn(
            async move { stop.run_until_cancelled(axum::serve(listener, router).into_future()).await },
        );
        (ses, format!("http://{address}"))
    }

    /// The mails that are wanted, oldest first.
    pub fn sent(&self, wanted: impl Fn(&Sent) -> bool) -> Vec<Sent> {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().filter(|sent| wanted(sent)).cloned().collect()
    }

    /// How many of the mails are such.
    pub fn count(&self, such: impl Fn(&Sent) -> bool) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|sent| such(sent)).count()
    }
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html>
async fn account() -> Json<Value> {
    Json(json!({ "SendingEnabled": true, "ProductionAccessEnabled": true, "EnforcementStatus": "HEALTHY" }))
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>
async fn send(State(ses): State<Ses>, Json(asked): Json<Value>) -> Json<Value> {
    let id = format!("0101{}-000000", uuid::Uuid::new_v4());
    let raw = asked["Content"]["Raw"]["Data"].as_str().unwrap_or_default();
    let raw = BASE64.decode(raw.as_bytes()).expect("base64");
    let text = String::from_utf8_lossy(&raw);
    let own = |line: &&str| !line.to_ascii_lowercase().starts_with("message-id:");
    let kept: Vec<&str> = text.split("\r\n").filter(own).collect();
    let wire = format!("Message-ID: <{id}@us-west-2.amazonses.com>\r\n{}", kept.join("\r\n"));
    let mail = Received { mail: Inbound::parse(wire.as_bytes()).expect("a mail") };
    let mut tags = asked["EmailTags"].as_array().into_iter().flatten();
    let key = tags.find_map(|tag| tag["Value"].as_str()).unwrap_or_default().to_owned();
    ses.0.lock().unwrap_or_else(PoisonError::into_inner).push(Sent { key, mail });
    Json(json!({ "MessageId": id }))
}
