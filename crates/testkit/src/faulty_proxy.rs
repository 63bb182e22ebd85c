//! A proxy before a real HTTP service that makes it fail as networks and busy services do, and can note what is asked.

use crate::exchange::{Exchange, header};
use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// Longest head of a request, in bytes.
const HEAD_MAX: usize = 64 * 1024;

/// What happens to a request instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400 with `ThrottlingException`, as the JSON protocols of AWS say it. The service never sees the request.
    Throttle,
    /// 503 without a body. The service never sees the request.
    Unavailable,
    /// The connection is cut. The service never sees the request.
    Cut,
    /// The service does what was asked, and the connection is cut before its answer: a fate that nobody knows.
    LoseAnswer,
}

/// A running proxy. Ends when dropped, with the connections through it.
pub struct FaultyProxy {
    endpoint: String,
    plan: Arc<Mutex<Plan>>,
    accepting: AbortHandle,
}

#[derive(Default)]
struct Plan {
    next: VecDeque<Fault>,
    always: Option<Fault>,
    seen: usize,
    /// What was asked and answered, from the moment on that somebody wants to know.
    noted: Option<Vec<Exchange>>,
}

impl Plan {
    fn take(&mut self) -> Option<Fault> {
        self.seen += 1;
        self.next.pop_front().or(self.always)
    }
}

impl FaultyProxy {
    /// A proxy on a free port before `endpoint` (`http://HOST:PORT`), which lets everything through until it is told
    /// otherwise.
    ///
    /// # Panics
    /// When it cannot listen, or `endpoint` is no such address.
    pub async fn before(endpoint: &str) -> Self {
        let target = endpoint.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').to_owned());
        let target = target.unwrap_or_else(|| panic!("{endpoint} is no http:// address"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.unwrap_or_else(|error| panic!("no port for the proxy: {error}"));
        let port = listener.local_addr().map_or(0, |address| address.port());
        let plan = Arc::new(Mutex::new(Plan::default()));
        let accepting = tokio::spawn(accept(listener, target, plan.clone())).abort_handle();
        Self { endpoint: format!("http://127.0.0.1:{port}"), plan, accepting }
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes the next `times` requests fail, after those that were arranged before.
    pub fn fail_next(&self, times: usize, fault: Fault) {
        self.plan().next.extend(std::iter::repeat_n(fault, times));
    }

    /// Makes every request fail from now on.
    pub fn fail_always(&self, fault: Fault) {
        self.plan().always = Some(fault);
    }

    /// Lets everything through again.
    pub fn heal(&self) {
        let mut plan = self.plan();
        plan.next.clear();
        plan.always = None;
    }

    /// How many requests there have been, failed ones included.
    pub fn seen(&self) -> usize {
        self.plan().seen
    }

    /// What was asked and answered since the last call of this; the first call begins the notes. An exchange is noted at
    /// its end.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.plan().noted.replace(Vec::new()).unwrap_or_default()
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: String, plan: Arc<Mutex<Plan>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let (target, plan) = (target.clone(), plan.clone());
        connections.spawn(async move {
            // A connection that breaks is the client's to notice.
            let _ = serve(client, &target, &plan).await;
        });
    }
}

/// One request per connection: each meets the plan by itself.
async fn serve(mut client: TcpStream, target: &str, plan: &Mutex<Plan>) -> io::Result<()> {
    let Some((head, begun)) = read_head(&mut client).await? else { return Ok(()) };
    let fault = plan.lock().unwrap_or_else(PoisonError::into_inner).take();
    match fault {
        None if plan.lock().unwrap_or_else(PoisonError::into_inner).noted.is_some() => {
            let exchange = note(&mut client, target, (head, begun)).await?;
            let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
            plan.noted.get_or_insert_default().push(exchange);
        }
        None => {
            let mut service = ask(target, &head, &begun).await?;
            copy_bidirectional(&mut client, &mut service).await?;
        }
        Some(Fault::LoseAnswer) => {
            let mut service = ask(target, &head, &begun).await?;
            let (mut answer, mut rest) = (Vec::new(), client.take(missing(&head, &begun)));
            tokio::io::copy(&mut rest, &mut service).await?;
            service.read_to_end(&mut answer).await?;
        }
        Some(fault) => {
            let left = missing(&head, &begun);
            tokio::io::copy(&mut (&mut client).take(left), &mut tokio::io::sink()).await?;
            client.write_all(answer(fault)).await?;
            client.shutdown().await?;
        }
    }
    Ok(())
}

/// Lets a request through and keeps it with its answer; of those without a target only the head, which is all there is to
/// know of a file.
async fn note(
    client: &mut TcpStream,
    target: &str,
    (head, mut body): (String, Vec<u8>),
) -> io::Result<Exchange> {
    if header(&head, "x-amz-target").is_none() {
        let mut service = ask(target, &head, &body).await?;
        copy_bidirectional(client, &mut service).await?;
        return Ok(Exchange { head, body: Vec::new(), answer: Vec::new() });
    }
    (&mut *client).take(missing(&head, &body)).read_to_end(&mut body).await?;
    let mut service = ask(target, &head, &body).await?;
    let (mut answer, mut more) = (Vec::new(), [0]);
    // Whoever waits may go away first.
    tokio::select! {
        read = service.read_to_end(&mut answer) => drop(read?),
        _ = client.peek(&mut more) => return Ok(Exchange { head, body, answer }),
    }
    client.write_all(&answer).await?;
    client.shutdown().await?;
    Ok(Exchange { head, body, answer })
}

/// The head with its closing blank line, and what of the body came with it. Nothing when the client went away.
async fn read_head(client: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let begun = read.split_off(end + 4);
            return Ok(Some((String::from_utf8_lossy(&read).into_owned(), begun)));
        }
        if read.len() > HEAD_MAX {
            return Err(io::Error::other("the head of a request does not end"));
        }
        if client.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
    }
}

/// Sends the beginning of a request to the service, which is to close the connection after its answer.
async fn ask(target: &str, head: &str, begun: &[u8]) -> io::Result<TcpStream> {
    let mut service = TcpStream::connect(target).await?;
    let (line, headers) = head.split_once("\r\n").unwrap_or((head, "\r\n"));
    service.write_all(format!("{line}\r\nConnection: close\r\n{headers}").as_bytes()).await?;
    service.write_all(begun).await?;
    Ok(service)
}

/// Bytes of the body that have not been read yet.
fn missing(head: &str, begun: &[u8]) -> u64 {
    let length = header(head, "content-length").and_then(|value| value.parse::<u64>().ok());
    length.unwrap_or(0).saturating_sub(begun.len() as u64)
}

fn answer(fault: Fault) -> &'static [u8] {
    match fault {
        Fault::Throttle => {
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\n\
              x-amzn-ErrorType: ThrottlingException\r\nConnection: close\r\nContent-Length: 60\r\n\r\n\
              {\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}  "
        }
        Fault::Unavailable => {
            b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        }
        Fault::Cut | Fault::LoseAnswer => b"",
    }
}
