//! The script that keeps addresses made by a page's own scripts under the prefix.

use crate::prefix::Prefix;
use crate::scripts::Script;

/// It reads the prefix from the tag that loads it.
pub(crate) const SHIM: Script = Script::new("shim.js", include_str!("../wrapper/shim.js"));

/// The tag that loads it.
pub fn tag(prefix: &Prefix) -> String {
    SHIM.tag(prefix.path(), ("prefix", prefix.path()))
}
