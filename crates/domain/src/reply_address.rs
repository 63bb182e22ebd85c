//! The signed plus-address that a reply comes back to. It routes; it never proves who wrote.

use crate::id::{ThreadId, UserId};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Characters of the signature: 80 bits.
const SIGNATURE: usize = 16;

/// Signs and reads reply addresses.
#[derive(Clone)]
pub struct ReplyAddresses {
    key: Vec<u8>,
}

impl ReplyAddresses {
    /// Uses `key`, which must be secret and stay the same across restarts.
    pub fn new(key: impl Into<Vec<u8>>) -> Self {
        Self { key: key.into() }
    }

    /// The address that continues `thread` for `user` at `domain`: `edit+{token}@{domain}`.
    pub fn address(&self, thread: &ThreadId, user: &UserId, domain: &str) -> String {
        format!("edit+{}{}@{domain}", thread.as_str(), self.signature(thread, user))
    }

    /// The thread that an address continues. The signature is good for one of `users`, or it is no token.
    pub fn thread(&self, address: &str, users: &[UserId]) -> Option<ThreadId> {
        let token = address.split('@').next()?.split_once('+')?.1.to_ascii_lowercase();
        let (thread, signature) = token.split_at_checked(12)?;
        let thread: ThreadId = thread.parse().ok()?;
        users
            .iter()
            .any(|u| bool::from(self.signature(&thread, u).as_bytes().ct_eq(signature.as_bytes())))
            .then_some(thread)
    }

    fn signature(&self, thread: &ThreadId, user: &UserId) -> String {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key)
            .unwrap_or_else(|_| unreachable!("HMAC takes any key"));
        mac.update(format!("reply/1/{}/{user}", thread.as_str()).as_bytes());
        let mut text = BASE32_NOPAD.encode(&mac.finalize().into_bytes()).to_ascii_lowercase();
        text.truncate(SIGNATURE);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_routes_for_its_user_only() {
        let addresses = ReplyAddresses::new(*b"key");
        let thread = ThreadId::from_entropy([7; 8]);
        let (ann, bob) = (UserId::of_address("ann@x"), UserId::of_address("bob@x"));
        let address = addresses.address(&thread, &ann, "demo.localhost");
        assert_eq!(addresses.thread(&address, &[bob.clone(), ann.clone()]), Some(thread.clone()));
        assert_eq!(addresses.thread(&address.to_uppercase(), std::slice::from_ref(&ann)), Some(thread));
        assert_eq!(addresses.thread(&address, &[bob]), None);
        assert_eq!(ReplyAddresses::new(*b"other").thread(&address, std::slice::from_ref(&ann)), None);
        assert_eq!(addresses.thread("edit+short@demo.localhost", std::slice::from_ref(&ann)), None);
        assert_eq!(addresses.thread("edit@demo.localhost", &[ann]), None);
    }
}
