//! The command line. Every option has an environment variable, and the environment is read nowhere else.

use crate::hermes_url::HermesUrl;
use agent::Shell;
use bootstrap::options::{CapOptions, ModelUpstream};
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::Money;
use domain::money::NotMoney;
use domain::project::Role;
use gateway::Prices;
use sandbox::Demand;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// WebOrdinary: an e-mail changes a website, and "publish" puts it live.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// Where everything is kept.
    #[arg(long, global = true, env = "WEBORDINARY_DATA", default_value = ".webordinary")]
    pub(crate) data: PathBuf,
    /// Ask the Hermes at this address, such as `https://app.example.com`, with the operator's token in
    /// `WEBORDINARY_OPERATOR_TOKEN`, instead of the fleet of this machine.
    #[arg(long, global = true, env = "WEBORDINARY_HERMES", value_name = "URL")]
    pub(crate) hermes: Option<HermesUrl>,
    /// What to do; `up` when nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The options of `up`, when no command is given.
    #[command(flatten)]
    pub(crate) up: Up,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything (the default).
    Up(Box<Up>),
    /// Send an e-mail to a project and wait for the answer.
    Mail(Mail),
    /// Show what runs and what waits.
    Status(Status),
    /// Add or list projects.
    Project(Project),
    /// Bring the release before the live one back.
    Rollback(Rollback),
    /// Look at queue messages that nobody could carry out, send them again, or drop them.
    Dlq(Dlq),
    /// Print a link that signs in to the chat.
    SignIn(SignIn),
    /// Show what the model has cost today and this month.
    Spend(Spend),
    /// Look at the pool of edit containers, or hold it.
    Pool(Pool),
    /// Print what `aws ecs` needs to reach this fleet, as lines for a shell.
    EcsCredentials,
    /// Check that this machine has what is needed, and say what to do.
    Doctor,
}

