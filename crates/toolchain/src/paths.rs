//! Where tools and packages live, and what of the caller's environment reaches the package managers.

use std::ffi::OsString;
use std::path::PathBuf;

/// Settings of the network that package managers need and that hold no secret of ours.
const NETWORK: [&str; 10] = [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "npm_config_registry",
    "npm_config_cafile",
];

/// The data directory, and what is taken from the environment of whoever prepares it.
#[derive(Clone, Debug)]
pub struct ToolPaths {
    /// The data directory, absolute. Tools come into `tools`, caches into `cache`.
    pub data: PathBuf,
    /// Where programs of the machine are looked for: PATH.
    pub search: OsString,
    /// Variables that say how to reach the network: proxies, certificates, npm's registry.
    pub network: Vec<(String, OsString)>,
    /// Registries besides npm's own that package managers may reach, as URLs or host:port with commas between.
    pub registries: Option<String>,
    /// The home directory whose npm settings name the registry, when no variable does.
    pub user_home: Option<PathBuf>,
}

impl ToolPaths {
    /// The given directory, and nothing of the environment but the search path.
    pub fn new(data: impl Into<PathBuf>, search: impl Into<OsString>) -> Self {
        Self {
            data: data.into(),
            search: search.into(),
            network: Vec::new(),
            registries: None,
            user_home: None,
        }
    }

    /// Adds what `lookup` knows of the network and the home directory: `std::env::var_os` in the product.
    pub fn with_environment(mut self, lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let known = NETWORK.iter().filter_map(|name| Some(((*name).to_owned(), lookup(name)?)));
        self.network = known.collect();
        self.registries = lookup("WEBORDINARY_REGISTRIES").and_then(|value| value.into_string().ok());
        self.user_home = lookup("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        self
    }

    /// HOME of the package managers: holds none of the user's settings or credentials.
    pub(crate) fn home(&self) -> PathBuf {
        self.data.join("tools/home")
    }

    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.data.join("tools/npm").join(name)
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.data.join("cache/packages")
    }

    pub(crate) fn npm_cache(&self) -> PathBuf {
        self.data.join("cache/npm")
    }

    pub(crate) fn cache(&self, of: &str) -> PathBuf {
        self.data.join("cache").join(of)
    }
}
