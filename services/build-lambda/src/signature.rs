//! The signature of a webhook, as GitHub makes it: HMAC-SHA-256 over the raw body.

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const SCHEME: &str = "sha256=";

/// The value of `X-Hub-Signature-256` for `body`.
pub fn sign(secret: &[u8], body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(body);
    format!("{SCHEME}{}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// Whether `signature` is that of `body`, in a time that does not depend on how much of it is right.
/// Never with an empty secret, which everybody knows.
pub fn verify(secret: &[u8], body: &[u8], signature: &str) -> bool {
    !secret.is_empty() && bool::from(sign(secret, body).as_bytes().ct_eq(signature.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
    #[test]
    fn the_example_of_the_documentation() {
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert_eq!(sign(b"It's a Secret to Everybody", b"Hello, World!"), signature);
        assert!(verify(b"It's a Secret to Everybody", b"Hello, World!", signature));
        assert!(!verify(b"It's a Secret to Everybody", b"Hello, World?", signature));
        assert!(!verify(b"other", b"Hello, World!", signature));
        assert!(!verify(b"It's a Secret to Everybody", b"Hello, World!", &signature[..40]));
        assert!(!verify(b"", b"x", &sign(b"", b"x")));
    }
}