/// Options of `up`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Up {
    /// Address of the chat, the API and the previews; port 0 picks one.
    #[arg(long, env = "WEBORDINARY_HTTP", default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// Address of the mail door; port 0 picks one. Loopback only.
    #[arg(long, env = "WEBORDINARY_SMTP", default_value = "127.0.0.1:2525")]
    pub(crate) smtp: SocketAddr,
    /// Address of the production sites; port 0 picks one.
    #[arg(long, env = "WEBORDINARY_SITE", default_value = "127.0.0.1:8081")]
    pub(crate) site: SocketAddr,
    /// Address of the endpoint for `aws ecs`, by which an operator scales; port 0 picks one. Loopback only.
    #[arg(long, env = "WEBORDINARY_ECS", default_value = "127.0.0.1:8082")]
    pub(crate) ecs: SocketAddr,
    /// Where browsers reach the chat, if not http://localhost:PORT.
    #[arg(long, env = "WEBORDINARY_APP_ORIGIN")]
    pub(crate) app_origin: Option<String>,
    /// Where browsers reach the previews, if not http://127.0.0.1:PORT. A host of its own, never the chat's.
    #[arg(long, env = "WEBORDINARY_PREVIEW_ORIGIN")]
    pub(crate) preview_origin: Option<String>,
    /// Give each preview a host of its own, t-{thread}.SUFFIX, instead of a path. Needs wildcard DNS.
    #[arg(long, env = "WEBORDINARY_PREVIEW_SUFFIX")]
    pub(crate) preview_suffix: Option<String>,
    /// Also send mail out through this server (`smtp://[user:password@]host[:port]`, or `smtps://`).
    #[arg(long, env = "WEBORDINARY_RELAY", hide_env_values = true)]
    pub(crate) relay: Option<String>,
    /// The model that Claude Code asks for, if not its own default.
    #[arg(long, env = "WEBORDINARY_MODEL")]
    pub(crate) model: Option<String>,
    /// Whose API the model is asked by: `anthropic`, with a key or token, or `bedrock`, with whatever AWS' own variables and
    /// files name, in a program built with the feature `bedrock`.
    #[arg(long, env = "WEBORDINARY_MODEL_UPSTREAM", value_enum, default_value_t = ModelUpstream::Anthropic)]
    pub(crate) model_upstream: ModelUpstream,
    /// The region of Bedrock, if AWS' own variables and files do not say.
    #[arg(long, env = "WEBORDINARY_BEDROCK_REGION", value_name = "REGION")]
    pub(crate) bedrock_region: Option<String>,
    /// Address of Bedrock's runtime, if not the region's own.
    #[arg(long, env = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", value_name = "URL", hide = true)]
    pub(crate) bedrock_endpoint: Option<String>,
    /// The model for short questions, if not Claude Haiku 4.5.
    #[arg(long, env = "WEBORDINARY_SMALL_MODEL", value_name = "MODEL")]
    pub(crate) small_model: Option<String>,
    /// Prices that stand before the list's: MODEL=INPUT/OUTPUT/CACHE-WRITE/CACHE-WRITE-1H/CACHE-READ, in US dollars for a
    /// million tokens, with commas between models.
    #[arg(long, env = "WEBORDINARY_PRICES", default_value = "", hide_default_value = true)]
    pub(crate) prices: Prices,
    #[command(flatten)]
    pub(crate) caps: CapOptions,
    /// Most edit containers at once.
    #[arg(long, env = "WEBORDINARY_MAX_CONTAINERS", default_value_t = 10)]
    pub(crate) max_containers: u32,
    /// Edit containers that wait for work beside those that have some.
    #[arg(long, env = "WEBORDINARY_SPARE_CONTAINERS", default_value_t = 0)]
    pub(crate) spare_containers: u32,
    /// Most dev servers in one edit container, about 400 MB each.
    #[arg(long, env = "WEBORDINARY_MAX_PREVIEWS", default_value_t = 3)]
    pub(crate) max_previews: usize,
    /// Seconds without work or a visitor after which a container sleeps.
    #[arg(long, env = "WEBORDINARY_IDLE", default_value = "300", value_parser = seconds)]
    pub(crate) idle: Duration,
    /// Whether the site is built after each turn, and threads have a preview.
    #[arg(long, env = "WEBORDINARY_PREVIEWS", value_enum, default_value_t = Switch::On)]
    pub(crate) previews: Switch,
    /// What confines site code and the agent: `auto` is the best that this machine allows, `require` refuses to start with
    /// too little, `off` trusts every site and everybody who may write.
    #[arg(long, env = "WEBORDINARY_SANDBOX", default_value = "auto")]
    pub(crate) sandbox: Demand,
    /// Whether the agent may run commands: `auto` where bubblewrap confines it, `on`, or `off`.
    #[arg(long, env = "WEBORDINARY_AGENT_SHELL", default_value = "auto")]
    pub(crate) agent_shell: Shell,
    /// What is logged, as directives such as `info,hermes=debug`.
    #[arg(long, env = "WEBORDINARY_LOG", default_value = "warn")]
    pub(crate) log: String,
    /// How log lines look.
    #[arg(long, env = "WEBORDINARY_LOG_FORMAT", value_enum, default_value_t = Lines::Text)]
    pub(crate) log_format: Lines,
    /// Key of the Messages API. Without this and the token below, the rehearsal model answers.
    #[arg(long = "anthropic-api-key", env = "ANTHROPIC_API_KEY", hide = true, hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// Token of the Messages API.
    #[arg(long = "anthropic-auth-token", env = "ANTHROPIC_AUTH_TOKEN", hide = true, hide_env_values = true)]
    pub(crate) auth_token: Option<String>,
    /// Address of the Messages API.
    #[arg(long = "anthropic-base-url", env = "ANTHROPIC_BASE_URL", hide = true)]
    pub(crate) base_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lines {
    Text,
    Json,
}

/// Options of `mail`.
#[derive(Debug, Args)]
pub(crate) struct Mail {
    /// Who writes.
    #[arg(long, default_value = "owner@demo.localhost")]
    pub(crate) from: String,
    /// To whom; the demo project when nothing is said, or the address that a reply goes to.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Subject of a new conversation.
    #[arg(long, default_value = "My website")]
    pub(crate) subject: String,
    /// Continue the conversation of the last answer in the outbox.
    #[arg(long)]
    pub(crate) reply_to_last: bool,
    /// A file to attach; may be given several times.
    #[arg(long)]
    pub(crate) attach: Vec<PathBuf>,
    /// Seconds to wait for the answer.
    #[arg(long, default_value = "900", value_parser = seconds)]
    pub(crate) wait: Duration,
    /// What should change, in plain words.
    pub(crate) text: String,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `project`.
#[derive(Debug, Args)]
pub(crate) struct Project {
    #[command(subcommand)]
    pub(crate) command: ProjectCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Add a website.
    Add(Box<Add>),
    /// Show what a website may cost, or say otherwise.
    Caps(ProjectCaps),
    /// List websites.
    List,
}

/// Options of `project add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) project: AddProject,
    #[command(flatten)]
    pub(crate) elsewhere: Elsewhere,
}

/// What a Hermes elsewhere is told of a website, and a machine of its own knows.
#[derive(Debug, Args)]
pub(crate) struct Elsewhere {
    /// With --hermes: the domain of its mail address; mail goes to edit@DOMAIN.
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) mail_domain: Option<String>,
    /// With --hermes: the address of the public site.
    #[arg(long, value_name = "URL")]
    pub(crate) site: Option<String>,
    /// With --hermes: the branch that is published; main when nothing is said.
    #[arg(long)]
    pub(crate) branch: Option<String>,
    /// With --hermes: the account that it belongs to; one of its own name when nothing is said.
    #[arg(long)]
    pub(crate) client: Option<String>,
}

