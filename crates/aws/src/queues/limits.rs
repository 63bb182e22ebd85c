//! What SQS takes, checked before it is asked: it would find the same, later and in other words.

use domain::names::{QUEUE_BODY_MAX, QUEUE_NAME_MAX};
use ports::{ErrorKind, PortError, Result};
use std::fmt::Display;
use std::time::Duration;

/// Most deliveries of one receive.
const MAX_BATCH: usize = 10;
/// Most receives that a redrive policy takes.
const MAX_RECEIVES: u32 = 1_000;
/// Longest lease, in seconds.
const LEASE_MAX: u64 = 12 * 60 * 60;

pub(super) fn check_name(name: &str) -> Result<()> {
    let fits = (1..=QUEUE_NAME_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        return Ok(());
    }
    Err(malformed(format_args!(
        "a queue's name has 1 to {QUEUE_NAME_MAX} characters of A-Z, a-z, 0-9, _ and -"
    )))
}

pub(super) fn check_body(body: &str) -> Result<()> {
    if (1..=QUEUE_BODY_MAX).contains(&body.len()) {
        return Ok(());
    }
    Err(malformed(format_args!("a queue takes 1 to {QUEUE_BODY_MAX} bytes, not {}", body.len())))
}

pub(super) fn check_max_receives(max_receives: u32) -> Result<()> {
    if (1..=MAX_RECEIVES).contains(&max_receives) {
        return Ok(());
    }
    Err(malformed(format_args!("a message is received 1 to {MAX_RECEIVES} times, not {max_receives}")))
}

/// How many messages to ask for at once.
pub(super) fn batch(max: usize) -> Result<i32> {
    let fits = i32::try_from(max).ok().filter(|_| (1..=MAX_BATCH).contains(&max));
    fits.ok_or_else(|| malformed(format_args!("{max} is not 1 to {MAX_BATCH} messages")))
}

/// A lease in the seconds that SQS counts in, never shorter than asked.
pub(super) fn whole_seconds(lease: Duration) -> Result<i32> {
    let seconds = lease.as_secs() + u64::from(lease.subsec_nanos() > 0);
    i32::try_from(seconds)
        .ok()
        .filter(|_| seconds <= LEASE_MAX)
        .ok_or_else(|| malformed(format_args!("a lease has at most {LEASE_MAX} s, not {seconds}")))
}

fn malformed(says: impl Display) -> PortError {
    PortError::new(ErrorKind::Malformed, says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_never_shorter_than_asked() {
        let seconds = |millis| whole_seconds(Duration::from_millis(millis)).unwrap();
        assert_eq!([0, 1, 1_000, 1_001].map(seconds), [0, 1, 1, 2]);
        let (longest, longer) = (Duration::from_hours(12), Duration::from_hours(13));
        assert_eq!(whole_seconds(longest).unwrap(), 43_200);
        assert_eq!(whole_seconds(longer).unwrap_err().kind(), ErrorKind::Malformed);
    }
}
