//! A site whose configuration looks around where it runs.

use crate::stage::{Stage, room_for};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(90);

/// Tries what it can reach, and leaves what it found in the site's own directory.
const CONFIG: &str = r"
import fs from 'node:fs';
import net from 'node:net';
import { defineConfig } from 'astro/config';
const { files, written, port } = JSON.parse(fs.readFileSync('try.json', 'utf8'));
const works = (act) => { try { act(); return true; } catch { return false; } };
const reaches = (port, host) => new Promise((resolve) => {
  const socket = net.connect(port, host, () => resolve(true));
  socket.on('error', () => resolve(false));
  setTimeout(() => resolve(false), 1000);
});
fs.writeFileSync('found.json', JSON.stringify({
  read: files.filter((file) => works(() => fs.readFileSync(file))),
  written: works(() => fs.writeFileSync(written, 'x')),
  git: works(() => fs.writeFileSync('.git', 'gitdir: /evil')) || works(() => fs.rmSync('.git')),
  env: Object.keys(process.env).sort(),
  others: fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length,
  reached: [await reaches(port, '127.0.0.1'), await reaches(80, '169.254.170.2')],
}));
export default defineConfig({});
";

#[tokio::test]
async fn a_configuration_that_looks_around_finds_its_own_site_and_nothing_else() {
    let _room = room_for(1).await;
    let stage = Stage::new(1).await;
    let (site, other) = (stage.add("plain"), stage.add("server"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let tries = serde_json::json!({
        "files": ["/etc/shadow", "/etc/hostname", outside.path().join("secret"), other.root.join("package.json"),
                  format!("/proc/{}/environ", std::process::id()), "try.json"],
        "written": outside.path().join("written"),
        "port": listener.local_addr().unwrap().port(),
    });
    fs::write(site.root.join("try.json"), tries.to_string()).unwrap();
    fs::write(site.root.join(".git"), "gitdir: /elsewhere").unwrap();
    fs::write(site.root.join("astro.config.mjs"), CONFIG).unwrap();
    stage.host.ensure(site.clone());
    stage.host.ready(&site.thread, LIMIT).await.unwrap();
    let found: Value = serde_json::from_slice(&fs::read(site.root.join("found.json")).unwrap()).unwrap();
    assert_eq!(found["read"], serde_json::json!(["try.json"]));
    assert_eq!((&found["written"], &found["git"]), (&Value::Bool(false), &Value::Bool(false)), "{found}");
    assert_eq!(found["reached"], serde_json::json!([false, false]));
    assert!(found["others"].as_u64().unwrap() < 8, "{found}");
    for name in found["env"].as_array().unwrap() {
        let name = name.as_str().unwrap();
        assert!(
            !["KEY", "TOKEN", "AWS", "CARGO", "WEBORDINARY"].iter().any(|word| name.contains(word)),
            "{name}"
        );
    }
    assert_eq!(fs::read_to_string(site.root.join(".git")).unwrap(), "gitdir: /elsewhere");
    // It serves all the same.
    assert_eq!(stage.get(&format!("{}about/", site.thread.preview_path()), &[]).await.status(), 200);
    stage.end().await;
}
