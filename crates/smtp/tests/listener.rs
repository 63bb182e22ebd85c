//! The listener against real clients: python's smtplib, curl, lettre and a bare socket.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use smtp::{Door, Envelope, Limits, RelayUrl, SendError, Server, Verdict, send};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Keeps every mail; refuses `nobody@…`; `gate` holds mails back where a test wants that.
struct Keep {
    mails: Mutex<Vec<(Envelope, Vec<u8>)>>,
    gate: Semaphore,
    arrived: Semaphore,
}

#[async_trait]
impl Door for Keep {
    async fn recipient(&self, _from: &str, to: &str) -> Verdict {
        if to.starts_with("nobody@") {
            let says = "No such project here \u{2013} ask \u{201c}Ann\u{201d}\r\n250 sneaky".to_owned();
            return Verdict::Refuse { code: 550, enhanced: "5.1.1", says };
        }
        if to.starts_with("later@") {
            return Verdict::Later { says: "Not now".into() };
        }
        Verdict::Accept("Recipient OK".into())
    }

    async fn mail(&self, envelope: Envelope, raw: Vec<u8>) -> Verdict {
        self.arrived.add_permits(1);
        self.gate.acquire().await.unwrap().forget();
        self.mails.lock().unwrap().push((envelope, raw));
        Verdict::Accept("Taken".into())
    }
}

struct Running {
    keep: Arc<Keep>,
    addr: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Running {
    async fn start() -> Self {
        Self::with(Limits::default(), 1_000).await
    }

    async fn with(limits: Limits, open_gates: usize) -> Self {
        let keep = Arc::new(Keep {
            mails: Mutex::default(),
            gate: Semaphore::new(open_gates),
            arrived: Semaphore::new(0),
        });
        let door: Arc<dyn Door> = Arc::clone(&keep) as _;
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), door, limits).await.unwrap();
        let (addr, stop) = (server.local_addr(), CancellationToken::new());
        let server = tokio::spawn(server.run(stop.clone()));
        Self { keep, addr, stop, server }
    }

    fn raws(&self) -> Vec<Vec<u8>> {
        self.keep.mails.lock().unwrap().iter().map(|(_, raw)| raw.clone()).collect()
    }

    fn relay(&self) -> RelayUrl {
        format!("smtp://{}", self.addr).parse().unwrap()
    }

    async fn end(self) -> Vec<(Envelope, Vec<u8>)> {
        self.stop.cancel();
        self.server.await.unwrap();
        std::mem::take(&mut *self.keep.mails.lock().unwrap())
    }

    /// Says `wire` in one piece and QUIT, and gives all that came back.
    async fn talk(&self, wire: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.write_all(wire).await.unwrap();
        stream.write_all(b"QUIT\r\n").await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    }
}

fn codes(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect()
}

async fn run(program: &str, args: &[&str]) -> (bool, String) {
    let output = tokio::process::Command::new(program).args(args).output().await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

const ENVELOPE: &str = "EHLO me\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<edit@demo.localhost>\r\n";

#[tokio::test]
async fn pythons_smtplib_delivers_dots_and_8_bit_text() {
    let running = Running::start().await;
    let script = r#"
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
s.ehlo()
assert s.esmtp_features["size"] == "26214400", s.esmtp_features
for name in ("8bitmime", "smtputf8", "pipelining", "chunking"):
    assert name in s.esmtp_features, name
assert "starttls" not in s.esmtp_features and "auth" not in s.esmtp_features
body = "Subject: hi\r\n\r\nGr\u00fc\u00dfe\r\n.\r\n..\r\n.dot\r\n".encode()
s.sendmail("ann@example.com", ["edit@demo.localhost", "edit+x@demo.localhost"], body, ["BODY=8BITMIME"])
s.sendmail("", ["edit@demo.localhost"], b"Subject: second\r\n\r\nx")
try:
    s.sendmail("ann@example.com", ["nobody@demo.localhost"], b"x")
    raise SystemExit("not refused")
except smtplib.SMTPRecipientsRefused as e:
    code, words = e.recipients["nobody@demo.localhost"]
    assert code == 550 and words == b'5.1.1 No such project here - ask "Ann" 250 sneaky', words
assert s.verify("ann")[0] == 252 and s.noop()[0] == 250
s.quit()
"#;
    let (ok, said) = run("python3", &["-c", script, &running.addr.port().to_string()]).await;
    assert!(ok, "{said}");
    let mails = running.end().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].0.to, ["edit@demo.localhost", "edit+x@demo.localhost"]);
    assert_eq!(mails[0].1, "Subject: hi\r\n\r\nGrüße\r\n.\r\n..\r\n.dot\r\n".as_bytes());
    assert_eq!(mails[1].0.from, "");
}

