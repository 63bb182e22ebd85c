//! Days as people name them: a weekday, yesterday, or a date with or without its year.

mod names;

use jiff::civil::{Date, Weekday};
use names::{MONTHS, WEEKDAYS, YESTERDAY};

/// A day in the past, by its name. [`Day::resolve`] finds it on a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Day {
    /// The last one of its name before today.
    Weekday(Weekday),
    /// The day before today.
    Yesterday,
    /// A date that exists; without a year, the last one until today.
    Date {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
        /// As the owner wrote it, with four digits.
        year: Option<i16>,
    },
}

/// How a language orders a date of numbers alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// "12.11." is a day of November.
    DayFirst,
    /// It may be either: only a day above 12 is understood.
    Either,
}

/// A leap day comes at least once in so many years.
const LEAP_YEARS: i16 = 8;

impl Day {
    /// The day that is meant when it is `today` where the owner lives. A date with a year may lie in the future.
    pub fn resolve(self, today: Date) -> Date {
        match self {
            Self::Weekday(weekday) => today.nth_weekday(-1, weekday).unwrap_or(Date::MIN),
            Self::Yesterday => today.yesterday().unwrap_or(Date::MIN),
            Self::Date { month, day, year: Some(year) } => Date::new(year, month, day).unwrap_or(today),
            Self::Date { month, day, year: None } => (0..=LEAP_YEARS)
                .filter_map(|back| Date::new(today.year().checked_sub(back)?, month, day).ok())
                .find(|date| *date <= today)
                .unwrap_or(today),
        }
    }
}

/// The day that `words` name, where they name one and nothing else.
pub(crate) fn day(words: &[&str], numbers: Numbers) -> Option<Day> {
    let words: Vec<&str> = words.iter().map(|word| word.strip_suffix("'s").unwrap_or(word)).collect();
    match words[..] {
        [word] if YESTERDAY.contains(&word) => Some(Day::Yesterday),
        [word] => weekday(word).map(Day::Weekday),
        [first, second] => dated(first, second, None, numbers),
        [year, month, day] if year.len() == 4 && year.parse::<i16>().is_ok() => {
            date(number(month)?, number(day)?, Some(year))
        }
        [first, second, year] if year.len() == 4 => dated(first, second, Some(year), numbers),
        _ => None,
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(_, names)| names.contains(&word)).map(|(weekday, _)| *weekday)
}

fn dated(first: &str, second: &str, year: Option<&str>, numbers: Numbers) -> Option<Day> {
    match (month(first), month(second)) {
        (None, Some(month)) => date(month, number(first)?, year),
        (Some(month), None) => date(month, number(second)?, year),
        (Some(_), Some(_)) => None,
        (None, None) => {
            let (first, second) = (number(first)?, number(second)?);
            match numbers {
                Numbers::DayFirst => date(second, first, year),
                Numbers::Either if first > 12 => date(second, first, year),
                Numbers::Either if second > 12 => date(first, second, year),
                Numbers::Either => None,
            }
        }
    }
}

fn month(word: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| names.contains(&word))?;
    i8::try_from(at + 1).ok()
}

/// A day's number, also as an ordinal ("12th", "1er").
fn number(word: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th", "er", "º", "ª"].iter().find_map(|end| word.strip_suffix(end));
    digits.unwrap_or(word).parse().ok()
}

fn date(month: i8, day: i8, year: Option<&str>) -> Option<Day> {
    let year = year.map(str::parse).transpose().ok()?;
    // A leap year has every date that any year has.
    Date::new(year.unwrap_or(2000), month, day).ok()?;
    Some(Day::Date { month, day, year })
}

#[cfg(test)]
mod tests {
    use super::{Day, Numbers, day};
    use jiff::civil::{Weekday, date};

    fn read(text: &str, numbers: Numbers) -> Option<Day> {
        day(&text.split(' ').collect::<Vec<_>>(), numbers)
    }

    #[test]
    fn days_are_found_before_today() {
        let wednesday = date(2026, 11, 25);
        for (meant, want) in [
            (Day::Yesterday, date(2026, 11, 24)),
            (Day::Weekday(Weekday::Tuesday), date(2026, 11, 24)),
            (Day::Weekday(Weekday::Wednesday), date(2026, 11, 18)),
            (Day::Weekday(Weekday::Thursday), date(2026, 11, 19)),
            (Day::Date { month: 11, day: 12, year: None }, date(2026, 11, 12)),
            (Day::Date { month: 11, day: 25, year: None }, date(2026, 11, 25)),
            (Day::Date { month: 11, day: 26, year: None }, date(2025, 11, 26)),
            (Day::Date { month: 2, day: 29, year: None }, date(2024, 2, 29)),
            (Day::Date { month: 11, day: 12, year: Some(2024) }, date(2024, 11, 12)),
        ] {
            assert_eq!(meant.resolve(wednesday), want, "{meant:?}");
        }
        assert_eq!(Day::Yesterday.resolve(date(2027, 1, 1)), date(2026, 12, 31));
        assert_eq!(Day::Date { month: 2, day: 29, year: None }.resolve(date(1907, 1, 1)), date(1904, 2, 29));
    }

    #[test]
    fn days_are_read_by_their_names() {
        let on = |month, day, year| Some(Day::Date { month, day, year });
        for (text, want) in [
            ("tuesday's", Some(Day::Weekday(Weekday::Tuesday))),
            ("dienstag", Some(Day::Weekday(Weekday::Tuesday))),
            ("mardi", Some(Day::Weekday(Weekday::Tuesday))),
            ("środy", Some(Day::Weekday(Weekday::Wednesday))),
            ("ayer", Some(Day::Yesterday)),
            ("12 november", on(11, 12, None)),
            ("november 12th", on(11, 12, None)),
            ("1er mars", on(3, 1, None)),
            ("12 listopada 2025", on(11, 12, Some(2025))),
            ("2025 11 12", on(11, 12, Some(2025))),
            ("30 2", None),
            ("30 february", None),
            ("29 february 2025", None),
            ("29 february", on(2, 29, None)),
            ("13 11", on(11, 13, None)),
            ("11 13", on(11, 13, None)),
            ("11 12", None),
            ("november", None),
            ("12", None),
            ("tuesday wednesday", None),
        ] {
            assert_eq!(read(text, Numbers::Either), want, "{text}");
        }
        assert_eq!(read("11 12", Numbers::DayFirst), on(12, 11, None));
        assert_eq!(read("11 13", Numbers::DayFirst), None);
    }
}
