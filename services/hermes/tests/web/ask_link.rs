//! A sign-in link by mail: only to whom it belongs, and the same words for everybody.

use crate::support::*;
use axum::body::Body;
use domain::project::Role;
use email::Inbound;
use http::Request;

impl Bench {
    /// The mails that were sent, in no order.
    fn sent(&self) -> Vec<Inbound> {
        let new = self.dir.path().join("outbox/new");
        let Ok(files) = std::fs::read_dir(new) else { return Vec::new() };
        files.map(|file| Inbound::parse(&std::fs::read(file.unwrap().path()).unwrap()).unwrap()).collect()
    }

    /// Asks for a link; the answer's status, and where it leads.
    async fn ask_link(&self, address: &str, once: &str) -> (u16, String) {
        let form = format!("address={}&once={once}", address.replace('@', "%40"));
        let response = self.send(post("/sign-in", "", &form)).await;
        let to = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (response.status().as_u16(), to.unwrap_or_default())
    }
}

fn links(mail: &Inbound) -> Vec<String> {
    let start = format!("{APP}/sign-in/");
    mail.text.as_deref().unwrap().lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_editor_gets_a_link_that_signs_in_once() {
    let bench = Bench::open().await;
    let (status, page) = bench.ask(get("/sign-in", "")).await;
    assert_eq!(status, 200);
    assert!(page.contains("<label for=\"address\">") && page.contains("method=\"post\" action=\"/sign-in\""));
    assert_eq!(bench.ask_link("  Ann@Stamps.example ", "a").await, (303, "/sign-in/asked".to_owned()));
    let sent = bench.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].subject, "Your sign-in link");
    assert_eq!(sent[0].to, [ANN]);
    assert!(sent[0].text.as_deref().unwrap().contains("For stamps.localhost:8081"));
    let links = links(&sent[0]);
    assert_eq!(links.len(), 1);
    let path = links[0].strip_prefix(APP).unwrap();
    assert!(bench.ask(get(path, "")).await.1.contains(ANN));
    assert_eq!(bench.send(post(path, "", "")).await.status(), 303);
    assert_eq!(bench.send(post(path, "", "")).await.status(), 410);
}

#[tokio::test]
async fn a_stranger_gets_the_same_answer_and_no_mail() {
    let bench = Bench::open().await;
    let began = std::time::Instant::now();
    assert_eq!(bench.ask_link("eve@evil.example", "a").await, (303, "/sign-in/asked".to_owned()));
    let stranger = began.elapsed();
    let began = std::time::Instant::now();
    assert_eq!(bench.ask_link(ANN, "a").await, (303, "/sign-in/asked".to_owned()));
    let difference = began.elapsed().abs_diff(stranger);
    assert!(difference.as_millis() < 300, "the time of an answer tells who is known: {difference:?}");
    assert_eq!(bench.sent().len(), 1);
    let (status, page) = bench.ask(get("/sign-in/asked", "")).await;
    assert!(status == 200 && page.contains("Look into your mail"));
}

#[tokio::test]
async fn one_mail_has_a_link_for_each_site() {
    let bench = Bench::open().await;
    let more = project("third", &[(OLGA, Role::Reviewer)]);
    bench.backends.projects.add(&more).await.unwrap();
    bench.ask_link(OLGA, "a").await;
    let sent = bench.sent();
    assert_eq!(sent.len(), 1);
    let links = links(&sent[0]);
    let mut sites = Vec::new();
    for link in &links {
        let page = bench.ask(get(link.strip_prefix(APP).unwrap(), "")).await.1;
        sites.push(["other", "third"].map(|site| page.contains(&format!("<strong>{site}</strong>"))));
    }
    assert_eq!(sites, [[true, false], [false, true]]);
}

#[tokio::test]
async fn a_form_sent_twice_is_one_mail_and_an_address_gets_three_an_hour() {
    let bench = Bench::open().await;
    for _ in 0..2 {
        bench.ask_link(ANN, "same").await;
    }
    assert_eq!(bench.sent().len(), 1);
    for once in ["b", "c", "d"] {
        assert_eq!(bench.ask_link(ANN, once).await, (303, "/sign-in/asked".to_owned()));
    }
    assert_eq!(bench.sent().len(), 2, "the two sends of one form count");
    bench.ask_link(BOB, "b").await;
    assert_eq!(bench.sent().len(), 3);
}

#[tokio::test]
async fn one_place_cannot_ask_without_end() {
    let bench = Bench::open().await;
    let ask = |from: &'static str, address: String| {
        let request = Request::post("/sign-in")
            .header("origin", APP)
            .header("x-forwarded-for", from)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("address={address}")))
            .unwrap();
        async { bench.send(request).await.status().as_u16() }
    };
    let asked = (0..31).map(|n| ask("1.1.1.1, 203.0.113.9", format!("eve{n}%40evil.example")));
    let mut statuses = futures_util::future::join_all(asked).await;
    statuses.sort_unstable();
    assert_eq!((statuses[29], statuses[30]), (303, 429));
    assert_eq!(ask("1.1.1.1, 203.0.113.10", ANN.replace('@', "%40")).await, 303);
}

#[tokio::test]
async fn what_is_no_address_is_said_beside_the_field() {
    let bench = Bench::open().await;
    for address in ["", "ann", "ann%40x%0d%0aBcc:%40y", "%3Cscript%3E"] {
        let (status, page) = bench.ask(post("/sign-in", "", &format!("address={address}"))).await;
        assert_eq!(status, 400, "{address}");
        assert!(page.contains("role=\"alert\"") && !page.contains("<script>"), "{address}");
    }
    assert!(bench.sent().is_empty());
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_there() {
    let bench = Bench::open().await;
    for path in ["/", "/sign-in/spent"] {
        assert!(bench.ask(get(path, "")).await.1.contains("href=\"/sign-in\""), "{path}");
    }
}
