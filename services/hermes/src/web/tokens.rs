//! Secrets that name a person: made here, kept as hashes only.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ports::{ErrorKind, PortError};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A token of 32 random bytes, base64url.
pub(crate) fn fresh() -> ports::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|err| PortError::new(ErrorKind::Transient, format!("no randomness: {err}")))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// The hash under which a token is kept: SHA-256, lower-case hex.
pub fn token_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// Whether two hashes are the same, in constant time.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_safe_in_a_path() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }

    #[test]
    fn an_empty_hash_is_nobodys() {
        assert!(!same("", &token_hash("")));
        assert!(same(&token_hash("a"), &token_hash("a")));
    }
}
