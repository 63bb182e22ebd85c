//! What the model's work costs: list prices, by the family of models.

use crate::meter::Tokens;
use domain::Money;
use std::str::FromStr;

/// What one token costs, in billionths of a dollar. A dollar for a million tokens is 1,000 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Read, outside any cache.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Put into a cache for five minutes.
    pub cache_write: u64,
    /// Put into a cache for an hour.
    pub cache_write_hour: u64,
    /// Read from a cache.
    pub cache_read: u64,
}

impl Price {
    const fn new(input: u64, output: u64, cache_read: u64) -> Self {
        // A cache's write costs 1.25 and 2 times the input, for every model.
        Self { input, output, cache_write: input * 5 / 4, cache_write_hour: input * 2, cache_read }
    }

    /// Rounded up to a whole millionth.
    fn of(self, tokens: &Tokens) -> Money {
        let hour = tokens.cache_write_hour.min(tokens.cache_write);
        let parts = [
            (tokens.input, self.input),
            (tokens.output, self.output),
            (tokens.cache_write - hour, self.cache_write),
            (hour, self.cache_write_hour),
            (tokens.cache_read, self.cache_read),
        ];
        let billionths: u128 =
            parts.iter().map(|(count, price)| u128::from(*count) * u128::from(*price)).sum();
        Money(u64::try_from(billionths.div_ceil(1_000)).unwrap_or(u64::MAX))
    }
}

/// List prices of 2026-11-25, by the beginning of a model's name; the longest that fits counts.
/// <https://platform.claude.com/docs/en/about-claude/pricing>
const LISTED: &[(&str, Price)] = &[
    ("claude-3-5-haiku", Price::new(800, 4_000, 80)),
    ("claude-fable-5", Price::new(10_000, 50_000, 1_000)),
    ("claude-fable-5-1", Price::new(10_000, 50_000, 250)),
    ("claude-haiku-4-5", Price::new(1_000, 5_000, 100)),
    ("claude-haiku-5-5", Price::new(100, 500, 10)),
    ("claude-mythos-5", Price::new(10_000, 50_000, 1_000)),
    ("claude-mythos-5-1", Price::new(10_000, 50_000, 250)),
    ("claude-opus-4", Price::new(15_000, 75_000, 1_500)),
    ("claude-opus-4-5", Price::new(5_000, 25_000, 500)),
    ("claude-opus-4-6", Price::new(5_000, 25_000, 500)),
    ("claude-opus-4-7", Price::new(5_000, 25_000, 500)),
    ("claude-opus-4-8", Price::new(5_000, 25_000, 500)),
    ("claude-opus-5", Price::new(5_000, 25_000, 500)),
    ("claude-opus-5-5", Price::new(4_000, 20_000, 200)),
    ("claude-sonnet-4", Price::new(3_000, 15_000, 300)),
    ("claude-sonnet-5", Price::new(2_000, 10_000, 200)),
    ("claude-sonnet-5-5", Price::new(2_000, 10_000, 100)),
];

/// What costs more when a call's prompt, caches included, is longer than so many tokens.
const LONG: &[(&str, u64, Price)] = &[("claude-haiku-5-5", 100_000, Price::new(500, 2_500, 50))];

/// For a model that is not listed: the dearest of those that are, so that nothing costs more than it is counted for.
const DEAREST: Price = Price::new(15_000, 75_000, 1_500);

/// Bedrock's surcharge for every place but the global one, in percent.
/// <https://platform.claude.com/docs/en/about-claude/pricing>, "third-party platform pricing"
const REGIONAL: u64 = 10;

/// How calls are priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prices {
    /// A script answers: nothing costs anything.
    Free,
    /// By the list, but for the models named here, by the beginning of a name.
    Listed(Vec<(String, Price)>),
}

impl Default for Prices {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Prices {
    /// What a call cost. `model` is its model's name, as the API or Bedrock has it.
    pub(crate) fn cost(&self, model: &str, tokens: &Tokens) -> Money {
        let Self::Listed(own) = self else { return Money::default() };
        let (place, name) = model.split_once("anthropic.").map_or(("", model), |(place, name)| (place, name));
        let own = own.iter().filter(|(family, _)| name.starts_with(family.as_str()));
        if let Some((_, price)) = own.max_by_key(|(family, _)| family.len()) {
            return price.of(tokens);
        }
        let cost = listed(name, tokens.prompt()).of(tokens);
        let regional = model != name && !place.ends_with("global.");
        if regional { cost + Money((cost.0 * REGIONAL).div_ceil(100)) } else { cost }
    }
}

fn listed(name: &str, prompt: u64) -> Price {
    let long = LONG.iter().find(|(family, above, _)| name.starts_with(family) && prompt > *above);
    if let Some((_, _, price)) = long {
        return *price;
    }
    let fits = LISTED.iter().filter(|(family, _)| name.starts_with(family));
    fits.max_by_key(|(family, _)| family.len()).map_or(DEAREST, |(_, price)| *price)
}

/// A text that holds no prices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not MODEL=INPUT/OUTPUT/CACHE-WRITE/CACHE-WRITE-1H/CACHE-READ in dollars for a million tokens, with commas \
     between models"
)]
pub struct NoPrices(String);

