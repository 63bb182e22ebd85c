//! Whether two domains are one organization's (RFC 7489, relaxed alignment).
//!
//! The public suffix list comes with the crate `psl`: generated from the list every few days, no I/O, no parser.

/// The domain of an address or of an identity such as `@example.com`, in lower-case ASCII. `None` when it has none.
pub(super) fn domain_of(identity: &str) -> Option<String> {
    let domain = identity.rsplit('@').next()?.trim().trim_end_matches('.');
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) if !domain.is_empty() => Some(domain),
        _ => None,
    }
}

/// Whether both have the same organizational domain. A domain under which anybody can register is nobody's.
pub(super) fn aligned(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (domain_of(one), domain_of(other)) else { return false };
    match (psl::domain_str(&one), psl::domain_str(&other)) {
        (Some(a), Some(b)) => a == b,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_is_what_stands_below_a_public_suffix() {
        for (one, other, want) in [
            ("ann@example.com", "example.com", true),
            ("ann@example.com", "@Mail.Example.COM.", true),
            ("ann@news.example.co.uk", "bounce@mx.example.co.uk", true),
            ("ann@example.co.uk", "evil.co.uk", false),
            ("ann@example.com", "example.com.evil.org", false),
            ("ann@example.com", "notexample.com", false),
            ("ann@ann.github.io", "evil.github.io", false),
            ("ann@bücher.example", "xn--bcher-kva.example", true),
            ("ann@co.uk", "evil.co.uk", false),
            ("ann@demo.localhost", "demo.localhost", true),
            ("ann@demo.localhost", "other.localhost", false),
            ("ann@[192.0.2.1]", "192.0.2.1", false),
            ("ann@example.com", "", false),
            ("", "", false),
        ] {
            assert_eq!(aligned(one, other), want, "{one} {other}");
        }
    }
}
