//! A site whose build looks around where it runs.

use crate::world::World;
use ports::releases::Ending;
use std::net::TcpListener;

/// Shows on a page what its build could do.
const PAGE: &str = r"---
import fs from 'node:fs';
import net from 'node:net';
const works = (act) => { try { act(); return true; } catch { return false; } };
const reached = await new Promise((resolve) => {
  const socket = net.connect(@PORT, '127.0.0.1', () => resolve(true));
  socket.on('error', () => resolve(false));
});
const found = [
  ...['/etc/shadow', '@DIR/secrets', '@DIR/repository', '/proc/@ID/environ', '@DIR'].filter((path) =>
    works(() => (fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.readFileSync(path)))),
  ...(reached ? ['reached'] : []),
  ...Object.keys(process.env).filter((name) => /KEY|TOKEN|AWS|CARGO|WEBORDINARY/.test(name)),
  ...fs.readdirSync('@DIR').filter((name) => name !== 'builds-a'),
];
// Where the directory lies in the temporary one, it writes into one of its own of that name.
works(() => fs.writeFileSync('@DIR/written', 'x'));
---
<p>{JSON.stringify(found)}</p>";

#[tokio::test]
async fn a_build_that_looks_around_finds_its_own_site_and_nothing_else() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let page = PAGE
        .replace("@PORT", &listener.local_addr().unwrap().port().to_string())
        .replace("@DIR", world.dir.path().canonicalize().unwrap().to_str().unwrap())
        .replace("@ID", &std::process::id().to_string());
    world.write("src/pages/around.astro", &page);
    let pushed = world.push();
    let running = world.start();
    let row = world.next_release().await;
    assert_eq!((row.commit, row.ending), (pushed.new, Ending::Live));
    let dir = world.dir.path().canonicalize().unwrap();
    // Of the directory above its own it sees that it is there, and its own way down.
    let shown = world.page("/around/").await;
    assert!(shown.contains(&format!("<p>[&quot;{}&quot;]</p>", dir.display())), "{shown}");
    assert!(!dir.join("written").exists());
    running.stop().await;
}
