//! Money as the stores keep it, and what may be spent.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

/// Millionths of a dollar in one.
const MICROS: u64 = 1_000_000;

/// US dollars, in millionths. Never a fraction: sums of many small ones are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub u64);

impl Money {
    /// Whole dollars. Saturates.
    pub const fn dollars(dollars: u64) -> Self {
        Self(dollars.saturating_mul(MICROS))
    }

    /// What is left of it after `spent`; nothing when that is more.
    #[must_use]
    pub fn less(self, spent: Self) -> Self {
        Self(self.0.saturating_sub(spent.0))
    }

    /// As a number of dollars, for those who want no more than to show it.
    #[expect(clippy::cast_precision_loss, reason = "shown, never summed")]
    pub fn to_usd(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The nearest sum of money to a number of dollars; nothing when it is negative or none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts of floats saturate")]
    pub fn of_usd(usd: f64) -> Self {
        Self((usd * 1e6).round() as u64)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// In cents, rounded; what is less than one is said so.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "$0.00"),
            1..5_000 => write!(f, "less than 1 cent"),
            micros => {
                let cents = micros.saturating_add(5_000) / 10_000;
                write!(f, "${}.{:02}", cents / 100, cents % 100)
            }
        }
    }
}

/// A text that is no sum of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a number of US dollars, such as 5 or 2.50")]
pub struct NotMoney(String);

impl FromStr for Money {
    type Err = NotMoney;

    /// Reads dollars with up to six decimals, such as `5`, `2.50` or `$0.000001`.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let read = || {
            let plain = text.trim().trim_start_matches('$');
            let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
                return None;
            }
            let part: u64 = format!("{part:0<6}").parse().ok()?;
            whole.parse::<u64>().ok()?.checked_mul(MICROS)?.checked_add(part).map(Self)
        };
        read().ok_or_else(|| NotMoney(text.to_owned()))
    }
}

/// The most that may be spent. What is `None` has no cap of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Caps {
    /// For one message, by all turns that work on it.
    pub message: Option<Money>,
    /// For a project in a day.
    pub project_day: Option<Money>,
    /// For a project in a month.
    pub project_month: Option<Money>,
    /// For one person in a day, in all projects.
    pub user_day: Option<Money>,
    /// For one person in a month, in all projects.
    pub user_month: Option<Money>,
}

impl Caps {
    /// These caps, and where they say nothing, `others`.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            message: self.message.or(others.message),
            project_day: self.project_day.or(others.project_day),
            project_month: self.project_month.or(others.project_month),
            user_day: self.user_day.or(others.user_day),
            user_month: self.user_month.or(others.user_month),
        }
    }

    /// What is spent beside each cap that there is, the message's own first.
    pub fn beside(self, spent: &Spent) -> Vec<Standing> {
        let all = [
            (CapKind::Message, self.message, spent.message),
            (CapKind::ProjectDay, self.project_day, spent.project_day),
            (CapKind::ProjectMonth, self.project_month, spent.project_month),
            (CapKind::UserDay, self.user_day, spent.user_day),
            (CapKind::UserMonth, self.user_month, spent.user_month),
        ];
        let standing = |(kind, cap, spent): (_, Option<Money>, _)| Some(Standing { kind, cap: cap?, spent });
        all.into_iter().filter_map(standing).collect()
    }
}

/// Which cap it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CapKind {
    /// A message's.
    Message,
    /// A project's, for the day.
    ProjectDay,
    /// A project's, for the month.
    ProjectMonth,
    /// A person's, for the day.
    UserDay,
    /// A person's, for the month.
    UserMonth,
}

impl CapKind {
    /// Whether it is for a project, whoever writes.
    pub fn is_of_project(self) -> bool {
        matches!(self, Self::ProjectDay | Self::ProjectMonth)
    }

    /// The span of time that it is for; a message has none.
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Message => None,
            Self::ProjectDay | Self::UserDay => Some(Span::Day),
            Self::ProjectMonth | Self::UserMonth => Some(Span::Month),
        }
    }
}

/// What was billed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// For the message.
    pub message: Money,
    /// For the project, today.
    pub project_day: Money,
    /// For the project, this month.
    pub project_month: Money,
    /// For the person, today.
    pub user_day: Money,
    /// For the person, this month.
    pub user_month: Money,
}

impl Spent {
    /// The same after `more` was spent.
    #[must_use]
    pub fn plus(self, more: Money) -> Self {
        Self {
            message: self.message + more,
            project_day: self.project_day + more,
            project_month: self.project_month + more,
            user_day: self.user_day + more,
            user_month: self.user_month + more,
        }
    }
}

