//! A real Chromium, driven by the DevTools protocol over its WebSocket.

#![expect(clippy::expect_used, reason = "a test that needs a browser makes no sense without one")]

use crate::unconfined;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use sandbox::{Confined, Spec};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// How long anything is waited for.
const LIMIT: Duration = Duration::from_mins(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where to click an element, or null while that is not clear.
const CLICKABLE: &str = "(async () => {
  const place = () => {
    const element = document.querySelector(SELECTOR);
    if (!element || document.readyState !== 'complete') return null;
    element.scrollIntoView({ block: 'center' });
    const { x, y, width, height } = element.getClientRects()[0] ?? {};
    const at = [x + width / 2, y + height / 2];
    return element.contains(document.elementFromPoint(...at)) ? at : null;
  };
  const first = place();
  await new Promise((resolve) => setTimeout(resolve, 40));
  const then = place();
  return first && then && first.join() === then.join() ? then : null;
})()";

/// A running browser. Ends when dropped.
#[derive(Debug)]
pub struct Browser {
    connection: Arc<Connection>,
    reader: JoinHandle<()>,
    stderr: JoinHandle<()>,
    _child: Confined,
    _profile: TempDir,
}

impl Browser {
    /// Starts Debian's Chromium (or the one that `CHROMIUM` names) without a window and with an empty profile.
    ///
    /// # Panics
    /// When there is none, or it does not start.
    pub async fn start() -> Self {
        let profile = tempfile::tempdir().expect("a directory for the profile");
        let spec = Spec::new(program(), profile.path())
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--remote-debugging-port=0", "--window-size=1000,800", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("HOME", profile.path())
            .env("PATH", "/usr/bin:/bin");
        let mut child = unconfined().spawn(&spec).expect("Chromium starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines();
        let address = loop {
            let line = lines.next_line().await.expect("output").expect("Chromium ended before it listened");
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
        };
        let stderr = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let (socket, _) = connect_async(address).await.expect("DevTools answers");
        let (sink, stream) = socket.split();
        let connection = Arc::new(Connection::new(sink));
        let reader = tokio::spawn(Arc::clone(&connection).read(stream));
        Self { connection, reader, stderr, _child: child, _profile: profile }
    }

    /// A new page in a profile of its own.
    pub async fn page(&self) -> Page {
        let connection = Arc::clone(&self.connection);
        let context = connection.call(None, "Target.createBrowserContext", json!({})).await;
        let target = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = connection.call(None, "Target.createTarget", target).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", attach).await;
        let session = attached["sessionId"].as_str().expect("a session").to_owned();
        let page = Page { connection, session };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.reader.abort();
        self.stderr.abort();
    }
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return path.into();
    }
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| Path::exists(path))
        .expect("Chromium is missing: apt-get install chromium")
}

/// One page (a tab).
#[derive(Debug)]
pub struct Page {
    connection: Arc<Connection>,
    session: String,
}

impl Page {
    /// Opens `url` and waits until its load event.
    pub async fn goto(&self, url: &str) {
        let before = self.count("Page.loadEventFired");
        let answer = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(answer.get("errorText").is_none(), "{url}: {}", answer["errorText"]);
        self.wait(&format!("{url} to load"), async || self.count("Page.loadEventFired") > before).await;
    }

