//! How much confinement an operator demands, and what comes of it on this machine.

use crate::launcher::Launcher;
use crate::protection::Protection;
use crate::report::Report;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::str::FromStr;

/// How much confinement there must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// The best that this machine allows, also if that is nothing.
    #[default]
    Auto,
    /// The best that this machine allows, and no start without what keeps children from files and secrets.
    Require,
    /// None: the operator trusts every site and every editor.
    Off,
}

impl FromStr for Demand {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "require" => Ok(Self::Require),
            "off" => Ok(Self::Off),
            _ => Err("it is auto, require or off".to_owned()),
        }
    }
}

impl Launcher {
    /// The same, with children confined as `demand` says; and what was found to hold, tried in the directory `scratch`.
    /// Takes about 0.2 s.
    ///
    /// Fails where less than what is required holds, with words for the operator.
    pub async fn protected(self, demand: Demand, scratch: &Path) -> io::Result<(Self, Report)> {
        if demand == Demand::Off {
            return Ok((self, Report { protection: Protection::Nothing, holds: BTreeSet::new() }));
        }
        let protection = tokio::task::spawn_blocking(Protection::best).await?;
        let launcher = self.with(protection);
        let report = Report::of(&launcher, scratch).await?;
        if demand == Demand::Require && !report.is_enough() {
            return Err(io::Error::other(format!(
                "the sandbox is required, and protects too little here ({report}). {}",
                Report::ADVICE
            )));
        }
        Ok((launcher, report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_one_of_three_words() {
        assert_eq!("require".parse(), Ok(Demand::Require));
        assert_eq!("off".parse(), Ok(Demand::Off));
        assert_eq!("auto".parse(), Ok(Demand::default()));
        assert!("on".parse::<Demand>().is_err());
    }
}
