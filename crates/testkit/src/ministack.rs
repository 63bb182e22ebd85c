//! The AWS stand-in on loopback: ministack, from PyPI. Installed once, kept between runs.

use crate::node::{cache_dir, once};
use sandbox::{Confined, Spec};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What is installed: the stand-in, and what its CloudWatch needs to understand the Rust SDK.
const PACKAGES: [&str; 2] = ["ministack==1.5.33", "cbor2==6.3.0"];
/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A running stand-in, with nothing in it. Killed when dropped.
pub struct Ministack {
    endpoint: String,
    _child: Confined,
    _dir: tempfile::TempDir,
}

impl Ministack {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When it cannot be installed or does not start: no test that needs it makes sense then.
    pub async fn start() -> Self {
        let python = python();
        let dir = tempfile::tempdir().unwrap_or_else(|error| panic!("no directory: {error}"));
        let port = free_port();
        let bin = python.parent().map(|bin| bin.display().to_string()).unwrap_or_default();
        let spec = Spec {
            stdout: sandbox::Stdio::Null,
            stderr: sandbox::Stdio::Null,
            ..Spec::new(bin.clone() + "/ministack", dir.path())
        };
        let spec = spec
            .env("PATH", format!("{bin}:/usr/bin:/bin"))
            .env("HOME", dir.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AWS_DEFAULT_REGION", "us-west-2")
            .env("MINISTACK_REGION", "us-west-2");
        let child = crate::unconfined().spawn(&spec).unwrap_or_else(|error| panic!("ministack: {error}"));
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(began.elapsed() < START, "ministack does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { endpoint: format!("http://127.0.0.1:{port}"), _child: child, _dir: dir }
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// The Python of the environment that the stand-in is installed in.
fn python() -> PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON
        .get_or_init(|| {
            let dir = cache_dir().join("ministack");
            once(&dir, &PACKAGES.join(" "), install)
                .unwrap_or_else(|error| panic!("no AWS stand-in for this test: {error}"));
            dir.join("venv/bin/python")
        })
        .clone()
}

fn install(dir: &Path) -> io::Result<()> {
    let venv = dir.join("venv");
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    succeed(Command::new(venv.join("bin/python")).args(pip).args(PACKAGES))
}

fn succeed(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener.and_then(|l| l.local_addr()).map_or(0, |address| address.port())
}
