//! The demo project's site installs from its lock file, and builds.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use sandbox::Spec;
use std::fs;
use std::path::Path;
use std::time::Duration;
use testkit::launcher;
use toolchain::{Silent, ToolPaths, Toolchain};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn the_demo_site_installs_and_builds() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap();
    let data = here.parent().and_then(Path::parent).unwrap().join("target/test-cache/toolchain");
    let paths = ToolPaths::new(data, std::env::var_os("PATH").unwrap())
        .with_environment(|name| std::env::var_os(name));
    let tools = Toolchain::prepare(&paths, &launcher(), &Silent).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().canonicalize().unwrap().join("site");
    copy(&here.join("../webordinary/demo-site"), &site);
    let modules = tools.packages.ensure(&site, &Silent).await.unwrap();
    std::os::unix::fs::symlink(&modules, site.join("node_modules")).unwrap();
    let build = Spec::new(&tools.node, &site)
        .args(["node_modules/astro/bin/astro.mjs", "build"])
        .env("PATH", &tools.path_env)
        .env("HOME", dir.path())
        .env("ASTRO_TELEMETRY_DISABLED", "1")
        .writes(&modules)
        .writes(dir.path().canonicalize().unwrap());
    let launcher = launcher().reading(tools.places());
    let output = launcher.spawn(&build).unwrap().output(Duration::from_mins(3)).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let home = fs::read_to_string(site.join("dist/index.html")).unwrap();
    assert!(home.contains("We close at 6 on Fridays.") && home.contains(".webp"));
    for page in ["about/index.html", "blog/index.html", "blog/the-new-oven/index.html", "404.html"] {
        assert!(site.join("dist").join(page).is_file(), "{page}");
    }
}
