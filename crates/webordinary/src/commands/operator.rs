//! Commands that ask the running product, as its operator.

use crate::cli::{Rollback, SignIn};
use crate::data::DataDir;
use crate::ready::Ready;
use anyhow::{Context, bail};
use serde_json::{Value, json};

/// Calls the API of the product that runs on `data`.
pub(crate) async fn call(data: &DataDir, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
    let ready = Ready::read(data)?;
    let url = format!("{}/{path}", ready.http);
    let client = reqwest::Client::new();
    let request = match body {
        Some(body) => client.post(&url).json(&body),
        None => client.get(&url),
    };
    let response = request
        .bearer_auth(data.operator_token()?)
        .send()
        .await
        .with_context(|| format!("{} does not answer; is `webordinary up` still running?", ready.http))?;
    let status = response.status();
    let answer: Value = response.json().await.unwrap_or_default();
    if !status.is_success() {
        bail!("{}", answer["error"]["says"].as_str().unwrap_or("the running product refused this"));
    }
    Ok(answer)
}

/// `webordinary rollback`.
pub(crate) async fn rollback(data: &DataDir, options: &Rollback) -> anyhow::Result<()> {
    call(data, &format!("operator/rollback/{}", options.project), Some(json!({}))).await?;
    println!("The release before is being brought back; `webordinary status` shows when it is live.");
    Ok(())
}

/// `webordinary sign-in`.
pub(crate) async fn sign_in(data: &DataDir, options: &SignIn) -> anyhow::Result<()> {
    let body = json!({ "projectId": options.project, "address": options.address });
    let answer = call(data, "hermes/api/sign-in-links", Some(body)).await?;
    println!("{}", answer["link"].as_str().context("the answer has no link")?);
    Ok(())
}
