//! The one way from package managers to the network: a proxy that leads to npm's registry and nowhere else.

use data_encoding::BASE64;
use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::warn;
use url::Url;

/// Where packages come from when nothing else is said: Yarn's name for it is in many lock files.
const USUAL: [&str; 2] = ["https://registry.npmjs.org/", "https://registry.yarnpkg.com/"];
/// Longest head of a request, in bytes.
const HEAD_MAX: usize = 16 << 10;
/// How long a request may take to be said, and a connection to be made.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running proxy on loopback. Clones are handles of the same one, which ends with the last.
#[derive(Clone, Debug)]
pub(crate) struct RegistryProxy {
    port: u16,
    routes: Arc<Routes>,
    _serving: Arc<AbortOnDropHandle<()>>,
}

/// Where it leads, and by which other proxy.
#[derive(Debug)]
struct Routes {
    open: Mutex<HashSet<String>>,
    /// For `https`, for `http`: the machine's own proxies.
    beyond: [Option<Url>; 2],
    /// Ends of names that the machine's proxies are not asked for.
    direct: Vec<String>,
}

impl RegistryProxy {
    /// Listens on loopback. `network` are the machine's own settings: its proxies are used, and its registry led to,
    /// besides those in `more`, as URLs or as host:port, with commas between.
    pub(crate) fn start(network: &[(String, OsString)], more: Option<&str>) -> io::Result<Self> {
        let named = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| network.iter().find(|(known, _)| known == name));
            found.and_then(|(_, value)| value.to_str()).filter(|value| !value.is_empty())
        };
        let proxy = |names| named(names).and_then(|text| Url::parse(text).ok());
        let direct = named(["no_proxy", "NO_PROXY"]).unwrap_or_default();
        let routes = Arc::new(Routes {
            open: Mutex::default(),
            beyond: [proxy(["https_proxy", "HTTPS_PROXY"]), proxy(["http_proxy", "HTTP_PROXY"])],
            direct: direct.split(',').map(|name| name.trim().trim_start_matches('.').to_owned()).collect(),
        });
        let registry = named(["npm_config_registry"; 2]);
        let listed =
            more.into_iter().flat_map(|more| more.split(',')).map(str::trim).filter(|word| !word.is_empty());
        USUAL.into_iter().chain(registry).chain(listed).for_each(|address| routes.open(address));
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = TcpListener::from_std(listener)?;
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::clone(&routes))));
        Ok(Self { port, routes, _serving: Arc::new(serving) })
    }

    /// Its port of 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Leads to `registry`, too.
    pub(crate) fn open(&self, registry: &str) {
        self.routes.open(registry);
    }
}

impl Routes {
    fn open(&self, address: &str) {
        let target = match Url::parse(address) {
            Ok(url) if url.has_host() => target_of(&url),
            _ if address.contains(':') => Some(address.to_ascii_lowercase()),
            _ => Some(format!("{}:443", address.to_ascii_lowercase())),
        };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).extend(target);
    }

    fn leads_to(&self, target: &str) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).contains(&target.to_ascii_lowercase())
    }

    /// The machine's proxy on the way to `target`.
    fn beyond(&self, target: &str, request: &Request) -> Option<&Url> {
        let host = target.rsplit_once(':').map_or(target, |(host, _)| host);
        let is_direct = |end: &String| {
            !end.is_empty()
                && (host == end
                    || end == "*"
                    || host.strip_suffix(end.as_str()).is_some_and(|rest| rest.ends_with('.')))
        };
        let proxy = self.beyond[usize::from(matches!(request, Request::Plain(_)))].as_ref();
        proxy.filter(|_| !self.direct.iter().any(is_direct))
    }
}

fn target_of(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?))
}

