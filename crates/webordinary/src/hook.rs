//! The post-receive hook of a project's repository, which is this program under another name.

use crate::data::write_private;
use anyhow::Context;
use domain::ProjectId;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Where a bare repository says whom its hook tells.
const FILE: &str = "webordinary.json";

/// Whom the hook tells of a push.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    url: String,
    secret: String,
    project: ProjectId,
}

/// Acts as the hook when git started this program as one.
pub(crate) fn run_if_hook() -> Option<ExitCode> {
    let name = std::env::args_os().next()?;
    if Path::new(&name).file_name()? != "post-receive" {
        return None;
    }
    // The push is done: whatever happens here, it must not look as if it had failed.
    match told() {
        Ok(told) => {
            let target = build_lambda::hook::Target {
                url: told.url,
                secret: told.secret.into_bytes(),
                repository: told.project.to_string(),
                project: told.project,
            };
            for line in build_lambda::hook::run(io::stdin().lock(), &target) {
                eprintln!("webordinary: {line}");
            }
        }
        Err(error) => eprintln!("webordinary: the build service was not told, it will find out: {error:#}"),
    }
    Some(ExitCode::SUCCESS)
}

/// git starts hooks inside the bare repository.
fn told() -> anyhow::Result<Told> {
    let text = std::fs::read(FILE).with_context(|| format!("cannot read {FILE}"))?;
    serde_json::from_slice(&text).with_context(|| format!("{FILE} cannot be understood"))
}

/// Makes this program the repository's post-receive hook, which posts to `url`. Done at every start, since both the
/// port and the program's place may have changed.
pub(crate) fn install(
    repository: &Path,
    project: &ProjectId,
    url: String,
    secret: &[u8],
) -> anyhow::Result<()> {
    let secret = String::from_utf8_lossy(secret).into_owned();
    let told = serde_json::to_vec_pretty(&Told { url, secret, project: project.clone() })?;
    write_private(&repository.join(FILE), &told).context("cannot write the hook's settings")?;
    let program = std::env::current_exe().context("cannot find this program")?;
    let hooks = repository.join("hooks");
    std::fs::create_dir_all(&hooks).context("cannot make the hooks directory")?;
    let (hook, draft) = (hooks.join("post-receive"), hooks.join("post-receive.draft"));
    let _ = std::fs::remove_file(&draft);
    std::os::unix::fs::symlink(program, &draft).context("cannot link the hook")?;
    std::fs::rename(&draft, &hook).context("cannot install the hook")
}
