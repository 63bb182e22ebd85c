//! Place attached photos on a page.

use crate::conversation::{Attachment, Conversation};
use crate::page;
use crate::replace::listed;
use crate::reply::{ADD_PHOTO, Reply, ToolUse, quoted};
use crate::site_photo;

const FOLDER: &str = "public/images";

pub(crate) fn next(conversation: &Conversation, name: &str) -> Reply {
    let photos: Vec<&Attachment> =
        conversation.attachments.iter().filter(|file| file.media_type.starts_with("image/")).collect();
    if photos.is_empty() {
        return Reply::last("I changed nothing: no photo is attached to this message.");
    }
    let Some(pages) = conversation.uses("Glob").next() else {
        let base = ToolUse::grep_lines(r"^\s*base\s*:", "astro.config.*");
        return Reply::going_on(
            format!("I am looking for the page “{name}”."),
            vec![ToolUse::glob(page::PAGES), base],
        );
    };
    let files = pages.files();
    let Some(file) = page::find(&files, name) else {
        return Reply::last(format!(
            "I changed nothing: there is no page “{name}”. The pages are: {}.",
            page::names(&files)
        ));
    };
    if conversation.offers(ADD_PHOTO) {
        return site_photo::next(conversation, &photos, (name, file));
    }
    let Some(read) = conversation.uses("Read").next() else {
        let mut steps =
            vec![ToolUse::read(file), ToolUse::bash(&format!("mkdir -p {FOLDER}"), "Make the folder")];
        steps.extend(photos.iter().map(|photo| {
            let command =
                format!("cp {} {}", quoted(&photo.path), quoted(&format!("{FOLDER}/{}", file_name(photo))));
            ToolUse::bash(&command, "Copy the photo into the site")
        }));
        return Reply::going_on("I am copying the photo into the site.", steps);
    };
    if let Some(failed) = conversation.uses("Bash").find(|step| !step.worked()) {
        return Reply::last(format!(
            "I could not copy the photo: “{}” was refused.",
            failed.asked("command")
        ));
    }
    let base = conversation.uses("Grep").find_map(|grep| base_of(grep.output())).unwrap_or_default();
    let images: Vec<String> = photos.iter().map(|photo| image(photo, file, &base)).collect();
    let Some(edit) = conversation.uses("Edit").next() else {
        return match place(&read.content(), &images.join("\n"), file) {
            Some((old, new)) => {
                let mut edit = ToolUse::edit(file, &old, &new);
                edit.input["replace_all"] = false.into();
                Reply::going_on("I am placing it on the page.", vec![edit])
            }
            None => {
                Reply::last(format!("I copied the photo into {FOLDER}, but found no place for it in {file}."))
            }
        };
    };
    if !edit.worked() {
        return Reply::last(format!("I copied the photo into {FOLDER}, but {file} could not be edited."));
    }
    let stored: Vec<String> = photos.iter().map(|photo| format!("{FOLDER}/{}", file_name(photo))).collect();
    Reply::last(format!(
        "I placed the photo on the page “{name}” ({file}); it is stored as {}.",
        listed(&stored)
    ))
}

fn file_name(photo: &Attachment) -> String {
    let (stem, extension) = photo.name.rsplit_once('.').unwrap_or((&photo.name, ""));
    let stem = page::slug(stem);
    let stem = if stem.is_empty() { "photo" } else { &stem };
    let extension = match page::slug(extension) {
        e if !e.is_empty() => e,
        _ => photo.media_type.trim_start_matches("image/").split('+').next().unwrap_or("jpeg").to_owned(),
    };
    format!("{stem}.{extension}")
}

/// What the photo shows, as far as its name tells.
pub(crate) fn alt(photo: &Attachment) -> String {
    let stem = photo.name.rsplit_once('.').map_or(photo.name.as_str(), |(stem, _)| stem);
    let alt: String = stem.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
    if alt.is_empty() { "A photo".to_owned() } else { alt }
}

