//! How Claude Code is started: its arguments and its whole environment.

use crate::config::AgentConfig;
use crate::prompt;
use crate::session::{self, Session};
use crate::turn::Turn;
use gateway::AgentToken;
use sandbox::{Spec, Way};
use serde_json::json;
use std::path::Path;

/// Denied whatever the mode allows. Reading commands such as `git log` would be allowed otherwise.
const SETTINGS: &str = r#"{"permissions":{"allow":["mcp__site"],"deny":["Read(./.env)","Read(./.env.*)","Read(./.git/**)","Edit(./.git/**)","Bash(git push:*)","Bash(git:*)"]},"autoMemoryEnabled":false,"includeCoAuthoredBy":false,"includeGitInstructions":false}"#;

/// The tools that exist at all, beside the site's own.
const TOOLS: &str = "Read,Edit,Write,Glob,Grep,AskUserQuestion";
const TOOLS_AND_SHELL: &str = "Read,Edit,Write,Glob,Grep,Bash,AskUserQuestion";

/// The child for `turn`'s thread.
pub(crate) fn spec(config: &AgentConfig, turn: &Turn, session: Session, token: &AgentToken) -> Spec {
    let tools = if config.shell.is_there(config.launcher.protection()) { TOOLS_AND_SHELL } else { TOOLS };
    let mut spec = within_reach(config, turn, Spec::new(&config.claude, &turn.worktree))
        .piped_stdin()
        .env("PATH", &config.path_env)
        .env("HOME", &turn.home)
        .env("ANTHROPIC_AUTH_TOKEN", token.secret())
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("CLAUDE_CODE_MAX_RETRIES", "3")
        .env("API_TIMEOUT_MS", "120000")
        .args(["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"])
        .args(["--include-partial-messages", "--permission-prompt-tool", "stdio"])
        .args(["--permission-mode", "acceptEdits", "--setting-sources", "", "--settings", SETTINGS])
        .args(["--tools", tools, "--strict-mcp-config", "--mcp-config"])
        .arg(servers(config, turn));
    if turn.tools.is_some() {
        // All of the few tools are always shown: the model does not have to look for them.
        spec = spec.env("SITE_TOOLS_TOKEN", token.secret()).env("ENABLE_TOOL_SEARCH", "false");
    }
    for (name, value) in config.gateway.environment(&config.gateway.base_url()) {
        spec = spec.env(name, value);
    }
    spec = match session {
        Session::New(id) => spec.args(["--session-id".to_owned(), id.to_string()]),
        Session::Resumed(id) => spec.args(["--resume".to_owned(), id.to_string()]),
    };
    if let Some(model) = &config.model {
        spec = spec.args(["--model", model]);
    }
    spec = spec.args(["--max-turns".to_owned(), config.limits.max_turns.to_string()]);
    // The budget is the session's, not the turn's: see TurnLimits::max_usd.
    let budget = session::spent(&turn.home) + config.limits.max_usd * 2.0;
    spec = spec.args(["--max-budget-usd".to_owned(), format!("{budget:.4}")]);
    spec = spec.args(["--append-system-prompt".to_owned(), prompt::system(turn)]);
    spec.arg("--add-dir").arg(&turn.attachments_dir)
}

/// The servers of tools: the site's own verbs. The token is not on the command line, which other users may see, but in the
/// environment. There under a name of its own: Claude Code puts none of its own credentials into a header.
fn servers(config: &AgentConfig, turn: &Turn) -> String {
    if turn.tools.is_none() {
        return json!({"mcpServers": {}}).to_string();
    }
    let headers = json!({"Authorization": "Bearer ${SITE_TOOLS_TOKEN}"});
    let site = json!({"type": "http", "url": config.gateway.tools_url(), "headers": headers});
    json!({"mcpServers": {"site": site}}).to_string()
}

/// What the process reaches: the site, its packages, its own memory of the conversation, what came with the mail, and the
/// gateway.
fn within_reach(config: &AgentConfig, turn: &Turn, spec: Spec) -> Spec {
    let spec = spec
        .writes(&turn.worktree)
        .writes(&turn.home)
        .reads(&turn.attachments_dir)
        // Git believes what it says, and git works outside.
        .reads(turn.worktree.join(".git"))
        .way(Way::Out(config.gateway.port()));
    match std::fs::read_link(turn.worktree.join("node_modules")) {
        Ok(packages) if is_within(&packages, &config.packages) => spec.reads(packages),
        _ => spec,
    }
}

/// Whether `path` is a place below `root`, and not only named as one: the worktree's links are the agent's to change.
fn is_within(path: &Path, root: &Path) -> bool {
    let real = path.canonicalize().ok().zip(root.canonicalize().ok());
    real.is_some_and(|(real, root)| real == path && real != root && real.starts_with(root))
}
