//! A server that gives documented answers, where nothing on this machine gives the real ones.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Gives its answers in turn, the last one for ever.
pub(crate) struct Canned {
    uri: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Canned {
    /// Answers with these statuses and JSON bodies.
    pub(crate) async fn new(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut answers: Vec<_> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let heard = asked.clone();
        let serving = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let request = answer(client, &answers[0]).await;
                heard.lock().unwrap().push(request);
                if answers.len() > 1 {
                    answers.remove(0);
                }
            }
        });
        Self { uri, asked, serving }
    }

    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// The requests so far, heads and bodies.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut client: TcpStream, (status, body): &(u16, String)) -> String {
    let mut request = Vec::new();
    while !is_whole(&request) {
        assert!(client.read_buf(&mut request).await.unwrap() > 0, "a request broke off");
    }
    let head = format!(
        "HTTP/1.1 {status} S\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\nContent-Length: {}",
        body.len()
    );
    client.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    String::from_utf8(request).unwrap()
}

fn is_whole(request: &[u8]) -> bool {
    let request = String::from_utf8_lossy(request);
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
