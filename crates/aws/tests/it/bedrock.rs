//! What the gateway does for Bedrock, beside what AWS' own crates do.

use aws::{Clients, RoleSigner, Settings};
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use domain::Timestamp;
use ecs_endpoint::AccessKey;
use gateway::frames::Frames;
use http::Request;
use http::request::Parts;
use ports::Signer;
use ports::signer::Unsigned;
use std::time::{SystemTime, UNIX_EPOCH};

const URL: &str = "http://127.0.0.1:9/model/global.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke";

async fn signed(body: &[u8]) -> Parts {
    let clients = Clients::connect(&Settings { stand_in: Some("http://127.0.0.1:1".to_owned()) }).await;
    let headers = [("content-type", "application/json")];
    let unsigned = Unsigned { method: "POST", url: URL, headers: &headers, body };
    let signature = RoleSigner::new(&clients, "eu-central-1").sign(&unsigned).await.unwrap();
    let request = Request::post(URL).header("host", "127.0.0.1:9").header(headers[0].0, headers[0].1);
    let request = signature.iter().fold(request, |request, (name, value)| request.header(name, value));
    request.body(()).unwrap().into_parts().0
}

#[tokio::test]
async fn a_signature_is_over_the_path_the_headers_and_the_body() {
    let mut parts = signed(b"{}").await;
    let key = AccessKey::new("stand-in", "stand-in");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Timestamp(i64::try_from(since.as_millis()).unwrap());
    key.verify("bedrock", &parts, b"{}", now).unwrap();
    assert!(key.verify("bedrock", &parts, b"{ }", now).is_err());
    assert!(key.verify("ecs", &parts, b"{}", now).is_err());
    let authorization = parts.headers["authorization"].to_str().unwrap().to_owned();
    assert!(authorization.contains("/eu-central-1/bedrock/aws4_request"), "{authorization}");
    parts.uri = URL.replace("haiku", "opus").parse().unwrap();
    assert!(key.verify("bedrock", &parts, b"{}", now).is_err());
}

#[test]
fn frames_that_aws_writes_are_read() {
    let (mut stream, mut want) = (Vec::new(), Vec::new());
    for n in 0..20_usize {
        let payload = vec![b'a' + u8::try_from(n).unwrap(); n * 37];
        let message = Message::new(payload.clone())
            .add_header(Header::new(":event-type", HeaderValue::String("chunk".into())))
            .add_header(Header::new("when", HeaderValue::Int64(i64::MAX)))
            .add_header(Header::new("so", HeaderValue::Bool(true)));
        write_message_to(&message, &mut stream).unwrap();
        want.push(payload);
    }
    for size in [1, 7, 4_096, stream.len()] {
        let mut frames = Frames::default();
        let read: Vec<Vec<u8>> = stream.chunks(size).flat_map(|piece| frames.feed(piece).unwrap()).collect();
        assert_eq!(read, want, "pieces of {size}");
    }
}
