//! The real npm, pnpm and Yarn; what they fetch is kept in target/test-cache for the next run.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use sandbox::Spec;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use testkit::launcher;
use tokio::sync::OnceCell;
use toolchain::{Progress, Silent, ToolPaths, Toolchain, ToolchainError, doctor};

fn data() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    fs::create_dir_all(&root).unwrap();
    root.canonicalize().unwrap().join("test-cache/toolchain")
}

fn paths() -> ToolPaths {
    ToolPaths::new(data(), std::env::var_os("PATH").unwrap()).with_environment(|name| std::env::var_os(name))
}

async fn tools() -> &'static Toolchain {
    static TOOLS: OnceCell<Toolchain> = OnceCell::const_new();
    let prepare = async || Toolchain::prepare(&paths(), &launcher(), &Silent).await.unwrap();
    TOOLS.get_or_init(prepare).await
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn step(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
    fn line(&self, _text: &str) {}
}

/// A site with one dependency that has none itself, and a lock file.
fn site(lock: Option<(&str, &str)>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let manifest = r#"{"name":"site","version":"1.0.0","dependencies":{"is-number":"7.0.0"}}"#;
    fs::write(dir.path().join("package.json"), manifest).unwrap();
    if let Some((name, text)) = lock {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

async fn installs(lock: Option<(&str, &str)>) {
    let site = site(lock);
    let modules = tools().await.packages.ensure(site.path(), &Silent).await.unwrap();
    let manifest = fs::read_to_string(modules.join("is-number/package.json")).unwrap();
    assert!(manifest.contains("\"7.0.0\""));
    let left: Vec<_> = fs::read_dir(site.path()).unwrap().collect();
    assert_eq!(left.len(), 1 + usize::from(lock.is_some()), "the site is left as it was");
}

#[tokio::test]
async fn the_tools_run_and_are_found_again_at_once() {
    let tools = tools().await;
    let started = Instant::now();
    let heard = Heard::default();
    let again = Toolchain::prepare(&paths(), &launcher(), &heard).await.unwrap();
    // Nothing was asked of npm: that alone takes longer, on any machine.
    let took = started.elapsed();
    println!("prepared again in {took:?}");
    assert!(took < Duration::from_secs(1));
    assert_eq!(*heard.0.lock().unwrap(), Vec::<String>::new());
    assert_eq!(again.claude, tools.claude);
    let says = async |program: &Path| {
        let spec = Spec::new(program, "/").arg("--version").env("PATH", &tools.path_env).env("HOME", data());
        let output = launcher().spawn(&spec).unwrap().output(Duration::from_mins(1)).await.unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(says(&tools.claude).await, "2.1.330 (Claude Code)");
    assert_eq!(says(&tools.node).await, format!("v{}", tools.node_version));
    assert!(tools.node_version >= toolchain::tools::OLDEST_NODE);
    assert!(!says(&tools.npm).await.is_empty());
}

#[tokio::test]
async fn a_site_without_a_lock_file_is_installed_by_npm() {
    installs(None).await;
}

#[tokio::test]
async fn a_site_with_pnpms_lock_file_is_installed_by_pnpm() {
    installs(Some(("pnpm-lock.yaml", include_str!("locks/pnpm-lock.yaml")))).await;
}

#[tokio::test]
async fn a_site_with_yarns_lock_file_is_installed_by_yarn() {
    installs(Some(("yarn.lock", include_str!("locks/yarn.lock")))).await;
}

#[tokio::test]
async fn a_site_with_a_modern_yarns_lock_file_is_installed_by_that() {
    installs(Some(("yarn.lock", include_str!("locks/yarn-berry.lock")))).await;
}

/// A data directory with the tools, and with no site's packages from an earlier run.
async fn fresh() -> (tempfile::TempDir, Toolchain) {
    tools().await;
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(data().join("tools"), dir.path().join("tools")).unwrap();
    let paths = ToolPaths { data: dir.path().to_owned(), ..paths() };
    let tools = Toolchain::prepare(&paths, &launcher(), &Silent).await.unwrap();
    (dir, tools)
}

#[tokio::test]
async fn callers_at_once_share_one_installation() {
    let (_data, tools) = fresh().await;
    let (site, heard) = (site(None), Heard::default());
    let one = || tools.packages.ensure(site.path(), &heard);
    let (a, b, c) = tokio::try_join!(one(), one(), one()).unwrap();
    assert!(a == b && b == c);
    assert_eq!(*heard.0.lock().unwrap(), ["Installing the site's packages"]);
}

#[tokio::test]
async fn a_failed_installation_leaves_nothing_and_says_what_npm_said() {
    let (data, tools) = fresh().await;
    let site = site(None);
    let manifest = r#"{"name":"broken","dependencies":{"is-number":"999.0.0"}}"#;
    fs::write(site.path().join("package.json"), manifest).unwrap();
    let err = tools.packages.ensure(site.path(), &Silent).await.unwrap_err();
    assert!(
        matches!(&err, ToolchainError::Install { says, .. } if says.contains("is-number@999.0.0")),
        "{err}"
    );
    let left = fs::read_dir(data.path().join("cache/packages")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_machine_without_npm_is_told_how_to_get_it() {
    let dir = tempfile::tempdir().unwrap();
    let bare = ToolPaths::new(dir.path(), "/nowhere");
    let err = Toolchain::prepare(&bare, &launcher(), &Silent).await.unwrap_err();
    assert_eq!(err.to_string(), "npm is missing; install it (Debian: `apt-get install npm`)");
    let findings = doctor::examine(&bare, &launcher(), &[]).await;
    let of = |name: &str| findings.iter().find(|finding| finding.name == name).unwrap();
    assert!(of("data directory").ok && of("disk").ok);
    for name in ["git", "node", "npm", "npm registry", "Claude Code"] {
        assert!(!of(name).ok && !of(name).fix.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn the_doctor_finds_this_machine_well_and_a_used_port_used() {
    tools().await;
    let used = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let findings = doctor::examine(&paths(), &launcher(), &[used.local_addr().unwrap()]).await;
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.ok).map(|finding| &finding.name).collect();
    assert_eq!(bad, [&format!("port {}", used.local_addr().unwrap())]);
}
