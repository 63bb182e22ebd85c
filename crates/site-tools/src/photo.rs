//! Putting an attached photo where Astro makes small and modern files of it.

use crate::asks::AddPhoto;
use crate::catalog::Catalog;
use crate::error::{Result, ToolError};
use crate::folder::Folder;
use crate::picture::{self, Kind, LARGEST_FILE, Picture};
use crate::place::Place;
use crate::site::Site;
use crate::slug::slug;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Where photos go: Astro only works on what is below src.
const PHOTOS: &str = "src/assets/photos";
/// Longest alternative text, in characters.
const LONGEST_ALT: usize = 300;
/// Widths in which Astro makes a photo, in pixels: for phones and for pages. An AVIF of one twice as wide takes a build
/// ten seconds and more.
const WIDTHS: [u32; 2] = [640, 1_280];
/// What cameras and programs call every file.
const NO_NAMES: [&str; 14] = [
    "img",
    "image",
    "dsc",
    "dscn",
    "dscf",
    "pxl",
    "mvimg",
    "photo",
    "picture",
    "pic",
    "screenshot",
    "whatsapp",
    "jpeg",
    "bild",
];

/// A photo in the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Added {
    /// Its file.
    pub(crate) file: String,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
    /// For the front matter of an Astro page.
    pub(crate) astro_import: String,
    /// For the body of an Astro page.
    pub(crate) astro_element: String,
    /// For a Markdown page or post.
    pub(crate) markdown: String,
    /// What else is to be known.
    pub(crate) note: String,
}

/// Puts an attachment into the site, once: the same photo comes to the same file.
///
/// # Errors
/// [`crate::ErrorKind::NotFound`] without such an attachment, [`crate::ErrorKind::Malformed`] without an alternative
/// text, and as [`picture::prepare`] has them.
pub(crate) fn add(site: &Site, ask: &AddPhoto) -> Result<Added> {
    let alt = checked_alt(&ask.alt)?;
    let folder = site.folder()?;
    let page = match &ask.page {
        Some(page) => Some(Place::read(Catalog::of(&folder)?.find(&folder, page)?.file())?),
        None => None,
    };
    let attachments = Folder::open(&site.attachments, &site.changes)?;
    let attached = attachment(&attachments, &site.message, &ask.attachment)?;
    let picture = picture::prepare(&attachments.bytes(&attached, LARGEST_FILE)?)?;
    let (place, standing) = store(&folder, &picture, &name(&attached, alt))?;
    Ok(told(&place, &picture, (alt, page.as_ref()), standing))
}

fn checked_alt(alt: &str) -> Result<&str> {
    let alt = alt.trim();
    if alt.is_empty() || alt.chars().count() > LONGEST_ALT || alt.chars().any(char::is_control) {
        return Err(ToolError::malformed(format!(
            "alt says on one line of at most {LONGEST_ALT} characters what the photo shows."
        )));
    }
    Ok(alt)
}

/// The attachment of this message, or of the thread where a path is given.
fn attachment(attachments: &Folder, message: &str, named: &str) -> Result<Place> {
    let own = Place::read(&format!("{message}/{named}"));
    let candidates = [own, attachments.place(named)];
    if let Some(place) = candidates.into_iter().flatten().find(|place| attachments.has(place)) {
        return Ok(place);
    }
    let there = attachments.files(message)?;
    let names: Vec<&str> = there.iter().map(Place::name).collect();
    let says = if names.is_empty() {
        "nothing is".to_owned()
    } else {
        format!("attached are: {}", names.join(", "))
    };
    Err(ToolError::not_found(format!("There is no such attachment: {says}.")))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    New,
    Already,
}

