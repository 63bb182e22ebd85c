//! The post-receive hook: tells the build service of a push to a repository on this machine.

use crate::notice::{PushedRef, SignedPush, signed_push};
use domain::ProjectId;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use std::io::{self, BufRead};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest time that a push waits for the build service's answer.
const WAIT: Duration = Duration::from_secs(5);

/// Whom to tell, and about what.
#[derive(Clone)]
pub struct Target {
    /// The webhook's address: `http://HOST:PORT/…/{projectId}`.
    pub url: String,
    /// The project's webhook secret.
    pub secret: Vec<u8>,
    /// The project.
    pub project: ProjectId,
    /// A name of the repository, for whoever reads the notice.
    pub repository: String,
}

/// Tells of everything that `input` lists in the form in which git tells a post-receive hook. Returns words for the
/// person who pushes when somebody could not be told; the push is done in any case, and the build service's sweep
/// finds what it was not told.
pub fn run(input: impl BufRead, target: &Target) -> Vec<String> {
    let pushed = match read(input) {
        Ok(pushed) => pushed,
        Err(err) => return vec![format!("the list of pushed branches cannot be read: {err}")],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(err) => return vec![format!("the build service was not told: {err}")],
    };
    let mut words = Vec::new();
    for one in pushed.iter().filter(|p| p.reference.starts_with("refs/heads/")) {
        let delivery = uuid::Uuid::new_v4().to_string();
        let push = signed_push(&target.secret, &target.project, &target.repository, one, &delivery);
        if let Err(err) = runtime.block_on(post(&target.url, push)) {
            words.push(format!(
                "the build service was not told of {}, it will find out: {err}",
                one.reference
            ));
        }
    }
    words
}

/// The lines `old new ref`.
pub fn read(input: impl BufRead) -> io::Result<Vec<PushedRef>> {
    let mut pushed = Vec::new();
    for line in input.lines() {
        let line = line?;
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        if let (Some(old), Some(new), Some(reference)) = (words.next(), words.next(), words.next()) {
            pushed.push(PushedRef { old, new, reference });
        }
    }
    Ok(pushed)
}

/// Posts a notice to an `http` address. Anything but success is an error.
pub async fn post(url: &str, push: SignedPush) -> io::Result<()> {
    match timeout(WAIT, send(url, push)).await {
        Ok(Ok(status)) if status.is_success() => Ok(()),
        Ok(Ok(status)) => Err(io::Error::other(format!("it answered {status}"))),
        Ok(Err(err)) => Err(err),
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "it did not answer")),
    }
}

async fn send(url: &str, push: SignedPush) -> io::Result<StatusCode> {
    let uri: Uri = url.parse().map_err(io::Error::other)?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
    let authority = authority.ok_or_else(|| io::Error::other("not an http address"))?.clone();
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    let mut request = Request::post(path).header("host", authority.as_str());
    for (name, value) in push.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(push.body))).map_err(io::Error::other)?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = answer.status();
        let _ = answer.into_body().collect().await;
        drop(sender);
        Ok(status)
    };
    let (status, _) = tokio::join!(exchange, connection);
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_git_gives_them() {
        let input = "aaa bbb refs/heads/main\n000 ccc refs/heads/x y\n\nbroken\n";
        let refs: Vec<_> = read(input.as_bytes()).unwrap().into_iter().map(|p| p.reference).collect();
        assert_eq!(refs, ["refs/heads/main", "refs/heads/x y"]);
    }

    #[test]
    fn nobody_there_gives_words_and_no_failure() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let target = Target {
            url: format!("http://{closed}/webhooks/push/p"),
            secret: b"s".to_vec(),
            project: "p".parse().unwrap(),
            repository: "p".to_owned(),
        };
        let words = run("a b refs/heads/main\na b refs/tags/v1\n".as_bytes(), &target);
        assert_eq!(words.len(), 1, "{words:?}");
        assert!(words[0].contains("refs/heads/main"));
    }
}
