//! `webordinary status`.

use super::operator::Operator;
use super::rollback::releases;
use crate::cli::Status;
use hermes::operator::ShownRelease;
use serde_json::Value;

/// Prints what runs and what waits.
pub(crate) async fn run(operator: &Operator, options: &Status) -> anyhow::Result<()> {
    let status: Value = operator.get("hermes/api/status").await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(());
    }
    println!("chat      {}", text(&status["app"]));
    println!("previews  {}", text(&status["previews"]));
    if let Some(door) = operator.mail_door() {
        println!("mail      {door}");
    }
    for project in list(&status["projects"]) {
        let id = text(&project["projectId"]);
        println!("project   {id:<16} {}", text(&project["siteUrl"]));
        if let Some(release) = releases(operator, id).await?.first() {
            println!("release   {id:<16} {}", said(release));
        }
    }
    for thread in list(&status["threadsAwake"]) {
        println!("thread    {:<16} {}", text(&thread["thread"]), text(&thread["status"]));
    }
    for (service, count) in status["fleet"].as_object().into_iter().flatten() {
        println!("fleet     {service}: {} of {} running", count["running"], count["desired"]);
    }
    for order in list(&status["openOrders"]) {
        println!("building  {} ({})", text(&order["project"]), text(&order["order"]));
    }
    match status["heldMails"].as_u64() {
        None | Some(0) => {}
        Some(1) => println!("held      1 mail whose author is not proven"),
        Some(mails) => println!("held      {mails} mails whose authors are not proven"),
    }
    let waiting = list(&status["waitingPairs"]).len();
    println!("waiting   {waiting} {}", if waiting == 1 { "conversation" } else { "conversations" });
    Ok(())
}

fn said(release: &ShownRelease) -> String {
    let commit = release.commit.get(..10).unwrap_or_default();
    match (&release.failure, release.rollback) {
        (Some(says), _) => format!("{commit} was not released: {says}"),
        (None, true) => format!("{commit} is live, brought back by a rollback"),
        (None, false) => format!("{commit} is live"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
