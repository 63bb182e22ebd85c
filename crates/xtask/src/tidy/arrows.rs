//! Which crate may name which other: arrows point inward.

use super::Finding;
use crate::stage::cargo;
use anyhow::Context;
use serde_json::Value;

/// Our crates, and those of ours that each may depend on. Tests (dev-dependencies) are free.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("ports", &["domain"]),
    ("embedded", &["domain", "ports"]),
    ("aws", &["domain", "ports"]),
    ("email", &["domain"]),
    ("intent", &[]),
    ("smtp", &[]),
    ("workspace", &["domain", "ports"]),
    ("sandbox", &[]),
    ("toolchain", &["sandbox"]),
    ("gateway", &["domain", "ports"]),
    ("agent", &["domain", "gateway", "sandbox"]),
    ("preview", &["domain", "ports", "publish", "sandbox"]),
    ("site-tools", &[]),
    ("publish", &["domain", "ports", "sandbox"]),
    ("bootstrap", &["aws", "domain", "ports"]),
    ("rehearsal", &[]),
    ("ecs-endpoint", &["domain"]),
    ("hermes", &["bootstrap", "domain", "email", "intent", "ports", "preview", "publish", "smtp"]),
    (
        "edit-container",
        &[
            "agent",
            "bootstrap",
            "domain",
            "gateway",
            "intent",
            "ports",
            "preview",
            "publish",
            "sandbox",
            "site-tools",
            "toolchain",
            "workspace",
        ],
    ),
    ("build-lambda", &["bootstrap", "domain", "ports", "publish", "sandbox", "toolchain", "workspace"]),
    ("testkit", &["domain", "ports", "sandbox"]),
    ("xtask", &[]),
];

/// The outermost crates: they compose, and may name everything but each other and what is for tests.
const OUTERMOST: &[&str] = &["webordinary", "fleet-tests"];

/// Packages that only one crate may name; nobody when it is empty.
const ONLY: &[(&str, &str)] =
    &[("rusqlite", "embedded"), ("git2", "workspace"), ("lettre", "smtp"), ("aws-", "aws")];

/// What `domain` must do without: no I/O, no async, no clock.
const PURE: &[&str] = &["tokio", "async-trait", "hyper", "axum", "reqwest", "jiff", "tracing"];

/// What cargo knows about the workspace.
pub(super) fn metadata() -> anyhow::Result<Value> {
    let output = cargo(&["metadata", "--format-version=1", "--no-deps", "--locked"])
        .output()
        .context("cargo cannot be run")?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("cargo metadata cannot be understood")
}

pub(super) fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = manifest(package, metadata);
        let mut say = |rule: String| findings.push(Finding::new(&manifest, 0, rule));
        for dependency in package["dependencies"].as_array().map_or(&[][..], Vec::as_slice) {
            let other = dependency["name"].as_str().unwrap_or_default();
            if let Some(owner) = owner(other).filter(|owner| *owner != name) {
                say(format!("only the crate {owner} may name {other}"));
            }
            if dependency["kind"].is_null() {
                if ours.contains(&other) && !may_name(name, other) {
                    say(format!("{name} must not depend on {other}: arrows point inward"));
                }
                if name == "domain" && PURE.contains(&other) {
                    say(format!("domain must do without {other}: no I/O, async or clock"));
                }
            }
        }
    }
    findings
}

fn may_name(name: &str, other: &str) -> bool {
    if OUTERMOST.contains(&name) {
        return name == "fleet-tests"
            || !(OUTERMOST.contains(&other) || ["testkit", "xtask"].contains(&other));
    }
    MAY_NAME.iter().any(|(crate_name, others)| *crate_name == name && others.contains(&other))
}

/// Who alone may name the package `other`.
fn owner(other: &str) -> Option<&'static str> {
    ONLY.iter()
        .find(|(package, _)| *package == other || (package.ends_with('-') && other.starts_with(package)))
        .map(|(_, owner)| *owner)
}

fn manifest(package: &Value, metadata: &Value) -> String {
    let path = package["manifest_path"].as_str().unwrap_or_default();
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    path.strip_prefix(root).unwrap_or(path).trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::check;
    use serde_json::{Value, json};

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> =
            dependencies.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
        json!({ "name": name, "manifest_path": format!("/r/crates/{name}/Cargo.toml"), "dependencies": dependencies })
    }

    fn findings(packages: &[Value]) -> Vec<String> {
        let found = check(&json!({ "workspace_root": "/r", "packages": packages }));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn inward_arrows_and_arrows_of_tests_are_fine() {
        let domain = package("domain", &[("serde", None)]);
        let ports = package("ports", &[("domain", None), ("embedded", Some("dev"))]);
        let embedded = package("embedded", &[("ports", None), ("rusqlite", None)]);
        let outer = package("webordinary", &[("embedded", None)]);
        assert_eq!(findings(&[domain, ports, embedded, outer]), [""; 0]);
    }

    #[test]
    fn outward_arrows_are_found() {
        let domain = package("domain", &[("ports", None), ("tokio", None)]);
        let ports = package("ports", &[("domain", None), ("rusqlite", None), ("aws-sdk-sqs", Some("dev"))]);
        let stranger = package("stranger", &[("domain", None)]);
        let outer = package("webordinary", &[("xtask", None)]);
        assert_eq!(
            findings(&[domain, ports, stranger, outer, package("xtask", &[])]),
            [
                "crates/domain/Cargo.toml: domain must not depend on ports: arrows point inward",
                "crates/domain/Cargo.toml: domain must do without tokio: no I/O, async or clock",
                "crates/ports/Cargo.toml: only the crate embedded may name rusqlite",
                "crates/ports/Cargo.toml: only the crate aws may name aws-sdk-sqs",
                "crates/stranger/Cargo.toml: stranger must not depend on domain: arrows point inward",
                "crates/webordinary/Cargo.toml: webordinary must not depend on xtask: arrows point inward",
            ]
        );
    }
}
