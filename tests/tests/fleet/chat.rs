//! The chat and its API: signed in by a link, live while it works, and one conversation with the mail.

use fleet_tests::letter::replace;
use fleet_tests::web::{Events, Page};
use fleet_tests::{Fleet, Letter, Options};
use reqwest::{Client, RequestBuilder, header};
use serde_json::{Value, json};

/// A browser that is signed in.
struct Browser {
    http: Client,
    app: String,
    cookie: String,
}

impl Browser {
    async fn sign_in(fleet: &Fleet, link: &str) -> Self {
        let answer = fleet.http.post(link).header(header::ORIGIN, &fleet.ready.http).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{:?}", answer.text().await);
        let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { http: fleet.http.clone(), app: fleet.ready.http.clone(), cookie }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.app)).header(header::COOKIE, &self.cookie)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.app)).header(header::COOKIE, &self.cookie);
        request.header(header::ORIGIN, &self.app)
    }

    async fn page(&self, path: &str) -> Page {
        Page::of(self.get(path).send().await.unwrap()).await
    }

    /// Sends the composer's form; the path it leads to.
    async fn say(&self, path: &str, text: &str) -> String {
        let form = format!("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--b--\r\n");
        let request =
            self.post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 303, "{text}");
        answer.headers()[header::LOCATION].to_str().unwrap().split('#').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_nothing_works_without() {
    let fleet = Fleet::start(&Options::quick()).await;
    let (link, app) = (fleet.ready.sign_in.clone(), fleet.ready.http.clone());
    let shown = Page::of(fleet.http.get(&link).send().await.unwrap()).await;
    assert!(shown.status == 200 && shown.text.contains("owner@demo.localhost"), "{}", shown.text);
    let foreign = fleet.http.post(&link).header(header::ORIGIN, "http://127.0.0.1:1").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let browser = Browser::sign_in(&fleet, &link).await;
    let again = fleet.http.post(&link).header(header::ORIGIN, &app).send().await.unwrap();
    assert!(again.status().is_client_error() && !again.headers().contains_key(header::SET_COOKIE));
    assert_eq!(fleet.http.get(&link).send().await.unwrap().status(), again.status());

    assert!(browser.page("/").await.text.contains("What should change on your website?"));
    let stranger = fleet.http.get(&app).send().await.unwrap();
    assert!(!Page::of(stranger).await.text.contains("What should change"));
    let foreign = browser.http.post(format!("{app}/threads")).header(header::COOKIE, &browser.cookie);
    let foreign = foreign.header(header::ORIGIN, &fleet.ready.preview).send().await.unwrap();
    assert_eq!(foreign.status(), 403, "a preview's page must not act for its owner");
    let second = fleet.command(&["sign-in"]).await.unwrap();
    Browser::sign_in(&fleet, second.trim()).await;
    fleet.finish().await;
}

#[tokio::test]
async fn what_is_said_in_the_chat_is_done_and_shown_live() {
    let fleet = Fleet::start(&Options::quick()).await;
    let browser = Browser::sign_in(&fleet, &fleet.ready.sign_in).await;
    let text = format!("[slow 2] {}", replace("Country rye", "Village rye"));
    let thread = browser.say("/threads", &text).await;
    let mut page = Events::of(browser.get(&format!("{thread}/stream")).send().await.unwrap());
    let mut api = Events::of(browser.get(&format!("/hermes/api{thread}/events")).send().await.unwrap());
    api.until("state", "Village rye").await;
    api.until("progress", "").await;
    page.until("live", "").await;
    let answer: Value =
        serde_json::from_str(&api.until("answer", "src/pages/index.astro").await.data).unwrap();
    assert_eq!((&answer["channel"], &answer["progress"]), (&json!("chat"), &json!("answered")));
    page.until("conversation", "src/pages/index.astro").await;
    let shown = browser.page(&thread).await.text;
    assert!(shown.contains("src/pages/index.astro") && shown.contains("/session/"), "{shown}");
    assert!(fleet.outbox.mails().is_empty(), "the answer comes by the same channel");
    assert!(browser.page("/").await.text.contains(&thread));
    fleet.finish().await;
}

#[tokio::test]
async fn a_mail_thread_goes_on_in_the_chat_and_back() {
    let fleet = Fleet::start(&Options::quick()).await;
    let mailed = fleet.ask(&Letter::new(&replace("Country rye", "Village rye"))).await;
    let browser = Browser::sign_in(&fleet, &fleet.ready.sign_in).await;
    let thread = format!("/threads/{}", mailed.thread().as_str());
    assert!(browser.page(&thread).await.text.contains("Village rye"));
    let mut events = Events::of(browser.get(&format!("/hermes/api{thread}/events")).send().await.unwrap());
    events.until("state", "").await;
    browser.say(&format!("{thread}/messages"), &replace("Village rye", "Old rye")).await;
    events.until("answer", "Old rye").await;
    let back = fleet.ask(&Letter::answering(&mailed, &replace("Old rye", "Dark rye"))).await;
    assert_eq!(back.thread(), mailed.thread());
    let subjects = fleet.workspace("demo").subjects(&format!("origin/main..{}", mailed.thread().branch()));
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert_eq!(fleet.outbox.mails().len(), 4, "what was said in the chat is answered there");
    fleet.finish().await;
}

#[tokio::test]
async fn the_api_binds_every_call_to_its_user() {
    let fleet = Fleet::start(&Options::quick()).await;
    let browser = Browser::sign_in(&fleet, &fleet.ready.sign_in).await;
    let user = domain::UserId::of_address("owner@demo.localhost");
    let activate = |user: &str| {
        json!({ "clientId": "local", "projectId": "demo", "userId": user,
            "instruction": replace("Country rye", "Village rye") })
    };
    let path = "/hermes/api/sessions/activate";
    let begun = browser.post(path).header("idempotency-key", "one").json(&activate(user.as_str()));
    let again = begun.try_clone().unwrap();
    let begun: Value = begun.send().await.unwrap().json().await.unwrap();
    let again: Value = again.send().await.unwrap().json().await.unwrap();
    let thread = begun["threadId"].as_str().unwrap().to_owned();
    assert_eq!(begun["sessionId"], begun["threadId"]);
    assert_eq!(begun["threadId"], again["threadId"], "the same key is the same instruction");
    assert_eq!(begun["previewUrl"], format!("{}/session/{thread}/", fleet.ready.preview));

    let mut events =
        Events::of(browser.get(&format!("/hermes/api/threads/{thread}/events")).send().await.unwrap());
    // It may have been answered before the stream began: then the state says so.
    events.until("", "src/pages/index.astro").await;
    let status: Value = browser
        .get(&format!("/hermes/api/sessions/{thread}/status"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(status["status"], "active", "{status}");
    let list: Value =
        browser.get("/hermes/api/sessions/client/local").send().await.unwrap().json().await.unwrap();
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(1), "{list}");

    let other = browser.post(path).json(&activate("somebody-else")).send().await.unwrap();
    assert_eq!(other.status(), 403);
    let nobody = fleet.http.get(format!("{}/hermes/api/sessions/{thread}/status", browser.app));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    assert_eq!(browser.get("/hermes/api/status").send().await.unwrap().status(), 403, "the operator's");
    assert_eq!(browser.get("/hermes/api/sessions/aaaaaaaaaaaa/status").send().await.unwrap().status(), 404);
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(fleet.http.get(format!("{}{path}", browser.app)).send().await.unwrap().status(), 200);
    }
    fleet.finish().await;
}
