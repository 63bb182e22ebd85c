//! Delete a page.

use crate::conversation::Conversation;
use crate::page;
use crate::replace::listed;
use crate::reply::{Reply, ToolUse, quoted};

pub(crate) fn next(conversation: &Conversation, name: &str) -> Reply {
    let Some(pages) = conversation.uses("Glob").next() else {
        return Reply::going_on(
            format!("I am looking for the page “{name}”."),
            vec![ToolUse::glob(page::PAGES)],
        );
    };
    let files = pages.files();
    let Some(file) = page::find(&files, name) else {
        return Reply::last(format!(
            "I deleted nothing: there is no page “{name}”. The pages are: {}.",
            page::names(&files)
        ));
    };
    let route = page::route(file);
    if route.is_empty() {
        return Reply::last("I deleted nothing: without its home page the site would have no front door.");
    }
    let Some(removal) = conversation.uses("Bash").next() else {
        let command = format!("rm -- {}", quoted(file));
        return Reply::going_on(
            "I am deleting it, and looking for links to it.",
            vec![
                ToolUse::bash(&command, "Delete the page"),
                ToolUse::grep_files(&format!("[\"'(]/?{}/?[\"')#]", route.replace('.', r"\.")), "src/**"),
            ],
        );
    };
    if !removal.worked() {
        return Reply::last(format!("I could not delete {file}: the command was refused. Nothing changed."));
    }
    let links: Vec<String> =
        conversation.uses("Grep").flat_map(crate::conversation::Done::files).filter(|f| f != file).collect();
    let rest =
        if links.is_empty() { String::new() } else { format!(" Links to it remain in {}.", listed(&links)) };
    Reply::last(format!("I deleted the page “{name}” ({file}).{rest}"))
}
