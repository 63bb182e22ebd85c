//! What the fleet's calls of AWS come to: a line for each operation, with the units by which DynamoDB is paid.

use super::units::Rows;
use std::collections::BTreeMap;
use testkit::Exchange;

/// What is counted of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// How often it was asked for.
    pub calls: u64,
    /// DynamoDB's read units.
    pub read_units: f64,
    /// DynamoDB's write units.
    pub write_units: f64,
}

/// Lines by service and operation.
pub type Lines = BTreeMap<(&'static str, String), Line>;

/// Counts exchanges. It remembers rows of DynamoDB: what a change costs depends on what it changes.
#[derive(Debug, Default)]
pub struct Ledger(Rows);

impl Ledger {
    /// Counts exchanges, in the order in which they were noted.
    pub fn count(&mut self, exchanges: &[Exchange]) -> Lines {
        let mut lines = Lines::new();
        for exchange in exchanges {
            let (service, operation) = exchange.operation();
            let units = if service == "DynamoDB" {
                self.0.units(&operation, &exchange.asked(), exchange.answered().as_ref())
            } else {
                Line::default()
            };
            let line = lines.entry((service, operation)).or_default();
            line.calls += 1;
            line.read_units += units.read_units;
            line.write_units += units.write_units;
        }
        lines
    }
}
