//! Secrets in Secrets Manager, kept in memory for some minutes, since each look is paid for.

use crate::fault::fault;
use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use ports::secrets::check_secret_name;
use ports::{ErrorKind, PortError, Result, Secret, Secrets};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a secret is believed.
const KEPT: Duration = Duration::from_mins(5);
/// How long it is believed that there is no such secret: whoever has just made one should not wait for long.
const MISSED: Duration = Duration::from_secs(30);

/// The secrets of the account and region. Give it the names of the product's own only: whoever may ask this, gets them.
pub struct SecretsManager {
    client: Client,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone)]
struct Known {
    /// `None` when there was no such secret.
    secret: Option<Secret>,
    until: Instant,
}

impl SecretsManager {
    /// The secrets that `client` may read.
    pub fn new(client: Client) -> Self {
        Self { client, known: Mutex::default() }
    }

    fn known(&self, name: &str) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|found| found.until > Instant::now()).cloned()
    }

    fn keep(&self, name: &str, secret: Option<Secret>) -> Known {
        let until = Instant::now() + if secret.is_some() { KEPT } else { MISSED };
        let found = Known { secret, until };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, found| found.until > Instant::now());
        known.insert(name.to_owned(), found.clone());
        found
    }

    async fn ask(&self, name: &str) -> Result<Option<Secret>> {
        let answer = match self.client.get_secret_value().secret_id(name).send().await {
            Ok(answer) => answer,
            Err(err) => {
                let err = fault(format_args!("the secret {name}"), &err);
                return if err.kind() == ErrorKind::NotFound { Ok(None) } else { Err(err) };
            }
        };
        let bytes = match (answer.secret_string, answer.secret_binary) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(bytes)) => bytes.into_inner(),
            (None, None) => return Ok(None),
        };
        Ok(Some(Secret::new(bytes)))
    }
}

#[async_trait]
impl Secrets for SecretsManager {
    async fn get(&self, name: &str) -> Result<Secret> {
        check_secret_name(name)?;
        let known = match self.known(name) {
            Some(known) => known,
            None => self.keep(name, self.ask(name).await?),
        };
        known.secret.ok_or_else(|| PortError::new(ErrorKind::NotFound, format!("there is no secret {name}")))
    }
}
