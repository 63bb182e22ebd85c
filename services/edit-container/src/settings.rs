//! The environment of an edit container that is a task of its own. Read once, here.

use agent::Shell;
use bootstrap::aws::{Aws, AwsOptions, Bedrock};
use bootstrap::options::{CapOptions, Lines, ModelUpstream, Switch, seconds};
use clap::Parser;
use gateway::{Credential, Prices, Role, Secret, Terms, Upstream};
use sandbox::Demand;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// WebOrdinary's edit container: serves one client+project+user with Claude Code and Astro, then ends.
#[derive(Clone, Parser)]
#[command(version, about)]
pub struct Settings {
    /// AWS.
    #[command(flatten)]
    pub aws: AwsOptions,
    /// Where Hermes is let in
    #[arg(long, env = "WEBORDINARY_LISTEN", default_value = "0.0.0.0:4321")]
    pub listen: SocketAddr,
    /// How Hermes reaches the listener, as host:port; ECS' own address of the task when nothing is said
    #[arg(long, env = "WEBORDINARY_ADDRESS")]
    pub address: Option<String>,
    /// Bare repositories, transcripts and attachments: a file system that outlives the task (EFS)
    #[arg(long, env = "WEBORDINARY_PERSISTENT", default_value = "/mnt/efs")]
    pub persistent: PathBuf,
    /// Worktrees, packages and caches: the task's own disk
    #[arg(long, env = "WEBORDINARY_LOCAL", default_value = "/var/lib/webordinary")]
    pub local: PathBuf,
    /// Where browsers reach the chat, such as https://app.example.com
    #[arg(long, env = "WEBORDINARY_APP_ORIGIN")]
    pub app_origin: String,
    /// Where browsers reach the previews, such as https://edit.example.com
    #[arg(long, env = "WEBORDINARY_PREVIEW_ORIGIN")]
    pub preview_origin: String,
    /// Give each preview a host of its own, t-{thread}.SUFFIX
    #[arg(long, env = "WEBORDINARY_PREVIEW_SUFFIX")]
    pub preview_suffix: Option<String>,
    /// The model that Claude Code asks for, if not its own default
    #[arg(long, env = "WEBORDINARY_MODEL")]
    pub model: Option<String>,
    /// Whose API the model is asked by: `anthropic`, with a key or token, or `bedrock`, with the task's role
    #[arg(long, env = "WEBORDINARY_MODEL_UPSTREAM", value_enum, default_value_t = ModelUpstream::Anthropic)]
    pub model_upstream: ModelUpstream,
    /// The region of Bedrock, if not the task's own
    #[arg(long, env = "WEBORDINARY_BEDROCK_REGION", value_name = "REGION")]
    pub bedrock_region: Option<String>,
    /// Address of Bedrock's runtime, if not the region's own
    #[arg(long, env = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", value_name = "URL", hide = true)]
    pub bedrock_endpoint: Option<String>,
    /// The model for short questions, if not Claude Haiku 4.5
    #[arg(long, env = "WEBORDINARY_SMALL_MODEL", value_name = "MODEL")]
    pub small_model: Option<String>,
    /// Prices that stand before the list's: MODEL=INPUT/OUTPUT/CACHE-WRITE/CACHE-WRITE-1H/CACHE-READ, in US dollars for a
    /// million tokens, with commas between models
    #[arg(long, env = "WEBORDINARY_PRICES", default_value = "", hide_default_value = true)]
    pub prices: Prices,
    /// What may be spent.
    #[command(flatten)]
    pub caps: CapOptions,
    /// Name of the secret with the token that opens a project's repository
    #[arg(long, env = "WEBORDINARY_REPOSITORY_SECRET", default_value = "webordinary/{project}/repository")]
    pub repository_secret: String,
    /// Most dev servers, about 400 MB each
    #[arg(long, env = "WEBORDINARY_MAX_PREVIEWS", default_value_t = 3)]
    pub max_previews: usize,
    /// Seconds without work or a visitor after which the claim is released
    #[arg(long, env = "WEBORDINARY_IDLE", default_value = "300", value_parser = seconds)]
    pub idle: Duration,
    /// Seconds of the claim's life between two renewals
    #[arg(long, env = "WEBORDINARY_LEASE", default_value = "30", value_parser = seconds)]
    pub lease: Duration,
    /// Whether the site is built after each turn, and threads have a preview
    #[arg(long, env = "WEBORDINARY_PREVIEWS", value_enum, default_value_t = Switch::On)]
    pub previews: Switch,
    /// What confines site code and the agent: `require` refuses to start with too little, `auto` takes what there is,
    /// `off` trusts every site and everybody who may write
    #[arg(long, env = "WEBORDINARY_SANDBOX", default_value = "require")]
    pub sandbox: Demand,
    /// Whether the agent may run commands: `auto` where bubblewrap confines it, `on`, or `off`
    #[arg(long, env = "WEBORDINARY_AGENT_SHELL", default_value = "auto")]
    pub agent_shell: Shell,
    /// What is logged, as directives such as `info,edit_container=debug`
    #[arg(long, env = "WEBORDINARY_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look
    #[arg(long, env = "WEBORDINARY_LOG_FORMAT", value_enum, default_value_t = Lines::Json)]
    pub log_format: Lines,
    /// Key of the Messages API; from Secrets Manager
    #[arg(long, env = "ANTHROPIC_API_KEY", hide_env_values = true)]
    pub anthropic_api_key: Option<String>,
    /// Token of the Messages API, instead of a key
    #[arg(long, env = "ANTHROPIC_AUTH_TOKEN", hide_env_values = true)]
    pub anthropic_auth_token: Option<String>,
    /// Address of the Messages API
    #[arg(long, env = "ANTHROPIC_BASE_URL", default_value = "https://api.anthropic.com")]
    pub anthropic_base_url: String,
}

impl Settings {
    /// Where the model is, and who pays.
    ///
    /// # Errors
    /// Without a key and a token, or a region: an edit container without a model could answer nothing.
    pub fn upstream(&self, aws: &Aws) -> anyhow::Result<Upstream> {
        if self.model_upstream == ModelUpstream::Bedrock {
            let Bedrock { signer, region } = aws.bedrock(self.bedrock_region.as_deref())?;
            return Ok(Upstream::bedrock(Role { signer, region }, self.bedrock_endpoint.clone()));
        }
        let credential = match (&self.anthropic_api_key, &self.anthropic_auth_token) {
            (Some(key), _) => Credential::ApiKey(Secret::new(key)),
            (None, Some(token)) => Credential::AuthToken(Secret::new(token)),
            (None, None) => anyhow::bail!(
                "there is no model: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, from a secret of the task definition, or \
                 WEBORDINARY_MODEL_UPSTREAM=bedrock"
            ),
        };
        Ok(Upstream { base_url: self.anthropic_base_url.clone(), credential })
    }

    /// How the gateway treats calls.
    pub fn terms(&self) -> Terms {
        Terms { prices: self.prices.clone(), small_model: self.small_model.clone(), ..Terms::default() }
    }
}
