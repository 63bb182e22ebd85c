//! `webordinary sign-in`.

use super::operator::Operator;
use crate::cli::SignIn;
use anyhow::Context;
use serde_json::{Value, json};

/// Prints a new link.
pub(crate) async fn run(operator: &Operator, options: &SignIn) -> anyhow::Result<()> {
    let body = json!({ "projectId": options.project, "address": options.address });
    let answer: Value = operator.post("hermes/api/sign-in-links", &body).await?;
    println!("{}", answer["link"].as_str().context("the answer has no link")?);
    Ok(())
}
