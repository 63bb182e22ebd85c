//! The rehearsal as a client of the Messages API sees it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rehearsal::{MARK, Rehearsal};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

async fn ask(rehearsal: &Rehearsal, path: &str, body: &Value) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(format!("{}{path}", rehearsal.base_url())).json(body).send().await.unwrap()
}

fn request(instruction: &str, stream: &Value) -> Value {
    json!({"model": "m", "stream": stream, "tools": [{"name": "Grep"}],
           "messages": [{"role": "user", "content": instruction}]})
}

/// The events of a stream: each has a name that is its data's type.
fn events(text: &str) -> Vec<Value> {
    let event = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[tokio::test]
async fn a_stream_has_the_real_order_and_its_pieces_make_a_whole() {
    let rehearsal = Rehearsal::start(CancellationToken::new()).await.unwrap();
    let body = request(r#"replace "A" with "B""#, &json!(true));
    let answer = ask(&rehearsal, "/v1/messages?beta=true", &body).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let events = events(&answer.text().await.unwrap());
    let kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["message_start", "content_block_start"]);
    assert_eq!(kinds[kinds.len() - 3..], ["content_block_stop", "message_delta", "message_stop"]);
    let input: String = events.iter().filter_map(|e| e["delta"]["partial_json"].as_str()).collect();
    assert_eq!(serde_json::from_str::<Value>(&input).unwrap()["pattern"], "A");
    assert_eq!(events[events.len() - 2]["delta"]["stop_reason"], "tool_use");
}

#[tokio::test]
async fn whole_answers_side_calls_counts_and_failures() {
    let rehearsal = Rehearsal::start(CancellationToken::new()).await.unwrap();
    let answer = ask(&rehearsal, "/v1/messages", &request("make it nicer", &Value::Null)).await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["stop_reason"], "end_turn");
    assert!(answer["content"][0]["text"].as_str().unwrap().ends_with(MARK));

    let title = json!({"model": "m", "messages": [{"role": "user", "content": "delete page about"}]});
    let answer: Value = ask(&rehearsal, "/v1/messages", &title).await.json().await.unwrap();
    assert_eq!(answer["content"].as_array().unwrap().len(), 1);

    let count: Value = ask(&rehearsal, "/v1/messages/count_tokens", &title).await.json().await.unwrap();
    assert!(count["input_tokens"].as_u64().unwrap() > 0);

    let answer = ask(&rehearsal, "/v1/messages", &request("[fail 529] x", &json!(true))).await;
    assert_eq!(answer.status().as_u16(), 529);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["type"], "overloaded_error");
}

#[tokio::test]
async fn a_slow_answer_streams_meanwhile_and_then_acts() {
    let rehearsal = Rehearsal::start(CancellationToken::new()).await.unwrap();
    let began = Instant::now();
    let answer =
        ask(&rehearsal, "/v1/messages", &request(r#"[slow 1] replace "A" with "B""#, &json!(true))).await;
    let events = events(&answer.text().await.unwrap());
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert!(events.iter().filter(|e| e["delta"]["type"] == "text_delta").count() >= 10);
    assert!(events.iter().any(|e| e["content_block"]["name"] == "Grep"));
}

#[tokio::test]
async fn stopping_ends_a_stalled_answer() {
    let stop = CancellationToken::new();
    let rehearsal = Rehearsal::start(stop.clone()).await.unwrap();
    let answer = ask(&rehearsal, "/v1/messages", &request("[stall] x", &json!(true))).await;
    stop.cancel();
    assert_eq!(events(&answer.text().await.unwrap()).len(), 1);
    rehearsal.closed().await;
}
