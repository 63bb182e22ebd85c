//! Keeping this process's secrets from the children that run site code.

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use std::io;

/// Shuts this process's environment and memory (`/proc/PID/environ`, `mem`) to other processes of the same user. A
/// child's own environment holds what we list; without this, site code could still read ours, with the role's
/// credentials, from there. Children are not affected, nor is anything that runs as root.
pub fn conceal_this_process() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::dumpable_behavior;

    #[test]
    fn this_process_is_shut_to_others() {
        conceal_this_process().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