fn store(folder: &Folder, picture: &Picture, name: &str) -> Result<(Place, Standing)> {
    let mark = HEXLOWER.encode(&Sha256::digest(&picture.bytes)[..8]);
    let end = format!("-{mark}.{}", picture.kind.extension());
    let is_same = |place: &&Place| {
        place.name().ends_with(&end)
            && folder.bytes(place, LARGEST_FILE).is_ok_and(|bytes| bytes == picture.bytes)
    };
    if let Some(place) = folder.files(PHOTOS)?.iter().find(is_same) {
        return Ok((place.clone(), Standing::Already));
    }
    let place = Place::read(&format!("{PHOTOS}/{name}{end}"))?;
    folder.create(&place, &picture.bytes)?;
    Ok((place, Standing::New))
}

/// A name that a reader understands: the attachment's, or what the photo shows where a camera named it.
fn name(attached: &Place, alt: &str) -> String {
    let stem = attached.name().rsplit_once('.').map_or(attached.name(), |(stem, _)| stem);
    let own = slug(stem);
    let says_something = own.split('-').any(|word| {
        let letters = word.trim_matches(|c: char| c.is_ascii_digit());
        letters.len() > 2 && !NO_NAMES.contains(&letters)
    });
    let name = if says_something { own } else { slug(alt) };
    let words: Vec<&str> = name.split('-').filter(|word| !word.is_empty()).take(6).collect();
    if words.is_empty() { "photo".to_owned() } else { words.join("-") }
}

fn told(place: &Place, picture: &Picture, (alt, page): (&str, Option<&Place>), standing: Standing) -> Added {
    let path = from_page(page, place);
    let variable = variable(place);
    let formats = if picture.kind == Kind::Gif { "['webp']" } else { "['avif', 'webp']" };
    let mut widths: Vec<u32> = WIDTHS.into_iter().filter(|width| *width < picture.width).collect();
    if widths.len() < WIDTHS.len() {
        widths.push(picture.width);
    }
    let widest = picture.width.min(WIDTHS[1]);
    let mut note = String::new();
    if standing == Standing::Already {
        note.push_str("The same photo was in the site already. ");
    }
    if page.is_none() {
        note.push_str("The paths are for a file directly in src/pages: adapt them to where they go. ");
    }
    note.push_str(
        "Nothing shows the photo yet: put these lines where it belongs. Keep the alternative text with it. Fit size and \
         style to how the page shows other pictures.",
    );
    Added {
        file: place.to_string(),
        width: picture.width,
        height: picture.height,
        astro_import: format!("import {{ Picture }} from 'astro:assets';\nimport {variable} from '{path}';"),
        astro_element: format!(
            "<Picture src={{{variable}}} formats={{{formats}}} width={{{widest}}} widths={{{widths:?}}} sizes=\"100vw\" alt=\"{}\" />",
            escaped(alt)
        ),
        markdown: format!("![{}]({path})", alt.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")),
        note,
    }
}

/// The photo's path as it is written in `page`, or in a file directly in src/pages.
fn from_page(page: Option<&Place>, photo: &Place) -> String {
    let depth = page.map_or(1, |page| page.folders().count().saturating_sub(1));
    format!("{}{}", "../".repeat(depth), photo.as_str().strip_prefix("src/").unwrap_or(photo.as_str()))
}

/// A name for JavaScript: the file's, without the mark at its end.
fn variable(place: &Place) -> String {
    let stem = place.name().rsplit_once('-').map_or(place.name(), |(stem, _)| stem);
    let mut out = String::new();
    for word in stem.split('-') {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if !out.is_empty() => {
                out.extend(std::iter::once(first.to_ascii_uppercase()).chain(chars));
            }
            Some(first) => out.extend(std::iter::once(first).chain(chars)),
            None => {}
        }
    }
    // Also out of the way of JavaScript's own words.
    out.push_str("Photo");
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("photo{out}") } else { out }
}

