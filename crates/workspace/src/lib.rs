//! Git for one client, project and user: a bare clone, one worktree per thread, and the way to the origin.
//!
//! Every call blocks; callers in async code use `spawn_blocking`.

mod aside;
mod askpass;
mod change;
mod claim;
mod commit;
mod error;
mod export;
mod files;
mod keys;
mod layout;
mod lock;
mod origin;
mod program;
mod publish;
mod snapshot;
mod tree;
mod workspace;

pub use aside::BroughtBack;
pub use askpass::{Credential, run_if_askpass};
pub use change::{Change, ChangeKind};
pub use commit::{Author, CommitId, CommitSpec, InvalidCommitId};
pub use error::{ErrorKind, WorkspaceError};
pub use export::tree_at;
pub use keys::RepositoryKeys;
pub use origin::{FirstCommit, Origin, checkout, copy, create_bare, head, import, is_ancestor};
pub use publish::{Preparation, PreparedPublish, PublishRequest, Published, Push};
pub use snapshot::{FILE_MAX, is_litter};
pub use tree::{Merge, Prepared, Revert, ThreadTree};
pub use workspace::{Places, Workspace};

/// What every call of this crate returns.
pub type Result<T, E = WorkspaceError> = std::result::Result<T, E>;
