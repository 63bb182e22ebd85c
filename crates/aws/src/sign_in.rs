//! Sign-in tokens in DynamoDB, by the hash of each. Expired rows count as gone before DynamoDB removes them.

use crate::fault::fault;
use crate::item::{Item, Read, expiry, item, s, t};
use crate::store::{Store, values};
use crate::write;
use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::names::TOKENS_TABLE;
use ports::sign_in::{Identity, TokenUse};
use ports::{Result, SignIns};
use std::time::Duration;

/// The register of tokens.
pub(crate) struct DynamoSignIns(pub(crate) Store);

fn key(hash: &str, used_for: TokenUse) -> Item {
    item([("token", s(format!("{} {hash}", used_for.word())))])
}

#[async_trait]
impl SignIns for DynamoSignIns {
    async fn issue(&self, hash: &str, used_for: TokenUse, identity: &Identity, life: Duration) -> Result<()> {
        let until = self.0.now().plus(life);
        let mut row = key(hash, used_for);
        row.extend(item([
            ("user", s(identity.user.as_str())),
            ("address", s(&identity.address)),
            ("project", s(identity.project.as_str())),
            ("until", t(until)),
            ("expiresAt", expiry(until)),
        ]));
        let put = self.0.db.put_item().table_name(TOKENS_TABLE).set_item(Some(row)).send().await;
        put.map(|_| ()).map_err(|error| fault("keeping a token", &error))
    }

    async fn look_up(&self, hash: &str, used_for: TokenUse) -> Result<Option<Identity>> {
        let Some(row) = self.0.get(TOKENS_TABLE, key(hash, used_for)).await? else { return Ok(None) };
        if row.time("until")? <= self.0.now() {
            return Ok(None);
        }
        identity(&row).map(Some)
    }

    async fn spend(&self, hash: &str) -> Result<Option<Identity>> {
        let good = "attribute_exists(#token) AND #until > :now";
        let spent = self
            .0
            .db
            .delete_item()
            .table_name(TOKENS_TABLE)
            .set_key(Some(key(hash, TokenUse::Link)))
            .condition_expression(good)
            .set_expression_attribute_names(write::names(good))
            .set_expression_attribute_values(Some(values([(":now", t(self.0.now()))])))
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        match spent {
            Ok(spent) => spent.attributes.as_ref().map(identity).transpose(),
            Err(error) => match error.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Ok(None),
                _ => Err(fault("spending a token", &error)),
            },
        }
    }

    async fn revoke(&self, hash: &str) -> Result<()> {
        let key = key(hash, TokenUse::Session);
        let gone = self.0.db.delete_item().table_name(TOKENS_TABLE).set_key(Some(key)).send().await;
        gone.map(|_| ()).map_err(|error| fault("revoking a token", &error))
    }
}

fn identity(row: &Item) -> Result<Identity> {
    Ok(Identity {
        user: row.id("user")?,
        address: row.text("address")?.to_owned(),
        project: row.id("project")?,
    })
}