#[tokio::test]
async fn curl_and_lettre_deliver_the_bytes() {
    let running = Running::start().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mail");
    std::fs::write(&file, "Subject: hi\r\n\r\n.one\r\n").unwrap();
    let url = format!("smtp://{}/me", running.addr);
    let file = file.to_str().unwrap();
    let args = ["-sS", &url, "--mail-from", "a@b.c", "--mail-rcpt", "edit@demo.localhost", "-T", file];
    let (ok, said) = run("curl", &args).await;
    assert!(ok, "{said}");
    let raw = b"Subject: hi\r\n\r\n.two\r\n..\r\n";
    send(&running.relay(), "a@b.c", "edit@demo.localhost", raw).await.unwrap();
    assert_eq!(running.raws(), [b"Subject: hi\r\n\r\n.one\r\n".to_vec(), raw.to_vec()]);
    running.end().await;
}

#[tokio::test]
async fn a_refusals_words_reach_the_sender() {
    let running = Running::start().await;
    let refused = send(&running.relay(), "a@b.c", "nobody@demo.localhost", b"x\r\n").await.unwrap_err();
    let SendError::Permanent(says) = refused else { panic!("{refused:?}") };
    assert!(says.contains("550") && says.contains("No such project here"), "{says}");
    let later = send(&running.relay(), "a@b.c", "later@demo.localhost", b"x\r\n").await.unwrap_err();
    assert!(matches!(&later, SendError::Transient(says) if says.contains("Not now")), "{later:?}");
    let relay = running.relay();
    running.end().await;
    let gone = send(&relay, "a@b.c", "edit@demo.localhost", b"x\r\n").await.unwrap_err();
    assert!(matches!(gone, SendError::Transient(_)), "{gone:?}");
}

#[tokio::test]
async fn everything_may_come_in_one_piece() {
    let running = Running::start().await;
    let wire = format!(
        "{ENVELOPE}DATA\r\none\r\n.\r\nMAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<edit@demo.localhost>\r\n\
         RSET\r\nNOOP\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<edit@demo.localhost>\r\nBDAT 5\r\nab\r\n.BDAT 3 LAST\r\n\r\nc"
    );
    let said = running.talk(wire.as_bytes()).await;
    let expected = "220 250 250 250 354 250 250 250 250 250 250 250 250 250 221";
    assert_eq!(codes(&said).join(" "), expected, "{said}");
    assert_eq!(running.raws(), [b"one\r\n".to_vec(), b"ab\r\n.\r\nc".to_vec()]);
    running.end().await;
}

#[tokio::test]
async fn nothing_is_smuggled() {
    let running = Running::start().await;
    let mut count = 0;
    for fake in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r\n", "\r.\r", "\r\n.\r", "\r\n\0.\r\n"] {
        let inner = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<edit@demo.localhost>\r\nDATA\r\nevil";
        let said = running.talk(format!("{ENVELOPE}DATA\r\nhi{fake}{inner}\r\n.\r\n").as_bytes()).await;
        assert_eq!(codes(&said), ["220", "250", "250", "250", "354", "250", "221"], "{fake:?}: {said}");
        count += 1;
    }
    let mails = running.end().await;
    assert_eq!(mails.len(), count);
    assert!(mails.iter().all(|(envelope, _)| envelope.from == "ann@example.com"));
}

#[tokio::test]
async fn a_mail_of_30_megabytes_is_refused_either_way() {
    let running = Running::start().await;
    let script = r#"
import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
big = b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" + (b"y" * 998 + b"\r\n") * 30000
try:
    s.sendmail("ann@example.com", ["edit@demo.localhost"], big)
    raise SystemExit("announced size not refused")
except smtplib.SMTPSenderRefused as e:
    assert e.smtp_code == 552 and b"5.3.4" in e.smtp_error and b"too large" in e.smtp_error, e
s.helo()
s.mail("ann@example.com"); s.rcpt("edit@demo.localhost")
code, words = s.data(big)
assert code == 552 and b"at most 25 MB" in words, (code, words)
s.sendmail("ann@example.com", ["edit@demo.localhost"], b"Subject: small\r\n\r\nx")
s.quit()
"#;
    let (ok, said) = run("python3", &["-c", script, &running.addr.port().to_string()]).await;
    assert!(ok, "{said}");
    assert_eq!(running.raws().len(), 1);
    running.end().await;
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing() {
    let limits = Limits { buffered_bytes: 3_000_000, ..Limits::default() };
    let running = Running::with(limits, 1_000).await;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(running.addr).await.unwrap();
        stream.write_all(ENVELOPE.as_bytes()).await.unwrap();
        stream.write_all(b"DATA\r\n").await.unwrap();
        stream.write_all(&vec![b'x'; 2_000_000]).await.unwrap();
        stream.write_all(b"\r\n.\r").await.unwrap();
        // Its end is seen when the server closes its side as well.
        stream.shutdown().await.unwrap();
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
    }
    let mut raw = vec![b'y'; 2_000_000];
    raw.extend_from_slice(b"\r\n");
    send(&running.relay(), "a@b.c", "edit@demo.localhost", &raw).await.unwrap();
    assert_eq!(running.end().await.len(), 1);
}

