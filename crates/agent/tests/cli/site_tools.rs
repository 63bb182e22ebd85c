//! The real Claude Code uses the site's own tools, over the gateway's listener.

use crate::stage::Stage;
use agent::{AttachmentFile, Ending, Overreach, Reach, Turn};
use gateway::Tools;
use site_tools::{Changes, Site};
use std::fs;

const PHOTO: &[u8] = include_bytes!("../../../site-tools/tests/photos/turned-with-gps.jpg");

/// A turn that may use the site's own tools, in a site with a blog.
fn turn(stage: &Stage, instruction: &str) -> Turn {
    let turn = stage.turn(1, instruction);
    let blog = turn.worktree.join("src/content/blog");
    if !blog.exists() {
        fs::create_dir_all(&blog).unwrap();
        fs::write(blog.join("old.md"), "---\ntitle: Old\ndate: 2026-01-01\n---\n\nOld.\n").unwrap();
    }
    fs::create_dir_all(turn.attachments_dir.join("m1")).unwrap();
    let site = Site {
        worktree: turn.worktree.clone(),
        attachments: turn.attachments_dir.clone(),
        message: "m1".to_owned(),
        preview: Some("http://127.0.0.1:1/session/t/".to_owned()),
        today: jiff::civil::date(2026, 10, 3),
        builds: None,
        changes: Changes::default(),
    };
    Turn { tools: Some(Tools::new(site_tools::router(site))), reach: Reach::Files(10), ..turn }
}

#[tokio::test]
async fn posts_are_added_in_several_turns_of_one_process() {
    let stage = Stage::new().await;
    let report = stage.run(turn(&stage, "Post \"Plum cake\" saying It is back.")).await;
    assert_eq!((&report.ending, report.denied.as_slice()), (&Ending::Completed, [].as_slice()), "{report:?}");
    assert!(report.summary.contains("src/content/blog/plum-cake.md"), "{}", report.summary);
    let post = fs::read_to_string(stage.path(1, "site/src/content/blog/plum-cake.md")).unwrap();
    assert_eq!(post, "---\ntitle: Plum cake\ndate: 2026-10-03\n---\n\nIt is back.\n");
    let pids = stage.pids(1);
    let report = stage.run(turn(&stage, "Post \"Plum cake\" saying Once more.")).await;
    assert!(report.summary.contains("src/content/blog/plum-cake-2.md"), "{}", report.summary);
    assert_eq!(stage.pids(1), pids, "the same process took the second turn");
    stage.end().await;
}

#[tokio::test]
async fn a_photo_comes_onto_a_page_upright_and_without_its_place() {
    let stage = Stage::new().await;
    let mut turn = turn(&stage, "put the attached photo on the about page");
    let path = turn.attachments_dir.join("m1/Our-gate.JPG");
    fs::write(&path, PHOTO).unwrap();
    turn.attachments =
        vec![AttachmentFile { path, name: "Our-gate.JPG".to_owned(), media_type: "image/jpeg".to_owned() }];
    let report = stage.run(turn).await;
    assert_eq!(report.ending, Ending::Completed, "{report:?}");
    let page = stage.page(1, "about.astro");
    assert!(page.contains("import ourGatePhoto from '../assets/photos/our-gate-"), "{page} {report:?}");
    assert!(page.contains("<Picture src={ourGatePhoto}") && page.contains("alt=\"Our gate\""), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn removing_a_page_by_the_tool_needs_a_yes() {
    let stage = Stage::new().await;
    let report = stage.run(turn(&stage, "take down the about page")).await;
    assert_eq!(report.ending, Ending::Overreached(Overreach::RemovesPage("about".to_owned())), "{report:?}");
    assert!(stage.path(1, "site/src/pages/about.astro").exists());
    let report = stage.run(Turn { reach: Reach::Words, ..turn(&stage, "post \"No\" saying no") }).await;
    assert_eq!(report.ending, Ending::Completed);
    assert!(!stage.path(1, "site/src/content/blog/no.md").exists(), "{report:?}");
    let report = stage.run(Turn { reach: Reach::Anything, ..turn(&stage, "take down the about page") }).await;
    assert!(report.summary.contains("src/pages/about.astro"), "{report:?}");
    assert!(!stage.path(1, "site/src/pages/about.astro").exists());
    stage.end().await;
}

#[tokio::test]
async fn a_tokens_tools_are_closed_to_others_and_between_turns() {
    let stage = Stage::new().await;
    let post = async |token: &str| {
        let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
        let request = reqwest::Client::new().post(stage.gateway.tools_url()).bearer_auth(token).body(list);
        let request = request.header("content-type", "application/json");
        request
            .header("accept", "application/json, text/event-stream")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let token = stage.gateway.issue("t").unwrap();
    assert_eq!(post(token.secret()).await, 401, "before a turn");
    let grant = token.open_with(None, turn(&stage, "x").tools);
    assert_eq!(post(token.secret()).await, 200);
    assert_eq!(post("agent-other").await, 401);
    drop(grant);
    assert_eq!(post(token.secret()).await, 401, "after it");
    let bare = token.open(None);
    assert_eq!(post(token.secret()).await, 404, "a turn without tools");
    drop(bare);
    stage.end().await;
}
