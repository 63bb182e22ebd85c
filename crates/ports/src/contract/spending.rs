//! What the book of spending promises. Its clock may be anywhere in a day: a suite that runs over midnight finds a new
//! day's accounts, so nothing here waits for one.

use super::Harness;
use super::sample::{message_id, project, together, unique};
use crate::spending::{Account, Entry, Part, Payer, Used};
use domain::message::Billing;
use domain::money::{Caps, Money, Span};
use domain::{MessageId, ProjectId, UserId};
use std::time::Duration;

/// What was spent is counted once, for everybody it counts for.
pub async fn spending_contract(harness: &dyn Harness) {
    what_is_recorded_counts_for_all_accounts(harness).await;
    a_part_is_entered_once_however_often_it_is_told(harness).await;
    what_failed_is_seen_and_not_billed(harness).await;
    a_message_is_billed_for_its_last_turn_alone(harness).await;
    many_at_once_are_all_counted(harness).await;
    a_hint_is_for_one_message(harness).await;
    caps_are_a_project_s_own(harness).await;
    yesterday_counts_for_no_day_but_its_own(harness).await;
}

struct Payers {
    project: ProjectId,
    user: UserId,
}

fn payers() -> Payers {
    Payers { project: project(), user: format!("u-{}", unique()).parse().unwrap() }
}

impl Payers {
    fn entry(&self, message: &MessageId, part: Part, micros: u64) -> Entry {
        Entry {
            message: message.clone(),
            project: self.project.clone(),
            user: self.user.clone(),
            part,
            used: Used { cost: Money(micros), input_tokens: micros * 2, output_tokens: 3 },
            billing: Billing::Billed,
        }
    }

    async fn month(&self, harness: &dyn Harness, message: &MessageId) -> u64 {
        let now = harness.spending().spent(&self.project, &self.user, message).await.unwrap();
        assert_eq!(now.spent.project_month, now.spent.user_month);
        now.spent.project_month.0
    }

    async fn accounts(&self, harness: &dyn Harness) -> Vec<Account> {
        let mut all = harness.spending().accounts().await.unwrap();
        let ours = [Payer::Project(self.project.clone()), Payer::User(self.user.clone())];
        all.retain(|account| ours.contains(&account.payer));
        all
    }
}

async fn what_is_recorded_counts_for_all_accounts(harness: &dyn Harness) {
    let (spending, payers, message) = (harness.spending(), payers(), message_id());
    spending.record(&payers.entry(&message, Part::Question, 7)).await.unwrap();
    spending.record(&payers.entry(&message, Part::Turn(1), 1_000_000)).await.unwrap();
    let now = spending.spent(&payers.project, &payers.user, &message).await.unwrap();
    let all = Money(1_000_007);
    assert_eq!([now.spent.message, now.spent.project_day, now.spent.user_day], [all; 3]);
    assert_eq!([now.spent.project_month, now.spent.user_month], [all; 2]);
    let other = spending.spent(&payers.project, &payers.user, &message_id()).await.unwrap();
    assert_eq!((other.spent.message, other.spent.project_day), (Money(0), all));
    let accounts = payers.accounts(harness).await;
    assert_eq!(accounts.len(), 4, "a project and a user, a day and a month: {accounts:?}");
    for account in accounts {
        assert_eq!((account.billed, account.unbilled), (all, Money(0)));
        assert_eq!((account.input_tokens, account.output_tokens), (2_000_014, 6));
    }
}

async fn a_part_is_entered_once_however_often_it_is_told(harness: &dyn Harness) {
    let (payers, message) = (payers(), message_id());
    let entry = payers.entry(&message, Part::Turn(1), 5);
    let told = (0..6).map(|_| {
        let (spending, entry) = (harness.spending(), entry.clone());
        async move { spending.record(&entry).await.unwrap() }
    });
    together(told).await;
    let other = Entry { billing: Billing::Unbilled, ..payers.entry(&message, Part::Turn(1), 9) };
    harness.spending().record(&other).await.unwrap();
    assert_eq!(payers.month(harness, &message).await, 5);
    assert!(payers.accounts(harness).await.iter().all(|account| account.unbilled == Money(0)));
}

async fn what_failed_is_seen_and_not_billed(harness: &dyn Harness) {
    let (payers, message) = (payers(), message_id());
    let failed = Entry { billing: Billing::Unbilled, ..payers.entry(&message, Part::Turn(1), 40) };
    harness.spending().record(&failed).await.unwrap();
    let now = harness.spending().spent(&payers.project, &payers.user, &message).await.unwrap();
    assert_eq!((now.spent, now.in_vain), (domain::money::Spent::default(), Money(40)));
    for account in payers.accounts(harness).await {
        assert_eq!((account.billed, account.unbilled), (Money(0), Money(40)));
    }
}

