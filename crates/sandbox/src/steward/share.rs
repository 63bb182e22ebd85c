//! Giving the group of both users what a child of the other one is to reach.

use crate::spec::Reach;
use rustix::fs::{AtFlags, CWD, chownat};
use rustix::process::{Gid, geteuid};
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Read, and for directories search, by the group.
const READ: u32 = 0o040;
const SEARCH: u32 = 0o010;
/// Read and write by the group; directories hand their group down.
const WRITE: u32 = 0o060;
const HAND_DOWN: u32 = 0o2000;

/// Lets `group` reach what `reach` names: what is read only is walked once, what is written each time, since this user
/// may have added to it. What is the other user's already stays as it is. Links are not followed.
pub(super) fn with_group(reach: &Reach, group: u32) -> io::Result<()> {
    for path in reach.read.iter().chain(&reach.write) {
        lead_to(path, group)?;
    }
    for path in &reach.read {
        let Ok(file) = path.symlink_metadata() else { continue };
        let outside = !reach.write.iter().any(|dir| path.starts_with(dir));
        if outside && (file.gid() != group || file.mode() & READ == 0) && file.uid() == geteuid().as_raw() {
            give(path, group, READ)?;
        }
    }
    reach.write.iter().try_for_each(|path| give(path, group, WRITE))
}

/// Lets the group pass through the directories above `path`, without seeing what else is in them.
fn lead_to(path: &Path, group: u32) -> io::Result<()> {
    for dir in path.ancestors().skip(1) {
        let Ok(file) = dir.symlink_metadata() else { continue };
        if file.uid() != geteuid().as_raw() || file.mode() & 0o001 != 0 {
            continue;
        }
        if file.gid() != group || file.mode() & SEARCH == 0 {
            let mode =
                (file.mode() & 0o7707) | SEARCH | if file.gid() == group { file.mode() & 0o070 } else { 0 };
            set(dir, &file, group, mode)?;
        }
    }
    Ok(())
}

/// Gives `path` and what is in it; `path` itself last, as the sign that all of it is given.
fn give(path: &Path, group: u32, access: u32) -> io::Result<()> {
    let file = match path.symlink_metadata() {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    if file.is_symlink() {
        return Ok(());
    }
    if file.is_dir() {
        match fs::read_dir(path) {
            Ok(entries) => entries.flatten().try_for_each(|entry| give(&entry.path(), group, access))?,
            Err(err) if file.uid() == geteuid().as_raw() => return Err(err),
            Err(_) => {}
        }
    }
    if file.uid() != geteuid().as_raw() {
        return Ok(());
    }
    let of_owner = if file.mode() & 0o100 == 0 { 0 } else { SEARCH };
    let of_dir = if file.is_dir() && access == WRITE { HAND_DOWN } else { 0 };
    let mode = (file.mode() & 0o7777) | access | of_owner | of_dir;
    if file.gid() == group && file.mode() & 0o7777 == mode {
        return Ok(());
    }
    set(path, &file, group, mode)
}

fn set(path: &Path, file: &Metadata, group: u32, mode: u32) -> io::Result<()> {
    if file.gid() != group {
        chownat(CWD, path, None, Some(Gid::from_raw(group)), AtFlags::SYMLINK_NOFOLLOW)?;
    }
    fs::set_permissions(path, Permissions::from_mode(mode & 0o7777))
}
