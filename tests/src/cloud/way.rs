//! How the services' programs reach the stand-in.

use testkit::{FaultyProxy, Ministack};

/// The way of the services' programs to the stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through a proxy that counts calls and can fail them; it makes a connection for each.
    Watched,
    /// Over connections that are kept, as to AWS.
    Direct,
}

impl Way {
    pub(super) fn endpoint<'a>(self, proxy: &'a FaultyProxy, stand_in: &'a Ministack) -> &'a str {
        match self {
            Self::Watched => proxy.endpoint(),
            Self::Direct => stand_in.endpoint(),
        }
    }
}
