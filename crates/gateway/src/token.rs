//! The tokens of agents, and the turns during which they are worth something.

use crate::meter::{Tokens, Usage};
use crate::tools::Tools;
use data_encoding::BASE32_NOPAD;
use domain::Money;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// All tokens that were issued and not dropped since.
#[derive(Default)]
pub(crate) struct Register {
    issued: Mutex<Vec<Arc<Issued>>>,
}

struct Issued {
    secret: String,
    label: String,
    open: Mutex<Option<Arc<Allowance>>>,
}

/// What an open grant shares with the requests made under it.
pub(crate) struct Allowance {
    usage: Mutex<Usage>,
    /// What may be spent, where there is a bound.
    limit: Option<Money>,
    refused: AtomicBool,
    first: watch::Sender<Option<Instant>>,
    /// What else than the model may be used.
    pub(crate) tools: Option<Tools>,
    /// Cancelled when the grant closes: streams under way end then.
    pub(crate) closed: CancellationToken,
}

impl Allowance {
    /// Notes that a call of the Messages API arrived.
    pub(crate) fn called(&self) {
        locked(&self.usage).calls += 1;
        self.first.send_if_modified(|first| first.is_none() && first.replace(Instant::now()).is_none());
    }

    /// Notes what a call has used more, and what that costs.
    pub(crate) fn used(&self, tokens: Tokens, cost: Money) {
        locked(&self.usage).add(tokens, cost);
    }

    /// Whether nothing more may be spent, so that the call which asks is refused.
    pub(crate) fn refuses(&self) -> bool {
        let spent = locked(&self.usage).cost;
        let refuses = self.limit.is_some_and(|limit| spent >= limit);
        if refuses {
            self.refused.store(true, Ordering::SeqCst);
        }
        refuses
    }
}

impl Register {
    pub(crate) fn issue(self: &Arc<Self>, label: &str) -> Result<AgentToken, getrandom::Error> {
        let mut entropy = [0_u8; 32];
        getrandom::fill(&mut entropy)?;
        let secret = format!("agent-{}", BASE32_NOPAD.encode(&entropy).to_ascii_lowercase());
        let issued = Arc::new(Issued { secret, label: label.to_owned(), open: Mutex::new(None) });
        locked(&self.issued).push(Arc::clone(&issued));
        Ok(AgentToken { issued, register: Arc::clone(self) })
    }

    /// What the bearer of `shown` may use now. Every issued token is compared, each in constant time.
    pub(crate) fn allowance(&self, shown: &[u8]) -> Option<Arc<Allowance>> {
        let mut found = None;
        for issued in locked(&self.issued).iter() {
            if bool::from(issued.secret.as_bytes().ct_eq(shown)) {
                found.clone_from(&*locked(&issued.open));
            }
        }
        found
    }

    fn withdraw(&self, issued: &Arc<Issued>) {
        locked(&self.issued).retain(|other| !Arc::ptr_eq(other, issued));
    }
}

/// A token for one agent process. Dropping it makes it unknown.
pub struct AgentToken {
    issued: Arc<Issued>,
    register: Arc<Register>,
}

impl AgentToken {
    /// The text that the agent's process shows.
    pub fn secret(&self) -> &str {
        &self.issued.secret
    }

    /// What the token was issued for.
    pub fn label(&self) -> &str {
        &self.issued.label
    }

    /// Makes the token worth something until the grant is dropped, or until `limit` is spent: the call that goes beyond it
    /// ends, the next is refused. A grant that was open before is closed.
    pub fn open(&self, limit: Option<Money>) -> Grant {
        self.open_with(limit, None)
    }

    /// As [`AgentToken::open`], for the model and for `tools`.
    pub fn open_with(&self, limit: Option<Money>, tools: Option<Tools>) -> Grant {
        let allowance = Arc::new(Allowance {
            usage: Mutex::new(Usage::default()),
            limit,
            refused: AtomicBool::new(false),
            first: watch::Sender::new(None),
            tools,
            closed: CancellationToken::new(),
        });
        if let Some(earlier) = locked(&self.issued.open).replace(Arc::clone(&allowance)) {
            earlier.closed.cancel();
        }
        Grant { allowance, issued: Arc::clone(&self.issued) }
    }
}

impl Drop for AgentToken {
    fn drop(&mut self) {
        self.register.withdraw(&self.issued);
    }
}

/// One turn's permission to call the model. Dropping it closes it, and cuts the streams under way.
pub struct Grant {
    allowance: Arc<Allowance>,
    issued: Arc<Issued>,
}

impl Grant {
    /// What was used under this grant so far.
    pub fn usage(&self) -> Usage {
        *locked(&self.allowance.usage)
    }

    /// Whether a call was refused because everything that may be spent was spent.
    pub fn is_used_up(&self) -> bool {
        self.allowance.refused.load(Ordering::SeqCst)
    }

    /// Waits for the first call of the Messages API under this grant; returns when it arrived.
    pub async fn first_request(&self) -> Instant {
        let mut first = self.allowance.first.subscribe();
        loop {
            if let Some(at) = *first.borrow_and_update() {
                return at;
            }
            if first.changed().await.is_err() {
                // The sender lives in the allowance, which this grant holds.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        self.allowance.closed.cancel();
        let mut open = locked(&self.issued.open);
        if open.as_ref().is_some_and(|now| Arc::ptr_eq(now, &self.allowance)) {
            *open = None;
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_worth_something_only_while_its_grant_is_open() {
        let register = Arc::new(Register::default());
        let token = register.issue("a").unwrap();
        let secret = token.secret().as_bytes().to_vec();
        assert!(register.allowance(&secret).is_none());
        let grant = token.open(None);
        assert!(register.allowance(&secret).is_some());
        assert!(register.allowance(b"agent-other").is_none());
        assert!(register.allowance(b"").is_none());
        drop(grant);
        assert!(register.allowance(&secret).is_none());
        let _open = token.open(None);
        drop(token);
        assert!(register.allowance(&secret).is_none());
    }

    #[test]
    fn what_may_be_spent_bounds_the_next_call() {
        let register = Arc::new(Register::default());
        let token = register.issue("a").unwrap();
        let grant = token.open(Some(Money(10)));
        let allowance = register.allowance(token.secret().as_bytes()).unwrap();
        allowance.used(Tokens::default(), Money(9));
        assert!(!allowance.refuses() && !grant.is_used_up());
        allowance.used(Tokens::default(), Money(9));
        assert!(!grant.is_used_up(), "the call that goes beyond it may end");
        assert!(allowance.refuses() && grant.is_used_up());
        let _free = token.open(None);
        assert!(!register.allowance(token.secret().as_bytes()).unwrap().refuses());
    }

    #[test]
    fn an_earlier_grant_does_not_close_a_later_one() {
        let register = Arc::new(Register::default());
        let token = register.issue("a").unwrap();
        let earlier = token.open(None);
        let later = token.open(None);
        assert!(earlier.allowance.closed.is_cancelled());
        drop(earlier);
        assert!(register.allowance(token.secret().as_bytes()).is_some());
        assert!(!later.allowance.closed.is_cancelled());
    }
}