#[tokio::test]
async fn forty_clients_at_once_are_all_served() {
    let running = Running::start().await;
    let relay = running.relay();
    let sends = (0..40).map(|n| {
        let relay = relay.clone();
        tokio::spawn(async move {
            let raw = format!("Subject: {n}\r\n\r\nx\r\n");
            send(&relay, "a@b.c", "edit@demo.localhost", raw.as_bytes()).await
        })
    });
    for sent in sends.collect::<Vec<_>>() {
        sent.await.unwrap().unwrap();
    }
    assert_eq!(running.end().await.len(), 40);
}

#[tokio::test]
async fn bounds_are_kept() {
    let limits = Limits { connections: 1, recipients: 3, ..Limits::default() };
    let running = Running::with(limits, 1_000).await;
    let mut wire = format!("MAIL FROM:<a@b.c>\r\n{ENVELOPE}");
    for n in 0..4 {
        wire += &["RCPT TO:<r", &n.to_string(), "@demo.localhost>\r\n"].concat();
    }
    wire += &["NOOP ", &"x".repeat(5_000), "\r\nDATA extra\r\n.\r\n"].concat();
    let said = running.talk(wire.as_bytes()).await;
    let expected = "220 503 250 250 250 250 250 452 452 500 354 250 221";
    assert_eq!(codes(&said).join(" "), expected, "{said}");
    let said = running.talk("FOO\r\n".repeat(30).as_bytes()).await;
    assert!(said.contains("421 4.7.0 Too many errors"), "{said}");
    let said = running.talk(b"POST / HTTP/1.1\r\nEHLO me\r\n").await;
    assert_eq!(codes(&said), ["220", "421"], "{said}");

    let mut first = TcpStream::connect(running.addr).await.unwrap();
    let mut banner = [0; 3];
    first.read_exact(&mut banner).await.unwrap();
    let said = running.talk(b"").await;
    assert!(said.starts_with("421 4.3.2"), "{said}");
    running.end().await;
}

#[tokio::test]
async fn a_silent_client_is_sent_away() {
    let limits = Limits { idle: Duration::from_millis(50), ..Limits::default() };
    let running = Running::with(limits, 1_000).await;
    let mut stream = TcpStream::connect(running.addr).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    assert_eq!(codes(&said), ["220", "421"], "{said}");
    running.end().await;
}

#[tokio::test]
async fn a_stop_lets_the_running_mail_finish_and_sends_others_away() {
    let running = Running::with(Limits::default(), 0).await;
    let mut idle = TcpStream::connect(running.addr).await.unwrap();
    let mut banner = [0; 4];
    idle.read_exact(&mut banner).await.unwrap();
    let relay = running.relay();
    let sending = tokio::spawn(async move { send(&relay, "a@b.c", "edit@demo.localhost", b"x\r\n").await });
    running.keep.arrived.acquire().await.unwrap().forget();
    running.stop.cancel();
    let mut said = String::new();
    idle.read_to_string(&mut said).await.unwrap();
    assert!(said.contains("421 4.3.2"), "{said}");
    running.keep.gate.add_permits(1);
    sending.await.unwrap().unwrap();
    assert_eq!(running.end().await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_does_not_end_is_given_up_after_the_drain() {
    let limits = Limits { drain: Duration::from_millis(50), ..Limits::default() };
    let running = Running::with(limits, 1_000).await;
    let mut stream = TcpStream::connect(running.addr).await.unwrap();
    stream.write_all(format!("{ENVELOPE}DATA\r\nhalf").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("354") {
        stream.read_buf(&mut said).await.unwrap();
    }
    let stop = running.stop.clone();
    stop.cancel();
    stream.read_to_end(&mut said).await.unwrap();
    assert!(String::from_utf8_lossy(&said).contains("421"));
    assert_eq!(running.end().await.len(), 0);
}
