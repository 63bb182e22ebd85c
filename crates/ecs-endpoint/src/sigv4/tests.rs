//! AWS' own test vectors (`aws-signing-test-suite/v4`), and what must be refused.

use super::*;
use http::Request;

const SESSION: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
const FORM_HASH: &str = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
/// 2015-08-30T12:36:00Z
const THEN: Timestamp = Timestamp(1_440_938_160_000);

type Headers<'a> = &'a [(&'a str, &'a str)];

/// Name, method, headers beside Host and X-Amz-Date, body, signed headers, signature.
const VECTORS: &[(&str, &str, Headers<'static>, &str, &str, &str)] = &[
    (
        "get-vanilla",
        "GET",
        &[],
        "",
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        "post-vanilla",
        "POST",
        &[],
        "",
        "host;x-amz-date",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    (
        "get-header-key-duplicate",
        "GET",
        &[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
        "",
        "host;my-header1;x-amz-date",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-header-value-order",
        "GET",
        &[
            ("My-Header1", "value4"),
            ("My-Header1", "value1"),
            ("My-Header1", "value3"),
            ("My-Header1", "value2"),
        ],
        "",
        "host;my-header1;x-amz-date",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    ),
    (
        "get-header-value-trim",
        "GET",
        &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "",
        "host;my-header1;my-header2;x-amz-date",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "post-header-value-case",
        "POST",
        &[("My-Header1", "VALUE1")],
        "",
        "host;my-header1;x-amz-date",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    (
        "get-vanilla-with-session-token",
        "GET",
        &[("X-Amz-Security-Token", SESSION)],
        "",
        "host;x-amz-date;x-amz-security-token",
        "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        &[
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", "13"),
            ("x-amz-content-sha256", FORM_HASH),
        ],
        "Param1=value1",
        "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    ),
];

fn key() -> AccessKey {
    AccessKey::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn request(method: &str, headers: Headers<'_>, signed: &str, signature: &str) -> Parts {
    let mut request = Request::builder()
        .method(method)
        .uri("/")
        .header("Host", "example.amazonaws.com")
        .header("X-Amz-Date", "20150830T123600Z");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
    let authorization =
        format!("{ALGORITHM} Credential={scope}, SignedHeaders={signed}, Signature={signature}");
    request.header("Authorization", authorization).body(()).unwrap().into_parts().0
}

fn vanilla() -> Parts {
    let (_, method, headers, _, signed, signature) = VECTORS[1];
    request(method, headers, signed, signature)
}

#[test]
fn requests_of_aws_own_suite_are_believed() {
    for (name, method, headers, body, signed, signature) in VECTORS {
        let parts = request(method, headers, signed, signature);
        assert_eq!(key().verify("service", &parts, body.as_bytes(), THEN), Ok(()), "{name}");
    }
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    let differs = Err(Fault::InvalidSignature(DIFFERS.to_owned()));
    assert_eq!(key().verify("service", &vanilla(), b"{}", THEN), differs);
    let mut method = vanilla();
    method.method = http::Method::PUT;
    assert_eq!(key().verify("service", &method, b"", THEN), differs);
    let mut host = vanilla();
    host.headers.insert("host", "other.example".parse().unwrap());
    assert_eq!(key().verify("service", &host, b"", THEN), differs);
    let wrong = AccessKey::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEz");
    assert_eq!(wrong.verify("service", &vanilla(), b"", THEN), differs);
    let (_, method, headers, _, signed, signature) = VECTORS[7];
    let form = request(method, headers, signed, signature);
    let refused = key().verify("service", &form, b"Param1=value2", THEN).unwrap_err();
    assert!(matches!(&refused, Fault::InvalidSignature(says) if says.contains("sha256")), "{refused:?}");
}

#[test]
fn an_unknown_key_a_foreign_scope_and_an_unsigned_header_are_refused() {
    let other = AccessKey::new("AKIDOTHER", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    assert_eq!(other.verify("service", &vanilla(), b"", THEN), Err(Fault::UnrecognizedClient));
    let code = |fault: Result<(), Fault>| fault.unwrap_err().code();
    assert_eq!(code(key().verify("ecs", &vanilla(), b"", THEN)), "InvalidSignatureException");
    let mut target = vanilla();
    target.headers.insert("x-amz-target", "ECS.StopTask".parse().unwrap());
    let refused = key().verify("service", &target, b"", THEN).unwrap_err();
    assert_eq!(refused, Fault::InvalidSignature("The header x-amz-target is not signed.".to_owned()));
    let hostless = request("POST", &[], "x-amz-date", "00");
    let refused = key().verify("service", &hostless, b"", THEN).unwrap_err();
    assert_eq!(refused, Fault::InvalidSignature("The header host is not signed.".to_owned()));
}

#[test]
fn five_minutes_are_the_limit_in_both_directions() {
    for (off, good) in [(300_000, true), (-300_000, true), (300_001, false), (-300_001, false)] {
        let verified = key().verify("service", &vanilla(), b"", Timestamp(THEN.0 + off));
        assert_eq!(verified.is_ok(), good, "{off}: {verified:?}");
    }
}

#[test]
fn what_is_no_signature_is_told_so() {
    let mut bare = vanilla();
    bare.headers.remove("authorization");
    assert_eq!(key().verify("service", &bare, b"", THEN), Err(Fault::MissingAuthentication));
    for (header, broken) in [
        ("authorization", "Bearer x"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service, SignedHeaders=host, Signature=00",
        ),
        ("authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"),
        ("x-amz-date", "yesterday"),
    ] {
        let mut parts = vanilla();
        parts.headers.insert(header, broken.parse().unwrap());
        let refused = key().verify("service", &parts, b"", THEN).unwrap_err();
        assert_eq!(refused.code(), "IncompleteSignatureException", "{broken}: {refused:?}");
    }
    let mut scope = vanilla();
    let other_day = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150829/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
    scope.headers.insert("authorization", other_day.parse().unwrap());
    let refused = key().verify("service", &scope, b"", THEN).unwrap_err();
    assert!(matches!(&refused, Fault::InvalidSignature(says) if says.contains("scope")), "{refused:?}");
}