impl FromStr for Prices {
    type Err = NoPrices;

    /// Reads prices that stand before the list's, such as `claude-opus-6=5/25/6.25/10/0.5`, with commas between several.
    fn from_str(text: &str) -> Result<Self, NoPrices> {
        let models = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let own: Option<Vec<_>> = models.map(one).collect();
        own.map(Self::Listed).ok_or_else(|| NoPrices(text.to_owned()))
    }
}

fn one(text: &str) -> Option<(String, Price)> {
    let (family, prices) = text.split_once('=')?;
    // Millionths of a dollar for a million tokens, and so for one in millionths of a millionth.
    let read = |price: &str| price.parse::<Money>().ok().map(|money| money.0.div_ceil(1_000));
    let prices: Option<Vec<u64>> = prices.split('/').map(read).collect();
    let [input, output, cache_write, cache_write_hour, cache_read] = prices?[..] else { return None };
    let price = Price { input, output, cache_write, cache_write_hour, cache_read };
    (!family.trim().is_empty()).then(|| (family.trim().to_owned(), price))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: Tokens = Tokens {
        input: 1_000_000,
        output: 1_000_000,
        cache_write: 1_000_000,
        cache_write_hour: 500_000,
        cache_read: 0,
    };

    #[test]
    fn the_longest_name_that_fits_counts() {
        let cost = |model: &str| Prices::default().cost(model, &MILLION).0;
        // 4 + 20 + half of 5 + half of 8 dollars.
        assert_eq!(cost("claude-opus-5-5"), 30_500_000);
        assert_eq!(cost("claude-opus-5-20260801"), 38_125_000);
        assert_eq!(cost("claude-opus-4-1-20250805"), 114_375_000);
        assert_eq!(cost("claude-haiku-4-5"), 7_625_000);
        assert_eq!(cost("claude-haiku-5-5"), 3_812_500, "a prompt beyond 100,000 tokens");
        assert_eq!(cost("gpt-9"), cost("claude-opus-4"), "what is unknown costs as much as the dearest");
    }

    #[test]
    fn nothing_that_is_listed_is_dearer_than_what_is_unknown() {
        for price in LISTED.iter().map(|(_, price)| price).chain(LONG.iter().map(|(_, _, price)| price)) {
            assert!(
                price.input <= DEAREST.input
                    && price.output <= DEAREST.output
                    && price.cache_read <= DEAREST.cache_read
            );
        }
    }

    #[test]
    fn bedrock_s_names_are_understood_and_its_places_cost() {
        let one = Tokens { input: 1_000_000, ..Tokens::default() };
        let cost = |model: &str| Prices::default().cost(model, &one).0;
        assert_eq!(cost("global.anthropic.claude-haiku-4-5-20251001-v1:0"), 1_000_000);
        assert_eq!(cost("us.anthropic.claude-haiku-4-5-20251001-v1:0"), 1_100_000);
    }

    #[test]
    fn a_part_of_a_millionth_is_a_millionth() {
        let one = Tokens { cache_read: 1, ..Tokens::default() };
        assert_eq!(Prices::default().cost("claude-opus-5-5", &one), Money(1));
        assert_eq!(Prices::Free.cost("claude-opus-5-5", &MILLION), Money(0));
    }

    #[test]
    fn own_prices_stand_before_the_list_s() {
        let prices: Prices = "claude-opus-6=5/25/6.25/10/0.5, claude-haiku=0/0/0/0/0".parse().unwrap();
        let one = Tokens { output: 2, ..Tokens::default() };
        assert_eq!(prices.cost("claude-opus-6", &one), Money(50));
        assert_eq!(prices.cost("us.anthropic.claude-haiku-4-5", &MILLION), Money(0));
        for wrong in ["claude", "claude=1/2", "=1/1/1/1/1", "claude=a/1/1/1/1"] {
            assert!(wrong.parse::<Prices>().is_err(), "{wrong}");
        }
    }
}