/// A cap, and what is spent of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which cap.
    pub kind: CapKind,
    /// How much it is.
    pub cap: Money,
    /// What is spent.
    pub spent: Money,
}

impl Standing {
    /// What is left.
    pub fn left(&self) -> Money {
        self.cap.less(self.spent)
    }

    /// Whether nothing is left.
    pub fn is_used_up(&self) -> bool {
        self.left() == Money::default()
    }

    /// Whether four fifths are spent, or more.
    pub fn is_near(&self) -> bool {
        u128::from(self.spent.0) * 5 >= u128::from(self.cap.0) * 4
    }

    /// How much of it is spent, in whole percent.
    pub fn percent(&self) -> u64 {
        u64::try_from(u128::from(self.spent.0) * 100 / u128::from(self.cap.0.max(1))).unwrap_or(u64::MAX)
    }
}

/// A span of time that is accounted for by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// A calendar day, in UTC.
    Day,
    /// A calendar month, in UTC.
    Month,
}

impl Span {
    /// The name of the one that `at` falls in: `2026-11-25`, or `2026-11`.
    pub fn name(self, at: Timestamp) -> String {
        let (year, month, day) = date(at);
        match self {
            Self::Day => format!("{year:04}-{month:02}-{day:02}"),
            Self::Month => format!("{year:04}-{month:02}"),
        }
    }

    /// When the one that `at` falls in is over: the day that begins then, such as `26 November`.
    pub fn free_again(self, at: Timestamp) -> String {
        let (_, month, day) = match self {
            Self::Day => date(Timestamp(at.0.saturating_add(DAY))),
            Self::Month => {
                let (_, month, _) = date(at);
                (0, month % 12 + 1, 1)
            }
        };
        let names = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        format!("{day} {}", usize::try_from(month - 1).ok().and_then(|n| names.get(n)).unwrap_or(&""))
    }
}

/// Milliseconds in a day.
const DAY: i64 = 86_400_000;

/// Year, month and day in UTC, after <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>: this crate
/// knows no calendar otherwise.
fn date(at: Timestamp) -> (i64, i64, i64) {
    let days = at.0.div_euclid(DAY) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_and_shown() {
        for (text, micros) in [("5", 5_000_000), ("2.50", 2_500_000), ("$0.000001", 1), (" 0 ", 0)] {
            assert_eq!(text.parse(), Ok(Money(micros)), "{text}");
        }
        for text in ["", "-1", "1.2.3", "1e3", ".5", "1.0000001", "99999999999999999999"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
        let shown = [
            (0, "$0.00"),
            (4_999, "less than 1 cent"),
            (5_000, "$0.01"),
            (43_700, "$0.04"),
            (12_345_000, "$12.35"),
        ];
        for (micros, text) in shown {
            assert_eq!(Money(micros).to_string(), text);
        }
        assert_eq!(Money::of_usd(0.1 + 0.2), Money(300_000));
        assert_eq!(Money::of_usd(-1.0), Money(0));
    }

    #[test]
    fn a_project_s_own_caps_come_first() {
        let own = Caps { project_day: Some(Money(1)), ..Caps::default() };
        let all = Caps { project_day: Some(Money(9)), message: Some(Money(5)), ..Caps::default() };
        assert_eq!(
            own.or(all),
            Caps { project_day: Some(Money(1)), message: Some(Money(5)), ..Caps::default() }
        );
        let standing = own.beside(&Spent::default().plus(Money(1)));
        assert_eq!(standing.len(), 1);
        assert!(standing[0].is_used_up() && standing[0].is_near());
    }

    #[test]
    fn four_fifths_are_near() {
        let of = |spent| Standing { kind: CapKind::UserDay, cap: Money(1_000), spent: Money(spent) };
        assert!(!of(799).is_near() && of(800).is_near() && !of(999).is_used_up() && of(2_000).is_used_up());
        assert_eq!((of(2_000).left(), of(790).percent()), (Money(0), 79));
    }

    #[test]
    fn days_and_months_are_named_in_utc() {
        let at = |millis| (Span::Day.name(Timestamp(millis)), Span::Month.free_again(Timestamp(millis)));
        assert_eq!(at(0), ("1970-01-01".to_owned(), "1 February".to_owned()));
        assert_eq!(at(-1), ("1969-12-31".to_owned(), "1 January".to_owned()));
        // The last millisecond of the leap day of 2028.
        let leap = Timestamp(1_835_481_599_999);
        assert_eq!(
            (Span::Day.name(leap), Span::Month.name(leap)),
            ("2028-02-29".to_owned(), "2028-02".to_owned())
        );
        assert_eq!(Span::Day.free_again(leap), "1 March");
    }
}
