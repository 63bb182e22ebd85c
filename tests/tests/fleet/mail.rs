//! Instructions by mail: answered in their thread, carried out once, kept on a branch of their own.

use fleet_tests::{Fleet, Letter, Options};

#[tokio::test]
async fn an_instruction_becomes_one_commit_and_two_mails() {
    let fleet = Fleet::start(&Options::quick()).await;
    let letter = Letter::new("replace \"We close at 6 on Fridays\" with \"We close at 4 on Fridays\"");
    let result = fleet.ask(&letter).await;
    eprintln!("{}", result.text());
    fleet.finish().await;
}
