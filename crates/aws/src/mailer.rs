//! Mail out by SES.

use crate::connect::Clients;
use crate::fault::fault;
use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use ports::mailer::Mail;
use ports::{ErrorKind, Mailer, PortError, Result};

/// The tag that carries the mail's key, by which SES's events name it.
const KEY_TAG: &str = "webordinary-key";
/// Longest value of a tag, in characters.
const TAG_MAX: usize = 256;
/// The region whose mails do not name it.
const NAMELESS_REGION: &str = "us-east-1";

/// Hands mail to SES.
pub struct SesMailer {
    client: Client,
    /// What follows the `@` of a Message-ID that SES gives.
    domain: String,
    configuration_set: Option<String>,
}

impl SesMailer {
    /// A mailer by these clients. The configuration set, if there is one, says where SES sends its events.
    pub fn new(clients: &Clients, configuration_set: Option<String>) -> Self {
        let config = clients.ses.config();
        let domain = match config.region().map(AsRef::as_ref) {
            None | Some(NAMELESS_REGION) => "email.amazonses.com".to_owned(),
            Some(region) => format!("{region}.amazonses.com"),
        };
        // SES knows no idempotency key: to repeat a send of unknown fate is the outbox's decision, not the SDK's.
        let config = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), domain, configuration_set }
    }
}

#[async_trait]
impl Mailer for SesMailer {
    /// One attempt. `Transient` also when nobody knows whether SES took the mail.
    async fn send(&self, mail: Mail<'_>) -> Result<Option<String>> {
        let invalid =
            |error| PortError::new(ErrorKind::Malformed, format_args!("mail {}: {error}", mail.key));
        let raw = RawMessage::builder().data(Blob::new(mail.raw)).build().map_err(invalid)?;
        let tag = MessageTag::builder().name(KEY_TAG).value(tag_value(mail.key)).build().map_err(invalid)?;
        let sent = self
            .client
            .send_email()
            .from_email_address(mail.from)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .content(EmailContent::builder().raw(raw).build())
            .email_tags(tag)
            .set_configuration_set_name(self.configuration_set.clone())
            .send()
            .await;
        let id = sent.map_err(|error| refused(mail.key, &error))?.message_id.unwrap_or_default();
        Ok(wire_id(&id, &self.domain))
    }

    /// Asks for the account, which SES answers once a second at most.
    async fn ready(&self) -> Result<()> {
        let account = self.client.get_account().send().await;
        let account = account.map_err(|error| fault("the account at SES", &error))?;
        if account.sending_enabled {
            return Ok(());
        }
        let says = account.enforcement_status.unwrap_or_else(|| "no reason is given".to_owned());
        Err(PortError::new(ErrorKind::Denied, format_args!("SES does not let this account send: {says}")))
    }
}

fn refused(key: &str, error: &SdkError<SendEmailError>) -> PortError {
    let means = fault(format_args!("mail {key}"), error);
    // An operator has to act; until then every mail would be refused.
    let denied = error.as_service_error().is_some_and(|error| {
        error.is_account_suspended_exception() || error.is_mail_from_domain_not_verified_exception()
    });
    if denied { PortError::new(ErrorKind::Denied, means) } else { means }
}

/// The Message-ID that a mail has on the wire, from what SES answers.
fn wire_id(id: &str, domain: &str) -> Option<String> {
    match id.trim_matches(['<', '>']) {
        "" => None,
        id if id.contains('@') => Some(id.to_owned()),
        id => Some(format!("{id}@{domain}")),
    }
}

/// A key in the characters that a tag may have.
fn tag_value(key: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let value: String = key.chars().take(TAG_MAX).map(allowed).collect();
    if value.is_empty() { "none".to_owned() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_given_as_it_is_on_the_wire() {
        let id = "010101922c-0000";
        assert_eq!(
            wire_id(id, "us-west-2.amazonses.com").unwrap(),
            "010101922c-0000@us-west-2.amazonses.com"
        );
        assert_eq!(wire_id("<a@b>", "c").unwrap(), "a@b");
        assert_eq!(wire_id("", "c"), None);
    }

    #[test]
    fn a_key_becomes_a_tag() {
        assert_eq!(tag_value("0192-ab/answer é"), "0192-ab_answer__");
        assert_eq!(tag_value(&"k".repeat(300)).len(), TAG_MAX);
        assert_eq!(tag_value(""), "none");
    }
}