async fn a_message_is_billed_for_its_last_turn_alone(harness: &dyn Harness) {
    let (spending, payers, message) = (harness.spending(), payers(), message_id());
    for entry in [
        payers.entry(&message, Part::Question, 1),
        payers.entry(&message, Part::Turn(1), 10),
        payers.entry(&message, Part::Turn(3), 300),
        payers.entry(&message_id(), Part::Turn(1), 5_000),
    ] {
        spending.record(&entry).await.unwrap();
    }
    let now = spending.spent(&payers.project, &payers.user, &message).await.unwrap();
    assert_eq!((now.spent.message, now.spent.user_day), (Money(301), Money(5_301)));
    assert_eq!(now.in_vain, Money(10));
    // Told again, the first turn does not come back; and a turn that was thought dead is late.
    spending.record(&payers.entry(&message, Part::Turn(1), 10)).await.unwrap();
    spending.record(&payers.entry(&message, Part::Turn(2), 20)).await.unwrap();
    for account in payers.accounts(harness).await {
        assert_eq!((account.billed, account.unbilled), (Money(5_301), Money(30)));
    }
}

async fn many_at_once_are_all_counted(harness: &dyn Harness) {
    let payers = payers();
    let entries = (1..=12).map(|n| {
        let (spending, entry) = (harness.spending(), payers.entry(&message_id(), Part::Turn(1), n));
        async move { spending.record(&entry).await.unwrap() }
    });
    together(entries).await;
    assert_eq!(payers.month(harness, &message_id()).await, (1..=12).sum::<u64>());
}

async fn a_hint_is_for_one_message(harness: &dyn Harness) {
    let (spending, payers, first) = (harness.spending(), payers(), message_id());
    let payer = Payer::Project(payers.project.clone());
    assert!(spending.hints(&payer, Span::Month, &first).await.unwrap());
    assert!(!spending.hints(&payer, Span::Month, &message_id()).await.unwrap());
    assert!(spending.hints(&payer, Span::Month, &first).await.unwrap(), "asked again after a crash");
    assert!(spending.hints(&payer, Span::Day, &message_id()).await.unwrap(), "a day is no month");
    let person = Payer::User(payers.user.clone());
    assert!(spending.hints(&person, Span::Month, &message_id()).await.unwrap(), "a person is no project");
    assert!(payers.accounts(harness).await.is_empty(), "a hint is no spending");
}

async fn caps_are_a_project_s_own(harness: &dyn Harness) {
    let (spending, one, other) = (harness.spending(), project(), project());
    assert_eq!(spending.caps(&one).await.unwrap(), Caps::default());
    let caps = Caps { project_day: Some(Money::dollars(2)), message: Some(Money(1)), ..Caps::default() };
    spending.set_caps(&one, &caps).await.unwrap();
    assert_eq!(spending.caps(&one).await.unwrap(), caps);
    assert_eq!(spending.caps(&other).await.unwrap(), Caps::default());
    spending.set_caps(&one, &Caps::default()).await.unwrap();
    assert_eq!(spending.caps(&one).await.unwrap(), Caps::default());
}

/// Only where the suite can move the clock so far.
async fn yesterday_counts_for_no_day_but_its_own(harness: &dyn Harness) {
    const DAYS: Duration = Duration::from_hours(32 * 24);
    if harness.lease() < Duration::from_mins(1) {
        return;
    }
    let (spending, payers, message) = (harness.spending(), payers(), message_id());
    let payer = Payer::User(payers.user.clone());
    spending.record(&payers.entry(&message, Part::Turn(1), 10)).await.unwrap();
    assert!(spending.hints(&payer, Span::Month, &message).await.unwrap());
    harness.pass(DAYS).await;
    let now = spending.spent(&payers.project, &payers.user, &message).await.unwrap();
    assert_eq!((now.spent.project_day, now.spent.project_month), (Money(0), Money(0)));
    assert_eq!(now.spent.message, Money(10));
    assert!(spending.hints(&payer, Span::Month, &message_id()).await.unwrap());
    // The last turn takes back what stands in an account of another month.
    spending.record(&payers.entry(&message, Part::Turn(2), 4)).await.unwrap();
    assert_eq!(payers.month(harness, &message).await, 4);
    for account in payers.accounts(harness).await {
        assert_eq!((account.billed, account.unbilled), (Money(4), Money(0)));
    }
}
