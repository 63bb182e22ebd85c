//! Switches that tests write into an instruction: `[slow N]`, `[linger N]`, `[plans FILE]`, `[stubborn]`, `[stall]`,
//! `[fail STATUS]`, `[then-fail STATUS]`.

use std::time::Duration;

/// How the answers of one turn are to misbehave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// The file that a plan names, whatever will be changed.
    pub plans: Option<String>,
    /// Nothing is mended that was done before.
    pub stubborn: bool,
    /// The first answer streams for about this long before anything is done; at most 600 s.
    pub slow: Option<Duration>,
    /// The last answer, when everything is done, streams for about this long; at most 600 s.
    pub linger: Option<Duration>,
    /// The first answer begins and then never goes on.
    pub stall: Stall,
    /// Every answer is this HTTP status, 400 to 599.
    pub fail: Option<u16>,
    /// Every answer but the first is this HTTP status.
    pub then_fail: Option<u16>,
}

/// Whether an answer falls silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stall {
    /// It goes on to its end.
    #[default]
    Never,
    /// It falls silent after its first event.
    AfterStart,
}

impl Switches {
    /// Takes the switches out of `instruction`; returns them and the rest.
    pub fn take(instruction: &str) -> (Self, String) {
        let mut switches = Self::default();
        let mut rest = String::new();
        let mut left = instruction;
        while let Some(start) = left.find('[') {
            let (before, after) = left.split_at(start);
            rest.push_str(before);
            match after.find(']') {
                Some(end) if switches.set(&after[1..end]) => left = &after[end + 1..],
                _ => {
                    rest.push('[');
                    left = &after[1..];
                }
            }
        }
        rest.push_str(left);
        (switches, rest.trim().to_owned())
    }

    fn set(&mut self, switch: &str) -> bool {
        let words: Vec<&str> = switch.split_whitespace().collect();
        match words.as_slice() {
            ["slow", seconds] => {
                self.slow = duration(seconds);
                self.slow.is_some()
            }
            ["linger", seconds] => {
                self.linger = duration(seconds);
                self.linger.is_some()
            }
            ["fail", status] => {
                self.fail = failure(status);
                self.fail.is_some()
            }
            ["then-fail", status] => {
                self.then_fail = failure(status);
                self.then_fail.is_some()
            }
            ["plans", file] => {
                self.plans = Some((*file).to_owned());
                true
            }
            ["stubborn"] => {
                self.stubborn = true;
                true
            }
            ["stall"] => {
                self.stall = Stall::AfterStart;
                true
            }
            _ => false,
        }
    }
}

fn failure(status: &str) -> Option<u16> {
    status.parse().ok().filter(|status| (400..600).contains(status))
}

fn duration(seconds: &str) -> Option<Duration> {
    seconds.parse().ok().filter(|s| *s <= 600).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_taken_out_and_other_brackets_stay() {
        let (switches, rest) = Switches::take("[slow 3] replace \"[a]\" with \"b[\" [fail 529]");
        assert_eq!(switches.slow, Some(Duration::from_secs(3)));
        assert_eq!(switches.fail, Some(529));
        assert_eq!(rest, "replace \"[a]\" with \"b[\"");
        assert_eq!(Switches::take("[fail 200] [slow x]").0, Switches::default());
    }
}
