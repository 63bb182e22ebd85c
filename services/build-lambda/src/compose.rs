//! The function, put together from its environment and what that names.

use crate::config::environment::Environment;
use crate::config::{Deps, Edges};
use crate::function::Function;
use crate::github::GitHub;
use crate::packages::NpmPackages;
use crate::service::BuildService;
use ports::{Backends, Cdn, ErrorKind, Invoker, PortError, Result, Secrets};
use sandbox::Launcher;
use std::fmt;
use std::sync::Arc;
use toolchain::{BuildTools, Silent, ToolPaths};

/// Where no caches are: the files are what the public sees.
pub struct NoCdn;

#[async_trait::async_trait]
impl Cdn for NoCdn {
    async fn invalidate(&self, _: &domain::ProjectId, _: &str) -> Result<()> {
        Ok(())
    }
}

/// What is connected before: everything of AWS.
pub struct Connected {
    /// The stores and queues.
    pub backends: Backends,
    /// The secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The caches before public sites.
    pub cdn: Arc<dyn Cdn>,
    /// Calls this function.
    pub invoker: Arc<dyn Invoker>,
}

/// Finds the tools and makes the function. Node and npm must be in the image; this program's `main` acts as the
/// launcher of builds and as git's askpass.
pub async fn function(environment: &Environment, connected: Connected) -> Result<Function> {
    let here =
        |err: &dyn fmt::Display| PortError::new(ErrorKind::Transient, format!("cannot build here: {err}"));
    let launcher = Launcher::of_this_program();
    let scratch = environment.work_dir.join("self-test");
    let (launcher, report) =
        launcher.protected(environment.sandbox, &scratch).await.map_err(|err| here(&err))?;
    tracing::info!(sandbox = %report, "what confines builds");
    let search = std::env::var_os("PATH").unwrap_or_default();
    let paths = ToolPaths::new(&environment.work_dir, search).with_environment(|name| std::env::var_os(name));
    let tools = BuildTools::find(&paths, &launcher, &Silent).await.map_err(|err| here(&err))?;
    let launcher = launcher.reading(tools.places());
    let program = std::env::current_exe().map_err(|err| here(&err))?;
    let Connected { backends, secrets, cdn, invoker } = connected;
    let github = GitHub::new(environment.github(), Arc::clone(&secrets), environment.secrets())?;
    let deps = Deps::of(&backends, Edges { secrets, cdn, code_host: Arc::new(github) });
    let config = environment.build_config(&tools, launcher, program);
    let service = BuildService::new(deps, config, Arc::new(NpmPackages(tools.packages.clone())));
    Ok(Function::new(&service, invoker, environment.reserve()))
}
