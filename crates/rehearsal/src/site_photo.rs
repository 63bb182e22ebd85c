//! Place attached photos on a page by the site's own tool, which takes them into the site.

use crate::conversation::{Attachment, Conversation, Done};
use crate::page;
use crate::photo::{alt, place};
use crate::replace::listed;
use crate::reply::{ADD_PHOTO, Reply, ToolUse};
use serde_json::{Value, json};

/// What comes next, once the page's `file` is known.
pub(crate) fn next(conversation: &Conversation, photos: &[&Attachment], (name, file): (&str, &str)) -> Reply {
    let Some(read) = conversation.uses("Read").next() else {
        let mut steps = vec![ToolUse::read(file)];
        steps.extend(photos.iter().map(|photo| {
            let input = json!({"attachment": photo.name, "alt": alt(photo), "page": file});
            ToolUse { name: ADD_PHOTO, input }
        }));
        return Reply::going_on("I am taking the photo into the site.", steps);
    };
    if let Some(Err(says)) =
        conversation.uses(ADD_PHOTO).find_map(|used| used.result.as_ref().filter(|result| result.is_err()))
    {
        return Reply::last(format!("I could not take the photo: {says}"));
    }
    let added: Vec<Value> =
        conversation.uses(ADD_PHOTO).filter_map(|used| serde_json::from_str(used.output()).ok()).collect();
    let stored: Vec<String> = added.iter().map(|photo| text(photo, "file").to_owned()).collect();
    if conversation.uses("Edit").next().is_none() {
        let edits = edits(&read.content(), &added, file);
        if edits.is_empty() {
            return Reply::last(format!(
                "I stored the photo as {}, but found no place for it in {file}.",
                listed(&stored)
            ));
        }
        return Reply::going_on("I am placing it on the page.", edits);
    }
    if !conversation.uses("Edit").all(Done::worked) {
        return Reply::last(format!(
            "I stored the photo as {}, but {file} could not be edited.",
            listed(&stored)
        ));
    }
    Reply::last(format!(
        "I placed the photo on the page “{name}” ({file}); it is stored as {}.",
        listed(&stored)
    ))
}

/// The edits that show the photos `added` on a page of `content`; none where there is no place for them.
fn edits(content: &str, added: &[Value], file: &str) -> Vec<ToolUse> {
    let astro = page::is_astro(file);
    let lines = |name: &str| added.iter().map(|photo| text(photo, name)).collect::<Vec<_>>().join("\n");
    let shown = lines(if astro { "astro_element" } else { "markdown" });
    let shown = shown.replace(" />", " style=\"max-width: 100%; height: auto;\" />");
    let Some((old, new)) = place(content, &shown, file) else { return Vec::new() };
    let mut edits = vec![once(file, &old, &new)];
    if astro {
        let mut imports: Vec<String> = Vec::new();
        for line in lines("astro_import").lines() {
            if !content.contains(line) && !imports.iter().any(|own| own == line) {
                imports.push(line.to_owned());
            }
        }
        edits.push(import(content, &imports.join("\n"), file));
    }
    edits
}

/// The edit that puts `imports` at the start of a page.
fn import(content: &str, imports: &str, file: &str) -> ToolUse {
    let mut lines = content.lines();
    let first = lines.next().unwrap_or_default();
    if first != "---" {
        return once(file, first, &format!("---\n{imports}\n---\n{first}"));
    }
    let second = lines.next().unwrap_or_default();
    once(file, &format!("---\n{second}\n"), &format!("---\n{imports}\n{second}\n"))
}

fn once(file: &str, old: &str, new: &str) -> ToolUse {
    let mut edit = ToolUse::edit(file, old, new);
    edit.input["replace_all"] = false.into();
    edit
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_imported_once_and_shown_below_the_heading() {
        let photo = json!({
            "file": "src/assets/photos/a.jpg",
            "astro_import": "import { Picture } from 'astro:assets';\nimport a from '../assets/photos/a.jpg';",
            "astro_element": "<Picture src={a} alt=\"A\" />",
            "markdown": "![A](../assets/photos/a.jpg)",
        });
        let content = "---\nimport { Picture } from 'astro:assets';\n---\n<h1>T</h1>\n";
        let edits = edits(content, &[photo.clone(), photo.clone()], "a.astro");
        let input = |n: usize, name: &str| edits[n].input[name].as_str().unwrap().to_owned();
        let shown = "<Picture src={a} alt=\"A\" style=\"max-width: 100%; height: auto;\" />";
        assert_eq!(input(0, "new_string"), format!("<h1>T</h1>\n{shown}\n{shown}"));
        assert_eq!(
            input(1, "new_string"),
            "---\nimport a from '../assets/photos/a.jpg';\nimport { Picture } from 'astro:assets';\n"
        );
        let bare = import("<h1>T</h1>\n", "import a;", "a.astro");
        assert_eq!(bare.input["new_string"], "---\nimport a;\n---\n<h1>T</h1>");
    }
}