/// `text` as it may stand in an attribute of an Astro page.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '{' => out.push_str("&#123;"),
            '}' => out.push_str("&#125;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::stage::Stage;
    use std::os::unix::fs::symlink;

    const TURNED: &[u8] = include_bytes!("../tests/photos/turned-with-gps.jpg");

    fn ask(attachment: &str, alt: &str, page: Option<&str>) -> AddPhoto {
        AddPhoto { attachment: attachment.to_owned(), alt: alt.to_owned(), page: page.map(str::to_owned) }
    }

    #[test]
    fn a_photo_comes_into_the_site_once_with_the_lines_that_show_it() {
        let stage = Stage::new();
        stage.attach("Our new Garden.JPG", TURNED);
        let added =
            add(&stage.site(), &ask("Our new Garden.JPG", "A \"gate\" & {roses}", Some("/blog/"))).unwrap();
        let mark = added.file.strip_prefix("src/assets/photos/our-new-garden-").unwrap();
        assert_eq!((mark.len(), added.width, added.height), (16 + 4, 40, 60));
        let path = format!("../../assets/photos/our-new-garden-{mark}");
        assert_eq!(
            added.astro_import,
            format!("import {{ Picture }} from 'astro:assets';\nimport ourNewGardenPhoto from '{path}';")
        );
        assert_eq!(
            added.astro_element,
            "<Picture src={ourNewGardenPhoto} formats={['avif', 'webp']} width={40} widths={[40]} sizes=\"100vw\" \
             alt=\"A &quot;gate&quot; &amp; &#123;roses&#125;\" />"
        );
        assert_eq!(added.markdown, format!("![A \"gate\" & {{roses}}]({path})"));

        stage.attach("IMG_0001.jpeg", TURNED);
        let again = add(&stage.site(), &ask("IMG_0001.jpeg", "Other words", None)).unwrap();
        assert_eq!(again.file, added.file);
        assert!(again.note.starts_with("The same photo was in the site already."), "{}", again.note);
        assert_eq!(stage.folder().files(PHOTOS).unwrap().len(), 1);
    }

    #[test]
    fn a_cameras_name_says_nothing() {
        for (file, want) in [
            ("IMG_20260912_101112.jpg", "two-loaves-on-a-board"),
            ("DSC0001.JPG", "two-loaves-on-a-board"),
            ("WhatsApp Image 2026.jpeg", "two-loaves-on-a-board"),
            ("Oven.jpg", "oven"),
            ("1 b.jpg", "two-loaves-on-a-board"),
            ("One two three four five six seven.png", "one-two-three-four-five-six"),
        ] {
            assert_eq!(name(&Place::read(file).unwrap(), "Two loaves on a board"), want, "{file}");
        }
        assert_eq!(name(&Place::read("1.jpg").unwrap(), "!"), "photo");
        assert_eq!(variable(&Place::read("src/2-new-ovens-ab.jpg").unwrap()), "photo2NewOvensPhoto");
    }

    #[test]
    fn only_attachments_are_taken() {
        let stage = Stage::new();
        stage.attach("a.jpg", TURNED);
        stage.attach("b.svg", b"<svg/>");
        stage.write("secret.jpg", "x");
        symlink(stage.path("secret.jpg"), stage.site().attachments.join("m1/link.jpg")).unwrap();
        let kind = |attachment: &str, alt: &str| {
            add(&stage.site(), &ask(attachment, alt, None)).map_err(|error| error.kind()).err()
        };
        let missing = add(&stage.site(), &ask("c.jpg", "x", None)).unwrap_err();
        assert!(missing.to_string().contains("a.jpg, b.svg"), "{missing}");
        for outside in ["../../site/secret.jpg", "/etc/passwd", "../m1/../../site/secret.jpg"] {
            assert_eq!(kind(outside, "x"), Some(ErrorKind::NotFound), "{outside}");
        }
        assert_eq!(kind("link.jpg", "x"), Some(ErrorKind::Denied));
        assert_eq!(kind("b.svg", "x"), Some(ErrorKind::Malformed));
        for alt in ["", " ", "a\nb", &"x".repeat(301)] {
            assert_eq!(kind("a.jpg", alt), Some(ErrorKind::Malformed));
        }
        let by_path = stage.site().attachments.join("m1/a.jpg");
        assert_eq!(kind(by_path.to_str().unwrap(), "Two loaves"), None);
    }
}
