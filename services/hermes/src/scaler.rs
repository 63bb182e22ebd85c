//! How many edit containers there should be.

use crate::desk::Hermes;
use domain::Pair;
use domain::names::EDIT_SERVICE;
use ports::PortError;
use ports::claims::Claim;

/// One container for each pair that is claimed or waits, at most `max`.
fn wanted(held: &[Claim], waiting: &[Pair], max: u32) -> u32 {
    let unclaimed = waiting.iter().filter(|pair| held.iter().all(|claim| &claim.pair != *pair)).count();
    u32::try_from(held.len() + unclaimed).unwrap_or(u32::MAX).min(max)
}

impl Hermes {
    /// Sets the pool's desired count.
    pub(crate) async fn scale(&self) -> Result<(), PortError> {
        let held = self.backends.claims.held().await?;
        let waiting = self.backends.messages.waiting_pairs().await?;
        let wanted = wanted(&held, &waiting, self.config.max_containers);
        if self.backends.fleet.count(EDIT_SERVICE).await?.desired != wanted {
            tracing::info!(
                claims = held.len(),
                waiting = waiting.len(),
                desired = wanted,
                "scaling the pool"
            );
            self.backends.fleet.set_desired(EDIT_SERVICE, wanted).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Epoch;

    fn pair(user: &str) -> Pair {
        Pair {
            client_id: "c".parse().unwrap(),
            project_id: "p".parse().unwrap(),
            user_id: user.parse().unwrap(),
        }
    }

    #[test]
    fn a_pair_counts_once_whether_claimed_or_waiting() {
        let held = [Claim { pair: pair("a"), by: "k".parse().unwrap(), epoch: Epoch(1) }];
        assert_eq!(wanted(&[], &[], 10), 0);
        assert_eq!(wanted(&held, &[pair("a")], 10), 1);
        assert_eq!(wanted(&held, &[pair("a"), pair("b"), pair("d")], 10), 3);
        assert_eq!(wanted(&held, &[pair("a"), pair("b"), pair("d")], 2), 2);
    }
}
