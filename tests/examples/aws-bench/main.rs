//! What the fleet on AWS asks for and how fast it is, on the stand-in: `aws-bench MODEL_URL` prints JSON lines, of which
//! `cargo xtask bench aws` makes a report.
#![expect(clippy::expect_used, reason = "a bench that cannot go on ends")]

mod asleep;
mod cold;
mod intake;
mod message;

use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use fleet_tests::cloud::{CloudOptions, Lines};
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let model = std::env::args().nth(1).expect("usage: aws-bench MODEL_URL");
    message::measure(&model).await;
    cold::measure(&model).await;
    intake::measure().await;
    asleep::measure().await;
}

/// Prints a line.
fn say(line: &Value) {
    println!("{line}");
}

/// Prints what was asked of AWS, a line for each operation, `per` so many messages.
fn say_lines(of: &str, lines: &Lines, per: f64) {
    for ((service, operation), line) in lines {
        let calls = u32::try_from(line.calls).map_or(f64::INFINITY, f64::from);
        say(&json!({
            "what": "calls", "of": of, "service": service, "operation": operation, "calls": calls / per,
            "readUnits": line.read_units / per, "writeUnits": line.write_units / per,
        }));
    }
}

/// The fleet as it is deployed, with this model and other variables of Hermes and of the edit containers.
fn options(model: &str, hermes: &[(&str, &str)], edit: &[(&str, &str)]) -> CloudOptions {
    let own = |service: &'static str, variables: &[(&str, &str)]| {
        let of = |(name, value): &(&str, &str)| (service, (*name).to_owned(), (*value).to_owned());
        variables.iter().map(of).collect::<Vec<_>>()
    };
    let hermes = own(HERMES_SERVICE, hermes);
    let edit = own(EDIT_SERVICE, &[&[("ANTHROPIC_BASE_URL", model)], edit].concat());
    CloudOptions { env: [hermes, edit].concat() }
}
