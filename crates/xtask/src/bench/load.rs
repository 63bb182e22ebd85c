//! A load generator: one asset again and again over connections that are kept.

use anyhow::{Context, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread::scope;

/// Connections at once.
const CONNECTIONS: u32 = 16;

/// Asks `address` for `path` `requests` times in all, and reads every answer, which must have `length` bytes.
pub(crate) fn load(address: &str, path: &str, requests: u32, length: usize) -> anyhow::Result<()> {
    let each = requests / CONNECTIONS;
    scope(|scope| {
        let asking: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(|| connection(address, path, each, length))).collect();
        for connection in asking {
            connection.join().map_err(|_| anyhow::anyhow!("a connection panicked"))??;
        }
        Ok(())
    })
}

fn connection(address: &str, path: &str, requests: u32, length: usize) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n\r\n"
    );
    let mut body = Vec::new();
    for _ in 0..requests {
        stream.write_all(request.as_bytes())?;
        body.resize(answer_length(&mut answers)?, 0);
        ensure!(body.len() == length, "{path}: {} bytes instead of {length}", body.len());
        answers.read_exact(&mut body)?;
    }
    Ok(())
}

/// Reads the head of an answer, which must be 200 and have a length.
fn answer_length(answers: &mut impl BufRead) -> anyhow::Result<usize> {
    let mut line = String::new();
    ensure!(answers.read_line(&mut line)? > 0, "the connection was closed");
    ensure!(line.starts_with("HTTP/1.1 200"), "the answer is {line}");
    let mut length = None;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = Some(value.trim().parse()?);
            }
            Some(_) => {}
            None => return length.context("the answer has no length"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer_length;

    #[test]
    fn heads_are_read_to_their_end() {
        let mut answer = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-LENGTH: 12\r\n\r\nbody".as_bytes();
        assert_eq!(answer_length(&mut answer).unwrap(), 12);
        assert_eq!(answer, b"body");
        assert!(answer_length(&mut "HTTP/1.1 404 Not Found\r\n\r\n".as_bytes()).is_err());
    }
}