    /// The value of an expression, awaited when it is a promise.
    ///
    /// # Panics
    /// When it throws.
    pub async fn eval(&self, expression: &str) -> Value {
        self.try_eval(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until `expression` is true, across reloads and navigations.
    ///
    /// # Panics
    /// When it does not come true within a minute; says what the page looks like then.
    pub async fn until(&self, expression: &str) {
        let shown = "`${location.href}: ${document.body?.innerText.slice(0, 800)}`";
        let deadline = Instant::now() + LIMIT;
        let condition = format!("Boolean({expression})");
        loop {
            let last = self.try_eval(&condition).await;
            if last == Ok(Value::Bool(true)) {
                return;
            }
            if Instant::now() > deadline {
                let page = self.try_eval(shown).await;
                panic!(
                    "never: {expression}\nlast: {last:?}\npage: {page:?}\nconsole: {:#?}",
                    self.problems()
                );
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Clicks the middle of the first element that `selector` finds, with the mouse, once it is there, stays in its
    /// place, and nothing is in front of it.
    pub async fn click(&self, selector: &str) {
        let find = CLICKABLE.replace("SELECTOR", &json!(selector).to_string());
        let deadline = Instant::now() + LIMIT;
        let at = loop {
            if let Ok(at @ Value::Array(_)) = self.try_eval(&find).await {
                break at;
            }
            assert!(
                Instant::now() < deadline,
                "{selector} cannot be clicked; console: {:#?}",
                self.problems()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)] {
            let button = if buttons == 0 { "none" } else { "left" };
            let event =
                json!({ "type": kind, "x": at[0], "y": at[1], "button": button, "clickCount": buttons });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// What went wrong since the page was made or [`Page::forget`]: errors and warnings of the console,
    /// exceptions, failed requests.
    pub fn problems(&self) -> Vec<String> {
        self.events().iter().filter_map(problem).collect()
    }

    /// The addresses requested since then.
    pub fn requests(&self) -> Vec<String> {
        let url = |event: &Value| event["params"]["request"]["url"].as_str().map(str::to_owned);
        self.events()
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .filter_map(url)
            .collect()
    }

    /// Forgets all events so far.
    pub fn forget(&self) {
        self.connection.events().remove(&self.session);
    }

    /// A picture of the page, as PNG in base64.
    pub async fn screenshot(&self) -> String {
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        answer["data"].as_str().unwrap_or_default().to_owned()
    }

    /// Calls any method of the protocol on this page.
    pub async fn call(&self, method: &str, parameters: Value) -> Value {
        self.connection.call(Some(&self.session), method, parameters).await
    }

    async fn try_eval(&self, expression: &str) -> Result<Value, String> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.connection.try_call(Some(&self.session), "Runtime.evaluate", parameters).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details.to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    async fn wait(&self, what: &str, done: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !done().await {
            assert!(Instant::now() < deadline, "waited in vain for {what}; console: {:#?}", self.problems());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn count(&self, method: &str) -> usize {
        self.events().iter().filter(|event| event["method"] == method).count()
    }

    fn events(&self) -> Vec<Value> {
        self.connection.events().get(&self.session).cloned().unwrap_or_default()
    }
}

/// The event in one line, when it tells of something that went wrong.
fn problem(event: &Value) -> Option<String> {
    let parameters = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &parameters["exceptionDetails"];
            Some(format!("exception: {} {}", details["text"], details["exception"]["description"]))
        }
        "Runtime.consoleAPICalled"
            if matches!(parameters["type"].as_str(), Some("error" | "warning" | "assert")) =>
        {
            let words: Vec<String> = parameters["args"]
                .as_array()?
                .iter()
                .map(|word| match &word["value"] {
                    Value::Null => word["description"].to_string(),
                    value => value.to_string(),
                })
                .collect();
            Some(format!("console {}: {}", parameters["type"], words.join(" ")))
        }
        "Log.entryAdded" if matches!(parameters["entry"]["level"].as_str(), Some("error" | "warning")) => {
            Some(format!("log: {} {}", parameters["entry"]["text"], parameters["entry"]["url"]))
        }
        _ => None,
    }
}

/// The one WebSocket to the browser; pages share it.
#[derive(Debug)]
struct Connection {
    sink: tokio::sync::Mutex<SplitSink<Socket, Message>>,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    events: Mutex<HashMap<String, Vec<Value>>>,
}

impl Connection {
    fn new(sink: SplitSink<Socket, Message>) -> Self {
        Self {
            sink: tokio::sync::Mutex::new(sink),
            next: AtomicU64::new(1),
            waiting: Mutex::default(),
            events: Mutex::default(),
        }
    }

    async fn read(self: Arc<Self>, mut stream: SplitStream<Socket>) {
        while let Some(Ok(message)) = stream.next().await {
            let Message::Text(text) = message else { continue };
            let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
            if let Some(id) = message["id"].as_u64() {
                let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                if let Some(waiting) = waiting {
                    // Nobody waits any more when the test has ended.
                    let _ = waiting.send(message);
                }
            } else if let Some(session) = message["sessionId"].as_str() {
                self.events().entry(session.to_owned()).or_default().push(message);
            }
        }
    }

    fn events(&self) -> MutexGuard<'_, HashMap<String, Vec<Value>>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.try_call(session, method, parameters).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn try_call(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let (sender, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        self.sink
            .lock()
            .await
            .send(Message::text(message.to_string()))
            .await
            .map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(LIMIT, answer).await.map_err(|_| "no answer".to_owned())?;
        let answer = answer.map_err(|error| error.to_string())?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].clone()),
        }
    }
}
