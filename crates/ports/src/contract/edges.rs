//! What adapters of the edges of the product promise: secrets, and the caches before public sites.

use super::sample::{project, refused, unique};
use crate::error::ErrorKind;
use crate::{Cdn, Secrets};

/// A secret that is there, called `name`, is given as it is; others are not found.
pub async fn secrets_contract(secrets: &dyn Secrets, name: &str, bytes: &[u8]) {
    for _ in 0..2 {
        assert!(secrets.get(name).await.map_err(|err| err.to_string()).is_ok_and(|s| s.bytes() == bytes));
    }
    for other in [unique(), format!("{name}/{}", unique())] {
        refused(secrets.get(&other).await.map(|_| ()), ErrorKind::NotFound);
    }
    for wrong in ["", "../secrets", "a//b", "a/./b", "a b", "/etc/passwd"] {
        assert!(secrets.get(wrong).await.is_err(), "{wrong:?}");
    }
}

/// An invalidation may be asked for again.
pub async fn cdn_contract(cdn: &dyn Cdn) {
    let (project, reference) = (project(), unique());
    for reference in [&reference, &reference, &unique()] {
        cdn.invalidate(&project, reference).await.unwrap();
    }
}
