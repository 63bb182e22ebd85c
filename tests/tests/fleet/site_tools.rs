//! The site's own tools, used by Claude Code on an owner's word.

use fleet_tests::{Fleet, Letter, Options, Received, until};
use image::ImageFormat;
use std::fs;
use std::time::Duration;

/// 60 × 40 pixels as the camera saw them, the left half red: to be turned a quarter to the right. It names a place (GPS).
const PHOTO: &[u8] = include_bytes!("../../../crates/site-tools/tests/photos/turned-with-gps.jpg");
const ABOUT: &str = "src/pages/about.astro";

fn changed(fleet: &Fleet, thread: &Received) -> Vec<String> {
    fleet.workspace("demo").changed(&format!("origin/main..{}", thread.thread().branch()))
}

#[tokio::test]
async fn a_photo_is_shown_upright_and_tells_no_place() {
    let fleet = Fleet::start(&Options::live()).await;
    let letter =
        Letter::new("place the attached photo on page about").attach("Our Gate.JPG", "image/jpeg", PHOTO);
    let result = fleet.ask(&letter).await;
    let changed = changed(&fleet, &result);
    let [photo, about] = changed.as_slice() else { panic!("{changed:?} {}", result.text()) };
    assert!(photo.starts_with("src/assets/photos/our-gate-") && about == ABOUT, "{changed:?}");

    let stored = fs::read(fleet.worktree("demo", &result.thread()).join(photo)).unwrap();
    for hidden in [b"Exif".as_slice(), b"GPS", b"Secret"] {
        assert!(
            !stored.windows(hidden.len()).any(|part| part == hidden),
            "{}",
            String::from_utf8_lossy(hidden)
        );
    }
    let upright = image::load_from_memory_with_format(&stored, ImageFormat::Jpeg).unwrap().into_rgb8();
    assert_eq!(upright.dimensions(), (40, 60));
    assert!(
        upright.get_pixel(20, 5)[0] > 200 && upright.get_pixel(20, 55)[2] > 200,
        "red is up, blue is down"
    );

    let page = format!("{}about/", result.preview());
    let shown = async || {
        let page = fleet.preview_page(&page).await;
        let live = page.status == 200 && !page.text.contains("saved.js");
        (live && page.text.contains("alt=\"Our Gate\"")).then_some(page.text)
    };
    let shown = until("the photo on the page", Duration::from_mins(1), shown).await;
    let avif = shown.split('"').find(|part| part.contains("our-gate-") && part.contains("f=avif"));
    let avif =
        avif.unwrap_or_else(|| panic!("{shown}")).split_whitespace().next().unwrap().replace("&#38;", "&");
    let avif = fleet
        .http
        .get(format!("{}{}", fleet.ready.preview, avif.replace("&amp;", "&")))
        .send()
        .await
        .unwrap();
    assert_eq!(avif.status(), 200);
    assert_eq!(&avif.bytes().await.unwrap()[4..12], b"ftypavif");
    fleet.finish().await;
}

#[tokio::test]
async fn a_post_is_added_in_the_manner_of_the_others() {
    let fleet = Fleet::start(&Options::quick()).await;
    let result = fleet
        .ask(&Letter::new("Please post “Plums: the last week” saying The last plums of the year."))
        .await;
    assert!(result.text().contains("/blog/plums-the-last-week/"), "{}", result.text());
    let file = "src/content/blog/plums-the-last-week.md";
    assert_eq!(changed(&fleet, &result), [file]);
    let post = fleet.workspace("demo").show(&result.thread().branch(), file);
    let start = "---\ntitle: \"Plums: the last week\"\nsummary: The last plums of the year.\ndate: 20";
    assert!(post.starts_with(start) && post.ends_with("---\n\nThe last plums of the year."), "{post}");
    fleet.finish().await;
}

#[tokio::test]
async fn removing_a_page_by_the_tool_waits_for_a_yes() {
    let fleet = Fleet::start(&Options::quick()).await;
    let added = fleet.ask(&Letter::new("post \"Plums\" saying The last ones.")).await;
    let plan = fleet.ask(&Letter::answering(&added, "Take down page about")).await;
    assert!(plan.text().contains("here is the plan first"), "{}", plan.text());
    assert!(!changed(&fleet, &added).iter().any(|file| file == ABOUT), "nothing is removed without a yes");
    let done = fleet.ask(&Letter::answering(&plan, "Yes")).await;
    assert!(done.text().contains(ABOUT), "{}", done.text());
    assert!(changed(&fleet, &added).iter().any(|file| file == ABOUT));
    fleet.finish().await;
}
