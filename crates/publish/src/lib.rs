//! From a checkout to the public site: build, manifest, upload of the difference, and the static site itself.

pub mod build;
pub mod manifest;
pub mod packages;
pub mod site;
pub mod snapshot;
pub mod store;
pub mod walk;

mod log;
mod objects;
mod place;

pub use build::{BuildError, Builder};
pub use manifest::{Entry, Manifest, Step};
pub use objects::Uploaded;
pub use packages::{Packages, PackagesError};
pub use place::{Built, Content};
pub use snapshot::{Snapshots, ThreadSnapshots};
pub use store::{Gate, Production, SiteStore};
pub use walk::{WalkError, walk};
