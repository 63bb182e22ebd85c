//! Many mails at once: each is recorded once and answered once, however often it is announced.
//!
//! Three tenants are at work on two conversations each. In one of them every mail is an instruction that the real Claude
//! Code carries out; in the other every mail is a "publish" with nothing new, which takes the whole way through queues,
//! store, container and git, and needs no agent. So this proves the bookkeeping under a burst, and not how fast turns are.

use domain::ThreadId;
use domain::names::{EDIT_SERVICE, EMAIL_QUEUE};
use fleet_tests::cloud::inbox::proven;
use fleet_tests::letter::OWNER;
use fleet_tests::{Cloud, CloudOptions, Git, Letter, Received, until};
use futures_util::{StreamExt, stream};
use ports::Queues;
use std::time::{Duration, Instant};

const TENANTS: [&str; 3] = ["demo", "stamps", "shop"];
/// Mails to each tenant: instructions, and those that want nothing new published.
const PAGES: usize = 4;
const PUBLISHES: usize = 63;
/// Every so many mails is announced twice.
const DOUBLED: usize = 5;
/// Mails that arrive at the same time.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_mins(4);

/// A tenant with two conversations going on.
struct Tenant {
    name: &'static str,
    edited: Received,
    published: Received,
}

impl Tenant {
    async fn start(cloud: &Cloud, name: &'static str) -> Self {
        if name != "demo" {
            cloud.register(name, &cloud.another_repository(name), OWNER).await;
        }
        let letter = || Letter::new("Please make it nicer.").to(&format!("edit@{name}.localhost"));
        let edited = cloud.ask(&letter()).await;
        let published = cloud.ask(&letter()).await;
        Self { name, edited, published }
    }

    fn letters(&self) -> Vec<Letter> {
        let page = |n| Letter::answering(&self.edited, &format!("add a page titled {}", title(n)));
        let publish = |_| Letter::answering(&self.published, "publish");
        (0..PAGES).map(page).chain((0..PUBLISHES).map(publish)).collect()
    }
}

fn title(n: usize) -> String {
    format!("Page{n} saying We bake {n} loaves.")
}

#[tokio::test]
async fn two_hundred_mails_at_once_are_each_recorded_and_answered_once() {
    let previews = (EDIT_SERVICE, "WEBORDINARY_PREVIEWS".to_owned(), "off".to_owned());
    let cloud = Cloud::start(&CloudOptions { env: vec![previews] }).await;
    cloud.open().await;
    let tenants = futures_util::future::join_all(TENANTS.map(|name| Tenant::start(&cloud, name))).await;
    let letters: Vec<Letter> = interleaved(tenants.iter().map(Tenant::letters).collect());
    assert!(letters.len() >= 200, "{} mails", letters.len());

    let began = Instant::now();
    arrive(&cloud, &letters).await;
    let arrived = began.elapsed();
    let all = async || (cloud.inbox.results() >= letters.len() + TENANTS.len() * 2).then_some(());
    until("every mail to be answered", PATIENCE, all).await;
    eprintln!(
        "{} mails arrived within {arrived:?} and were answered after {:?}",
        letters.len(),
        began.elapsed()
    );

    drained(&cloud).await;
    for letter in &letters {
        let kinds: Vec<String> =
            cloud.inbox.answers_to(&letter.id).into_iter().map(|sent| sent.key).collect();
        assert_eq!(kinds.len(), 2, "received and a result, once each: {kinds:?}");
    }
    for tenant in &tenants {
        check(&cloud, tenant).await;
    }
    cloud.end().await;
}

/// One letter of each tenant after the other.
fn interleaved(of_tenants: Vec<Vec<Letter>>) -> Vec<Letter> {
    let mut rest: Vec<_> = of_tenants.into_iter().map(Vec::into_iter).collect();
    let mut letters = Vec::new();
    loop {
        let before = letters.len();
        letters.extend(rest.iter_mut().filter_map(Iterator::next));
        if letters.len() == before {
            return letters;
        }
    }
}

async fn arrive(cloud: &Cloud, letters: &[Letter]) {
    let arrivals = letters.iter().enumerate().map(|(n, letter)| async move {
        let id = cloud.inbox.arrives(letter).await;
        if n % DOUBLED == 0 {
            cloud.inbox.announce(&id, (letter, &proven())).await;
        }
    });
    stream::iter(arrivals).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Waits until nothing is left to be heard, done or told.
async fn drained(cloud: &Cloud) {
    let empty = async || {
        let depth = cloud.queues.depth(EMAIL_QUEUE).await.unwrap();
        let waiting = cloud.store.messages().waiting_pairs().await.unwrap();
        let unsent = cloud.store.replies().unsent().await.unwrap();
        (depth.ready + depth.in_flight == 0 && waiting.is_empty() && unsent.is_empty()).then_some(())
    };
    until("everything to be settled", PATIENCE, empty).await;
}

/// Each conversation has every message once, and each page was made by one commit.
async fn check(cloud: &Cloud, tenant: &Tenant) {
    let recorded = async |thread: ThreadId| cloud.store.messages().of_thread(&thread).await.unwrap();
    let (edits, publishes) =
        (recorded(tenant.edited.thread()).await, recorded(tenant.published.thread()).await);
    assert_eq!((edits.len(), publishes.len()), (PAGES + 1, PUBLISHES + 1), "{}", tenant.name);
    assert!(edits.iter().chain(&publishes).all(|message| message.outcome().is_some()));
    let work: Git = cloud.workspace(tenant.name, "owner");
    let subjects = work.subjects(&format!("origin/main..{}", tenant.edited.thread().branch()));
    for n in 0..PAGES {
        let made = subjects.iter().filter(|subject| subject.contains(&format!("Page{n} "))).count();
        assert_eq!(made, 1, "{}, page {n}: {subjects:?}", tenant.name);
    }
}
