//! What the register of tokens promises.

use super::Harness;
use super::sample::{project, together, unique};
use crate::sign_in::{Identity, TokenUse};

/// A link signs in once; a session lasts until it ends.
pub async fn sign_in_contract(harness: &dyn Harness) {
    a_link_is_spent_once(harness).await;
    looking_does_not_spend(harness).await;
    a_token_expires(harness).await;
    a_token_is_good_for_its_use_only(harness).await;
    a_revoked_session_is_over(harness).await;
}

fn identity() -> Identity {
    Identity { user: "ann".parse().unwrap(), address: "ann@example.org".to_owned(), project: project() }
}

async fn a_link_is_spent_once(harness: &dyn Harness) {
    let (sign_ins, hash, ann) = (harness.sign_ins(), unique(), identity());
    sign_ins.issue(&hash, TokenUse::Link, &ann, harness.lease()).await.unwrap();
    let spends = (0..12).map(|_| {
        let (sign_ins, hash) = (sign_ins.clone(), hash.clone());
        async move { sign_ins.spend(&hash).await.unwrap() }
    });
    let spent: Vec<Identity> = together(spends).await.into_iter().flatten().collect();
    assert_eq!(spent, [ann]);
    assert_eq!(sign_ins.spend(&hash).await.unwrap(), None);
    assert_eq!(sign_ins.look_up(&hash, TokenUse::Link).await.unwrap(), None);
}

async fn looking_does_not_spend(harness: &dyn Harness) {
    let (sign_ins, hash, ann) = (harness.sign_ins(), unique(), identity());
    assert_eq!(sign_ins.look_up(&hash, TokenUse::Link).await.unwrap(), None);
    sign_ins.issue(&hash, TokenUse::Link, &ann, harness.lease()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(sign_ins.look_up(&hash, TokenUse::Link).await.unwrap().as_ref(), Some(&ann));
    }
    assert_eq!(sign_ins.spend(&hash).await.unwrap(), Some(ann));
}

async fn a_token_expires(harness: &dyn Harness) {
    let (sign_ins, link, session) = (harness.sign_ins(), unique(), unique());
    sign_ins.issue(&link, TokenUse::Link, &identity(), harness.lease()).await.unwrap();
    sign_ins.issue(&session, TokenUse::Session, &identity(), harness.lease()).await.unwrap();
    harness.pass(harness.lease()).await;
    assert_eq!(sign_ins.look_up(&session, TokenUse::Session).await.unwrap(), None);
    assert_eq!(sign_ins.look_up(&link, TokenUse::Link).await.unwrap(), None);
    assert_eq!(sign_ins.spend(&link).await.unwrap(), None);
}

async fn a_token_is_good_for_its_use_only(harness: &dyn Harness) {
    let (sign_ins, link, session) = (harness.sign_ins(), unique(), unique());
    sign_ins.issue(&link, TokenUse::Link, &identity(), harness.lease()).await.unwrap();
    sign_ins.issue(&session, TokenUse::Session, &identity(), harness.lease()).await.unwrap();
    assert_eq!(sign_ins.look_up(&link, TokenUse::Session).await.unwrap(), None);
    assert_eq!(sign_ins.look_up(&session, TokenUse::Link).await.unwrap(), None);
    assert_eq!(sign_ins.spend(&session).await.unwrap(), None);
    sign_ins.revoke(&link).await.unwrap();
    assert!(sign_ins.spend(&link).await.unwrap().is_some());
}

async fn a_revoked_session_is_over(harness: &dyn Harness) {
    let (sign_ins, hash, ann) = (harness.sign_ins(), unique(), identity());
    sign_ins.issue(&hash, TokenUse::Session, &ann, harness.lease()).await.unwrap();
    assert_eq!(sign_ins.look_up(&hash, TokenUse::Session).await.unwrap(), Some(ann));
    sign_ins.revoke(&hash).await.unwrap();
    sign_ins.revoke(&hash).await.unwrap();
    assert_eq!(sign_ins.look_up(&hash, TokenUse::Session).await.unwrap(), None);
}
