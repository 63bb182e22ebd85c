//! The environment of the function, read once.

use super::{BuildConfig, SecretNames};
use crate::disk::Disk;
use crate::github::GitHubAddress;
use clap::Parser;
use reqwest::Url;
use sandbox::{Demand, Launcher};
use std::path::PathBuf;
use std::time::Duration;
use toolchain::BuildTools;

/// MiB in bytes.
const MIB: u64 = 1024 * 1024;
/// How long a lease outlives a run that was ended from outside.
const LEASE: Duration = Duration::from_secs(20);

/// What the function is told by its environment. AWS's own variables (region, credentials, endpoints) are read by
/// AWS's own library; those of the proxies and of npm's registry by the toolchain.
#[derive(Clone, Debug, Parser)]
pub struct Environment {
    /// The function's name, which it calls itself by. Lambda sets this.
    #[arg(long, env = "AWS_LAMBDA_FUNCTION_NAME")]
    pub function: String,
    /// A directory that only this function uses: checkouts, packages, Node where the image has none.
    #[arg(long, env = "WEBORDINARY_WORK_DIR", default_value = "/tmp/webordinary")]
    pub work_dir: PathBuf,
    /// Id of the CloudFront distribution before the public sites; without one nothing is invalidated.
    #[arg(long, env = "WEBORDINARY_DISTRIBUTION")]
    pub distribution: Option<String>,
    /// Name of a project's webhook secret.
    #[arg(long, env = "WEBORDINARY_WEBHOOK_SECRET", default_value = "webordinary/{project}/webhook")]
    pub webhook_secret: String,
    /// Name of the token of a project's repository.
    #[arg(long, env = "WEBORDINARY_REPOSITORY_SECRET", default_value = "webordinary/{project}/repository")]
    pub repository_secret: String,
    /// Host of the repositories whose commits get a status.
    #[arg(long, env = "WEBORDINARY_GITHUB_HOST", default_value = "github.com")]
    pub github_host: String,
    /// Base of that host's API.
    #[arg(long, env = "WEBORDINARY_GITHUB_API", default_value = "https://api.github.com")]
    pub github_api: Url,
    /// Longest build, in seconds. An order after the first begins in a run only while this much time is left.
    #[arg(long, env = "WEBORDINARY_BUILD_SECONDS", default_value = "600")]
    pub build_seconds: u64,
    /// The end of each run that no work is begun in, in seconds: for bringing production back, and for telling.
    #[arg(long, env = "WEBORDINARY_RESERVE_SECONDS", default_value = "45")]
    pub reserve_seconds: u64,
    /// Free disk without which no build begins, in MiB.
    #[arg(long, env = "WEBORDINARY_DISK_MIB", default_value = "1024")]
    pub disk_mib: u64,
    /// What confines builds: `require` refuses to start with too little, `auto` takes what there is, `off` nothing. Lambda
    /// allows neither namespaces nor another user, and runs nothing else beside a build.
    #[arg(long, env = "WEBORDINARY_SANDBOX", default_value = "auto")]
    pub sandbox: Demand,
    /// What is logged, in `tracing_subscriber`'s syntax.
    #[arg(long, env = "WEBORDINARY_LOG", default_value = "info")]
    pub log: String,
}

impl Environment {
    /// Names of the secrets.
    pub fn secrets(&self) -> SecretNames {
        SecretNames { webhook: self.webhook_secret.clone(), repository: self.repository_secret.clone() }
    }

    /// Where GitHub is.
    pub fn github(&self) -> GitHubAddress {
        GitHubAddress { host: self.github_host.clone(), api: self.github_api.clone() }
    }

    /// The end of each run that no work is begun in.
    pub fn reserve(&self) -> Duration {
        Duration::from_secs(self.reserve_seconds)
    }

    /// The settings of a build service with these tools. `program` is this program: it acts as the launcher of builds
    /// and as git's askpass.
    pub fn build_config(&self, tools: &BuildTools, launcher: Launcher, program: PathBuf) -> BuildConfig {
        let (builds, cache) = (self.work_dir.join("builds"), self.work_dir.join("cache"));
        BuildConfig {
            path_env: tools.path_env.clone(),
            askpass: program,
            secrets: self.secrets(),
            build_max: Duration::from_secs(self.build_seconds),
            lease: LEASE,
            disk: Some(Disk { needed: self.disk_mib * MIB, caches: vec![cache] }),
            at_once: 1,
            ..BuildConfig::new(builds, launcher, tools.node.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_functions_own_name_must_be_given() {
        let environment = Environment::try_parse_from(["bootstrap", "--function", "f"]).unwrap();
        assert_eq!(environment.secrets().webhook(&"demo".parse().unwrap()), "webordinary/demo/webhook");
        assert_eq!(environment.github().api.as_str(), "https://api.github.com/");
        assert!(environment.distribution.is_none());
        assert_eq!(environment.reserve(), Duration::from_secs(45));
    }
}
