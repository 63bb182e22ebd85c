//! What was asked of AWS and what it answered, as a proxy between the two sees it.

use serde_json::Value;

/// A request to AWS with its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

impl Exchange {
    /// The service as people call it, and the operation as its API does.
    pub fn operation(&self) -> (&'static str, String) {
        if let Some(target) = self.header("x-amz-target") {
            let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
            return (service(prefix), operation.to_owned());
        }
        let (method, path) = self.line();
        if let Some((_, operation)) = path.split_once("/operation/") {
            return ("CloudWatch", operation.to_owned());
        }
        ("S3", self.of_s3(method, path).to_owned())
    }

    fn of_s3(&self, method: &str, path: &str) -> &'static str {
        match method {
            "PUT" if self.header("x-amz-copy-source").is_some() => "CopyObject",
            "PUT" => "PutObject",
            "GET" if path.contains("list-type=") => "ListObjectsV2",
            "GET" => "GetObject",
            "HEAD" => "HeadObject",
            "DELETE" => "DeleteObject",
            _ => "Post",
        }
    }

    /// What was asked, where that is JSON.
    pub fn asked(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What was answered, where that is JSON and a success.
    pub fn answered(&self) -> Option<Value> {
        let end = self.answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, body) = (String::from_utf8_lossy(&self.answer[..end]), &self.answer[end + 4..]);
        if head.split_whitespace().nth(1) != Some("200") {
            return None;
        }
        serde_json::from_slice(body).ok()
    }

    fn line(&self) -> (&str, &str) {
        let mut words = self.head.split_whitespace();
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// The value of a header in the head of a request.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The service that calls its operations so in `X-Amz-Target`.
fn service(prefix: &str) -> &'static str {
    match prefix {
        "AmazonSQS" => "SQS",
        _ if prefix.starts_with("DynamoDB") => "DynamoDB",
        _ if prefix.starts_with("AmazonEC2ContainerService") => "ECS",
        _ => "another service",
    }
}

#[cfg(test)]
mod tests {
    use super::Exchange;

    #[test]
    fn an_operation_is_known_by_its_head() {
        for (head, service, operation) in [
            ("POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n", "SQS", "SendMessage"),
            ("POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.GetItem\r\n", "DynamoDB", "GetItem"),
            ("POST /service/Granite/operation/PutMetricData HTTP/1.1\r\n", "CloudWatch", "PutMetricData"),
            ("PUT /b/k HTTP/1.1\r\nx-amz-copy-source: b/j\r\n", "S3", "CopyObject"),
            ("GET /b/?list-type=2&prefix=mail HTTP/1.1\r\n", "S3", "ListObjectsV2"),
            ("GET /b/k HTTP/1.1\r\n", "S3", "GetObject"),
        ] {
            let exchange = Exchange { head: head.to_owned(), body: Vec::new(), answer: Vec::new() };
            assert_eq!(exchange.operation(), (service, operation.to_owned()));
        }
    }

    #[test]
    fn only_a_success_has_an_answer() {
        let of = |answer: &str| Exchange {
            head: String::new(),
            body: b"{\"a\":1}".to_vec(),
            answer: answer.as_bytes().to_vec(),
        };
        assert_eq!(of("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"n\":2}").answered().unwrap()["n"], 2);
        assert_eq!(of("HTTP/1.1 400 Bad\r\n\r\n{}").answered(), None);
        assert_eq!(of("").asked()["a"], 1);
    }
}
