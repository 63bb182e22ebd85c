//! `webordinary dlq list|show|replay|drop`.

use super::operator::Operator;
use crate::cli::{DeadLetters, DlqCommand};
use anyhow::bail;
use serde_json::{Value, json};

/// Shows dead letters, sends them again, or drops them.
pub(crate) async fn run(operator: &Operator, command: DlqCommand) -> anyhow::Result<()> {
    match command {
        DlqCommand::List => list(operator).await,
        DlqCommand::Show { queue } => show(operator, &queue).await,
        DlqCommand::Replay(letters) => handle(operator, "replay", "sent again", &letters).await,
        DlqCommand::Drop(letters) => handle(operator, "drop", "dropped", &letters).await,
    }
}

async fn list(operator: &Operator) -> anyhow::Result<()> {
    let answer: Value = operator.get("hermes/api/dead-letters").await?;
    let mut any = false;
    for queue in answer["queues"].as_array().into_iter().flatten() {
        let number = |name: &str| queue[name].as_u64().unwrap_or_default();
        let letters = number("ready") + number("inFlight");
        if letters > 0 {
            any = true;
            println!("{letters:>5}  {}", queue["queue"].as_str().unwrap_or_default());
        }
    }
    if !any {
        println!("There are no dead letters.");
    }
    Ok(())
}

async fn show(operator: &Operator, queue: &str) -> anyhow::Result<()> {
    let answer: Value = operator.post(&format!("hermes/api/dead-letters/{queue}/look"), &json!({})).await?;
    let letters = answer["letters"].as_array().map_or(&[][..], Vec::as_slice);
    for letter in letters {
        println!("{}", heading(letter));
        println!("{}\n", pretty(letter["body"].as_str().unwrap_or_default()));
    }
    if letters.is_empty() {
        println!("There are no dead letters in {queue}.");
    }
    if answer["more"] == true {
        println!("There are more; replay or drop these first.");
    }
    Ok(())
}

async fn handle(operator: &Operator, verb: &str, done: &str, letters: &DeadLetters) -> anyhow::Result<()> {
    let path = format!("hermes/api/dead-letters/{}/{verb}", letters.queue);
    let answer: Value = operator.post(&path, &json!({ "ids": letters.ids })).await?;
    match answer["done"].as_u64().unwrap_or_default() {
        1 => println!("1 dead letter was {done}."),
        many => println!("{many} dead letters were {done}."),
    }
    let missing: Vec<&str> =
        answer["missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !missing.is_empty() {
        bail!("there is no dead letter {} in {}", missing.join(", "), letters.queue);
    }
    Ok(())
}

fn heading(letter: &Value) -> String {
    let id = letter["id"].as_str().unwrap_or_default();
    let attempts = letter["attempts"].as_u64().unwrap_or_default();
    match letter["ageSeconds"].as_u64() {
        Some(seconds) => format!("{id}  received {attempts} ×, {} old", age(seconds)),
        None => format!("{id}  received {attempts} ×"),
    }
}

/// An age in its largest unit.
fn age(seconds: u64) -> String {
    let (many, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    format!("{many} {unit}")
}

/// JSON on lines of its own; anything else as it is, but for what would speak to the terminal.
fn pretty(body: &str) -> String {
    let value = serde_json::from_str(body).and_then(|value: Value| serde_json::to_string_pretty(&value));
    let text = value.unwrap_or_else(|_| body.to_owned());
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_shown_with_what_is_known_of_it() {
        let letter = json!({ "id": "44136fa355b3", "attempts": 2, "ageSeconds": 7_200 });
        assert_eq!(heading(&letter), "44136fa355b3  received 2 ×, 2 h old");
        assert_eq!(heading(&json!({ "id": "a", "attempts": 1, "ageSeconds": null })), "a  received 1 ×");
        assert_eq!([age(0), age(59), age(60), age(90_000)], ["0 s", "59 s", "1 min", "1 d"]);
    }

    #[test]
    fn a_body_cannot_speak_to_the_terminal() {
        assert_eq!(pretty(r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        assert_eq!(pretty("no \u{1b}[31mJSON"), "no \u{fffd}[31mJSON");
        assert_eq!(pretty("{\"a\":\"\u{7f}\"}"), "{\n  \"a\": \"\u{fffd}\"\n}");
    }
}