impl Elsewhere {
    /// Whether nothing of it was said.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.mail_domain, &self.site, &self.branch, &self.client].iter().all(|option| option.is_none())
    }
}

/// A website to add.
#[derive(Clone, Debug, Args)]
pub(crate) struct AddProject {
    /// Its name. On this machine mail goes to edit@NAME.localhost, and the site is at `http://NAME.localhost:8081`.
    pub(crate) name: String,
    /// Its git repository: a path or an http(s) URL. It is copied; publishing pushes to the copy. With --hermes, an https
    /// URL; publishing pushes there.
    #[arg(long)]
    pub(crate) repository: String,
    /// E-mail address of its owner.
    #[arg(long)]
    pub(crate) owner: String,
    /// Further people, as ROLE:ADDRESS with the role owner, editor or reviewer; may be given several times.
    #[arg(long = "editor", value_parser = person)]
    pub(crate) editors: Vec<(Role, String)>,
}

/// Options of `project caps`.
#[derive(Debug, Args)]
pub(crate) struct ProjectCaps {
    /// The website.
    pub(crate) project: String,
    /// Most US dollars for one message; `default` for what the fleet says.
    #[arg(long, value_name = "USD")]
    pub(crate) message: Option<Cap>,
    /// Most US dollars for the website in a day (UTC).
    #[arg(long, value_name = "USD")]
    pub(crate) day: Option<Cap>,
    /// Most US dollars for the website in a month (UTC).
    #[arg(long, value_name = "USD")]
    pub(crate) month: Option<Cap>,
    /// Most US dollars for one person in a day (UTC), when they write about this website.
    #[arg(long, value_name = "USD")]
    pub(crate) user_day: Option<Cap>,
    /// Most US dollars for one person in a month (UTC), when they write about this website.
    #[arg(long, value_name = "USD")]
    pub(crate) user_month: Option<Cap>,
}

/// A cap of a website's own, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cap(pub(crate) Option<Money>);

impl FromStr for Cap {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        if text == "default" { Ok(Self(None)) } else { text.parse().map(|money| Self(Some(money))) }
    }
}

/// Options of `spend`.
#[derive(Debug, Args)]
pub(crate) struct Spend {
    /// Of this website alone.
    #[arg(long)]
    pub(crate) project: Option<String>,
    /// As JSON; money in millionths of a dollar.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `dlq`.
#[derive(Debug, Args)]
pub(crate) struct Dlq {
    #[command(subcommand)]
    pub(crate) command: DlqCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DlqCommand {
    /// List the queues of dead letters that are not empty.
    List,
    /// Show what stands in the dead letters of a queue.
    Show {
        /// The queue, as `list` names it.
        queue: String,
    },
    /// Send dead letters back to the queue that they came from.
    Replay(DeadLetters),
    /// Delete dead letters.
    Drop(DeadLetters),
}

/// Which dead letters are meant.
#[derive(Debug, Args)]
pub(crate) struct DeadLetters {
    /// The queue, as `list` names it.
    pub(crate) queue: String,
    /// Their ids, as `show` prints them; all of the queue when none is given.
    pub(crate) ids: Vec<String>,
}

/// Options of `rollback`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The website.
    #[arg(default_value = "demo")]
    pub(crate) project: String,
}

/// Options of `sign-in`.
#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// The website.
    #[arg(long, default_value = "demo")]
    pub(crate) project: String,
    /// Who signs in; the project's first owner when nothing is said.
    #[arg(long)]
    pub(crate) address: Option<String>,
}

/// Options of `pool`.
#[derive(Debug, Args)]
pub(crate) struct Pool {
    #[command(subcommand)]
    pub(crate) command: PoolCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    /// Show the pool's counts, and what the operator said of them.
    Status,
    /// Hold the pool at 0: work waits. A container that has some finishes it.
    Pause,
    /// Let the pool follow the work again.
    Resume,
    /// Keep at least so many containers, also without work; 0 for none.
    Floor {
        /// How many.
        containers: u32,
    },
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|_| format!("{text:?} is not a number of seconds"))
}

fn person(text: &str) -> Result<(Role, String), String> {
    let (role, address) = text.split_once(':').ok_or("write ROLE:ADDRESS, such as editor:ann@example.org")?;
    let role = match role {
        "owner" => Role::Owner,
        "editor" => Role::Editor,
        "reviewer" => Role::Reviewer,
        _ => return Err(format!("{role:?} is not a role: owner, editor or reviewer")),
    };
    Ok((role, address.to_owned()))
}