fn image(photo: &Attachment, file: &str, base: &str) -> String {
    let (src, alt) = (format!("{base}/images/{}", file_name(photo)), alt(photo));
    if page::is_astro(file) {
        format!(r#"<img src="{src}" alt="{alt}" style="max-width: 100%; height: auto;" />"#)
    } else {
        format!("![{alt}]({src})")
    }
}

/// The site's base from a line of its configuration, without a slash at its end.
fn base_of(lines: &str) -> Option<String> {
    let (_, value) = lines.split_once("base")?;
    let quote = value.find(['"', '\'', '`'])?;
    let mark = value[quote..].chars().next()?;
    let inside = &value[quote + 1..];
    let base = inside[..inside.find(mark)?].trim_matches('/');
    (!base.is_empty() && !base.contains('$')).then(|| format!("/{base}"))
}

/// Where `image` goes in a page of `content`: the text to be replaced, which stands there once, and its replacement.
pub(crate) fn place(content: &str, image: &str, file: &str) -> Option<(String, String)> {
    if page::is_astro(file) {
        if let Some(end) = content.find("</h1>") {
            let start = content[..end].rfind("<h1")?;
            let heading = &content[start..end + "</h1>".len()];
            let line = content[..start].rfind('\n').map_or(&content[..start], |at| &content[at + 1..start]);
            let indent: String = line.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
            return Some((heading.to_owned(), format!("{heading}\n{indent}{image}")));
        }
        // Without a heading it goes before the last closing tag.
        let start = content.rfind("</")?;
        let last = content[start..].trim_end();
        let line = content[..start].rfind('\n').map_or(0, |at| at + 1);
        let old = content[line..start + last.len()].to_owned();
        return (content.matches(&old).count() == 1).then(|| (old.clone(), format!("  {image}\n{old}")));
    }
    let heading = content.lines().find(|line| line.starts_with("# "));
    if let Some(line) = heading.filter(|line| content.matches(*line).count() == 1) {
        return Some((line.to_owned(), format!("{line}\n\n{image}")));
    }
    let body =
        content.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---")).map_or(content, |(_, b)| b);
    let line = body.lines().find(|line| !line.trim().is_empty() && content.matches(*line).count() == 1)?;
    Some((line.to_owned(), format!("{image}\n\n{line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_goes_below_the_heading() {
        let (old, new) = place("<A>\n  <h1 class=\"x\">T</h1>\n</A>\n", "<img />", "a.astro").unwrap();
        assert_eq!(
            (old.as_str(), new.as_str()),
            ("<h1 class=\"x\">T</h1>", "<h1 class=\"x\">T</h1>\n  <img />")
        );
        let (old, new) = place("<A>\n  <p>x</p>\n</A>\n", "<img />", "a.astro").unwrap();
        assert_eq!((old.as_str(), new.as_str()), ("</A>", "  <img />\n</A>"));
        let (old, new) = place("---\ntitle: T\n---\n\nFirst.\n\nSecond.\n", "![a](b)", "a.md").unwrap();
        assert_eq!((old.as_str(), new.as_str()), ("First.", "![a](b)\n\nFirst."));
    }

    #[test]
    fn a_photo_gets_a_name_a_text_and_the_sites_base() {
        let photo = Attachment {
            path: "/in/1".into(),
            name: "Our \"new\" Garden.JPG".into(),
            media_type: "image/jpeg".into(),
        };
        assert_eq!(file_name(&photo), "our-new-garden.jpg");
        assert!(
            image(&photo, "a.astro", "/x")
                .contains(r#"src="/x/images/our-new-garden.jpg" alt="Our new Garden""#)
        );
        assert_eq!(base_of("astro.config.mjs:4:  base: '/docs/',"), Some("/docs".to_owned()));
        assert_eq!(base_of("No matches found"), None);
    }
}