async fn serve(listener: TcpListener, routes: Arc<Routes>) {
    let connections = TaskTracker::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let routes = Arc::clone(&routes);
                connections.spawn(async move {
                    // Whatever breaks a connection off shows to the package manager, which says so.
                    let _ = pass(stream, &routes).await;
                });
            }
            Err(error) => {
                warn!(%error, "the way to the registry cannot take a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// What is asked for: to be connected, or a plain page.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Connect(String),
    Plain(String),
}

impl Request {
    fn parse(head: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
        let mut words = line.split(' ');
        match (words.next()?, words.next()?) {
            ("CONNECT", target) => Some(Self::Connect(target.to_owned())),
            (_, target) => Some(Self::Plain(target_of(&Url::parse(target).ok()?)?)),
        }
    }

    fn target(&self) -> &str {
        let (Self::Connect(target) | Self::Plain(target)) = self;
        target
    }
}

async fn pass(mut client: TcpStream, routes: &Routes) -> io::Result<()> {
    let head = timeout(PATIENCE, head(&mut client)).await??;
    let request = Request::parse(&head).ok_or(io::ErrorKind::InvalidData)?;
    let target = request.target();
    if !routes.leads_to(target) {
        warn!(target, "a package manager wanted to reach what is no registry; refused");
        return client
            .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
    }
    let beyond = routes.beyond(target, &request);
    let address = beyond.and_then(target_of).unwrap_or_else(|| target.to_owned());
    let Ok(Ok(mut server)) = timeout(PATIENCE, TcpStream::connect(&address)).await else {
        return client
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await;
    };
    match (&request, beyond) {
        (Request::Connect(_), None) => {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        }
        (_, beyond) => server.write_all(&with_credentials(&head, beyond)).await?,
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_MAX || client.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}

/// `head` with what the machine's proxy wants to know of its user, which nobody inside is told.
fn with_credentials(head: &[u8], proxy: Option<&Url>) -> Vec<u8> {
    let Some(proxy) = proxy.filter(|proxy| !proxy.username().is_empty()) else { return head.to_vec() };
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = format!("{}:{}", plain(proxy.username()), plain(proxy.password().unwrap_or_default()));
    let line = head.windows(2).position(|end| end == b"\r\n").map_or(head.len(), |at| at + 2);
    let credentials = format!("proxy-authorization: Basic {}\r\n", BASE64.encode(user.as_bytes()));
    [&head[..line], credentials.as_bytes(), &head[line..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(proxy: &RegistryProxy, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 200];
        let read = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    /// Accepts one connection, and gives what is said first.
    async fn heard(listener: &TcpListener, answer: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = head(&mut stream).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(head).unwrap()
    }

    #[tokio::test]
    async fn it_leads_to_registries_and_nowhere_else() {
        let registry = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = registry.local_addr().unwrap();
        let proxy = RegistryProxy::start(&[], None).unwrap();
        for refused in
            [&at.to_string(), "169.254.170.2:80", "registry.npmjs.org:80", "registry.npmjs.org.evil:443"]
        {
            assert!(
                ask(&proxy, &format!("CONNECT {refused} HTTP/1.1\r\n\r\n")).await.contains("403"),
                "{refused}"
            );
        }
        proxy.open(&format!("http://{at}/npm/"));
        let request = format!("GET http://{at}/npm/x HTTP/1.1\r\nhost: x\r\n\r\n");
        let (answer, asked) =
            tokio::join!(ask(&proxy, &request), heard(&registry, "HTTP/1.1 200 OK\r\n\r\n"));
        assert_eq!((answer.as_str(), asked), ("HTTP/1.1 200 OK\r\n\r\n", request));
        assert!(ask(&proxy, &format!("CONNECT {at} HTTP/1.1\r\n\r\n")).await.contains("200"));
    }

    #[tokio::test]
    async fn the_machines_proxy_is_used_and_its_password_added() {
        let beyond = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://user:p%40ss@{}", beyond.local_addr().unwrap());
        let network = [("https_proxy".to_owned(), url.into()), ("no_proxy".to_owned(), "yarnpkg.com".into())];
        let proxy = RegistryProxy::start(&network, Some("npm.example:8443")).unwrap();
        let request = "CONNECT npm.example:8443 HTTP/1.1\r\n\r\n";
        let (answer, asked) = tokio::join!(ask(&proxy, request), heard(&beyond, "HTTP/1.1 200 Fine\r\n\r\n"));
        assert_eq!(answer, "HTTP/1.1 200 Fine\r\n\r\n");
        let credentials = BASE64.encode(b"user:p@ss");
        assert_eq!(
            asked,
            format!("CONNECT npm.example:8443 HTTP/1.1\r\nproxy-authorization: Basic {credentials}\r\n\r\n")
        );
        let connect = Request::Connect(String::new());
        assert!(proxy.routes.beyond("registry.yarnpkg.com:443", &connect).is_none());
        assert!(proxy.routes.beyond("registry.npmjs.org:443", &connect).is_some());
    }
}
