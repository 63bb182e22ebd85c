//! A table for people and the same figures for programs.

use serde_json::{Value, json};
use std::fmt;

/// The figures of one bench.
#[derive(Debug)]
pub(crate) struct Report {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    /// The value of `what` before it in the same run, that this one is compared with.
    ratio: Option<f64>,
    target: Option<Target>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(limit) => write!(out, "≤ {limit}"),
            Self::AtLeast(limit) => write!(out, "≥ {limit}"),
        }
    }
}

impl Report {
    pub(crate) fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// A figure.
    pub(crate) fn figure(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(Row { what: what.into(), value, unit, ratio: None, target: None });
    }

    /// A figure that should meet a target.
    pub(crate) fn judged(
        &mut self,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        target: Target,
    ) {
        self.rows.push(Row { what: what.into(), value, unit, ratio: None, target: Some(target) });
    }

    /// A figure beside its reference in the same run.
    pub(crate) fn compared(
        &mut self,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        with: f64,
    ) {
        self.rows.push(Row { what: what.into(), value, unit, ratio: Some(value / with), target: None });
    }

    /// What is written to a file: `{"title", "rows": [{"what", "value", "unit", "ratio", "target", "met"}]}`.
    pub(crate) fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        json!({ "title": self.title, "rows": rows })
    }
}

fn row(row: &Row) -> Value {
    json!({
        "what": row.what,
        "value": row.value,
        "unit": row.unit,
        "ratio": row.ratio,
        "target": row.target.map(|target| target.to_string()),
        "met": row.target.map(|target| target.is_met(row.value)),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "\n{}", self.title)?;
        let width = self.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
        for row in &self.rows {
            let places = decimals(row.value);
            write!(out, "  {:width$}  {:>10.places$} {}", row.what, row.value, row.unit)?;
            if let Some(ratio) = row.ratio {
                write!(out, "  × {ratio:.2}")?;
            }
            if let Some(target) = row.target {
                let verdict = if target.is_met(row.value) { "met" } else { "MISSED" };
                write!(out, "  (target {target}: {verdict})")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// How many decimals of a value are shown: a small one is all decimals.
fn decimals(value: f64) -> usize {
    if value == 0.0 || value.abs() >= 0.1 { 2 } else { 4 }
}

/// The value in the middle; 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Report, Target, median};

    #[test]
    fn the_middle_is_found() {
        assert!((median(&[9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_missed_target_is_told() {
        let mut report = Report::new("Speed");
        report.compared("ours", (3.0, "ms"), 2.0);
        report.judged("start", (4.0, "s"), Target::AtMost(3.0));
        report.judged("rate", (4.0, "/s"), Target::AtLeast(3.0));
        let text = report.to_string();
        assert!(
            text.contains("× 1.50")
                && text.contains("(target ≤ 3: MISSED)")
                && text.contains("(target ≥ 3: met)")
        );
        assert_eq!(report.json()["rows"][1]["met"], false);
    }
}
