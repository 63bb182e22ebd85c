//! CPU per request of the preview's proxy, beside nginx and haproxy in front of the same server.

use super::load::load;
use super::process::{Running, cpu_of_family};
use super::report::{Report, Target, median};
use super::{folder, program};
use crate::needs;
use anyhow::{Context, bail};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ASSET: usize = 10 * 1024;
const REQUESTS: u32 = 32_000;
const ROUNDS: usize = 5;
const THREAD: &str = "abcdefghijkl";

pub(super) fn run() -> anyhow::Result<Report> {
    needs::ensure(needs::PROXIES)?;
    let folder = folder().join("proxy");
    let path = format!("/session/{THREAD}/asset.js");
    let assets = folder.join(format!("files/session/{THREAD}"));
    fs::create_dir_all(&assets)?;
    // Text of a script: what a proxy passes through as it is.
    fs::write(assets.join("asset.js"), "x=1;\n".repeat(ASSET / 5))?;
    let upstream = Server::nginx(&folder.join("upstream"), &Role::Files(folder.join("files")))?;
    let to = upstream.address.clone();
    let servers = [
        ("nginx", Server::nginx(&folder.join("nginx"), &Role::Proxy(to.clone()))?),
        ("haproxy", Server::haproxy(&folder.join("haproxy"), &to)?),
        ("WebOrdinary's proxy alone", Server::ours(&to)?),
        ("with listener, hosts and router", Server::router(&to, "here")?),
        ("Hermes passing it on to a container", Server::router(&to, "there")?),
    ];
    let mut taken = vec![Vec::new(); servers.len()];
    for round in 0..=ROUNDS {
        for ((_, server), taken) in servers.iter().zip(&mut taken) {
            let before = cpu_of_family(server.running.id())?;
            load(&server.address, &path, REQUESTS, ASSET)?;
            let micros = (cpu_of_family(server.running.id())? - before) / f64::from(REQUESTS) * 1e6;
            // The first round warms up.
            if round > 0 {
                taken.push(micros);
            }
        }
    }
    let mut report =
        Report::new("Proxy: CPU per request (10 KB asset, 16 kept connections, median of 5 rounds)");
    let reference = median(&taken[0]);
    report.figure("nginx", reference, "µs");
    for ((name, _), taken) in servers.iter().zip(&taken).skip(1) {
        report.compared(*name, (median(taken), "µs"), reference);
    }
    for (what, at) in [("proxy alone ÷ nginx", 2), ("with router ÷ nginx", 3), ("passed on ÷ nginx", 4)] {
        report.judged(what, (median(&taken[at]) / reference, "×"), Target::AtMost(1.5));
    }
    Ok(report)
}

/// What an nginx is for.
enum Role {
    Files(PathBuf),
    Proxy(String),
}

/// A server of one process, or of one and its workers.
struct Server {
    address: String,
    running: Running,
}

impl Server {
    /// One worker, nothing logged, connections kept on both sides.
    fn nginx(folder: &Path, role: &Role) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let address = free()?;
        let here = folder.display();
        let (pool, location) = match role {
            Role::Files(root) => (String::new(), format!("root {};", root.display())),
            Role::Proxy(upstream) => (
                format!("upstream pool {{ server {upstream}; keepalive 64; keepalive_requests 1000000; }}"),
                "proxy_pass http://pool; proxy_http_version 1.1; proxy_set_header Connection \"\";"
                    .to_owned(),
            ),
        };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("  {what}_temp_path {here}/temporary;\n"))
            .concat();
        let config = format!(
            "worker_processes 1;\nerror_log {here}/error.log;\npid {here}/pid;\ndaemon off;\n\
             events {{ worker_connections 256; }}\n\
             http {{\n  access_log off;\n  types {{ text/javascript js; }}\n  keepalive_requests 1000000;\n\
             {temporary}  {pool}\n  server {{ listen {address}; location / {{ {location} }} }}\n}}\n"
        );
        fs::write(folder.join("nginx.conf"), config)?;
        let program = needs::find("nginx").context("nginx is missing")?;
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg("error.log");
        Self::start(address, &mut command)
    }

    fn haproxy(folder: &Path, upstream: &str) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let address = free()?;
        let config = format!(
            "global\n  nbthread 1\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
             frontend f\n  bind {address}\n  default_backend b\nbackend b\n  http-reuse always\n  server s {upstream}\n"
        );
        let file = folder.join("haproxy.cfg");
        fs::write(&file, config)?;
        let program = needs::find("haproxy").context("haproxy is missing")?;
        Self::start(address, Command::new(program).arg("-db").arg("-f").arg(file))
    }

    fn ours(upstream: &str) -> anyhow::Result<Self> {
        let address = free()?;
        Self::start(
            address.clone(),
            Command::new(program("examples/proxy_bench")).args([&address, upstream, THREAD]),
        )
    }

    /// The same behind Hermes' listener and session router, which serve it here or pass it on.
    fn router(upstream: &str, place: &str) -> anyhow::Result<Self> {
        let address = free()?;
        let words = [address.as_str(), upstream, THREAD, place];
        Self::start(address.clone(), Command::new(program("examples/router_bench")).args(words))
    }

    fn start(address: String, command: &mut Command) -> anyhow::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("a server cannot be started")?;
        let mut running = Running(child);
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(&address).is_err() {
            if let Some(status) = running.0.try_wait()? {
                bail!("{} ended ({status})", command.get_program().display());
            }
            if Instant::now() > until {
                bail!("{} does not listen", command.get_program().display());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(Self { address, running })
    }
}

/// An address that nobody listens on just now.
fn free() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
