//! `webordinary spend`.

use super::operator::Operator;
use crate::cli::Spend;
use domain::money::Span;
use ports::spending::{Account, Payer};

/// Prints what the model has cost today and this month, by project and person.
pub(crate) async fn run(operator: &Operator, options: &Spend) -> anyhow::Result<()> {
    let mut accounts: Vec<Account> = operator.get("hermes/api/spending").await?;
    if let Some(project) = &options.project {
        accounts.retain(|account| matches!(&account.payer, Payer::Project(id) if id.as_str() == project));
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&accounts)?);
        return Ok(());
    }
    for (span, head) in [(Span::Day, "today (UTC)"), (Span::Month, "this month (UTC)")] {
        println!("{head:<26} {:>16} {:>16} {:>14}", "billed", "not billed", "tokens");
        let mut here = accounts.iter().filter(|account| account.span == span).peekable();
        if here.peek().is_none() {
            println!("  nothing");
        }
        for account in here {
            let (sort, id) = match &account.payer {
                Payer::Project(id) => ("project", id.as_str()),
                Payer::User(id) => ("user", id.as_str()),
            };
            let (billed, unbilled) = (account.billed.to_string(), account.unbilled.to_string());
            let tokens = account.input_tokens + account.output_tokens;
            println!("  {sort:<7} {id:<16} {billed:>16} {unbilled:>16} {tokens:>14}");
        }
    }
    Ok(())
}
