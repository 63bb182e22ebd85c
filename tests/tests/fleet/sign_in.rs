//! Signing in by a link that comes by mail.

use fleet_tests::web::Page;
use fleet_tests::{Fleet, Options};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};

async fn act(fleet: &Fleet, url: &str, form: &[(&str, &str)]) -> reqwest::Response {
    fleet.http.post(url).header(ORIGIN, &fleet.ready.http).form(form).send().await.unwrap()
}

#[tokio::test]
async fn an_owner_signs_in_by_a_mailed_link_and_a_stranger_gets_none() {
    let fleet = Fleet::start(&Options::quick()).await;
    let page = |path: &str| fleet.http.get(format!("{}{path}", fleet.ready.http)).send();
    let first = Page::of(page("/").await.unwrap()).await;
    assert_eq!(first.status, 401);
    assert!(first.text.contains("href=\"/sign-in\""), "{}", first.text);
    let ask = Page::of(page("/sign-in").await.unwrap()).await;
    assert!(ask.status == 200 && ask.text.contains("name=\"address\""), "{}", ask.text);

    let before = fleet.outbox.mails().len();
    let asking = format!("{}/sign-in", fleet.ready.http);
    for address in ["eve@evil.example", "owner@demo.localhost"] {
        let answer = act(&fleet, &asking, &[("address", address), ("once", "1")]).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[LOCATION]),
            (303, &"/sign-in/asked".parse().unwrap())
        );
    }
    let mails = fleet.outbox.mails();
    assert_eq!(mails.len(), before + 1);
    let mail = mails.iter().find(|mail| mail.mail.subject == "Your sign-in link").unwrap();
    let link = mail.text().lines().find(|line| line.contains("/sign-in/")).unwrap();

    let signed_in = act(&fleet, link, &[]).await;
    assert_eq!(signed_in.status(), 303);
    let cookie = signed_in.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let home = fleet.http.get(&fleet.ready.http).header(COOKIE, cookie).send().await.unwrap();
    assert!(Page::of(home).await.text.contains("What should change on your website?"));
    assert_eq!(act(&fleet, link, &[]).await.status(), 410, "it works once");
    fleet.finish().await;
}
