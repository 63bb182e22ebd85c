//! What is rewritten in which element.

use super::Document;
use crate::{prefix::Prefix, shim};
use lol_html::html_content::{ContentType, TextChunk};
use lol_html::send::{Element, ElementContentHandlers, IntoHandler};
use lol_html::{HandlerResult, Selector};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Attributes that hold one address.
const ADDRESSES: [&str; 12] = [
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "data",
    "background",
    "xlink:href",
    "component-url",
    "renderer-url",
    "before-hydration-url",
    "longdesc",
];

type Handlers = Vec<(Cow<'static, Selector>, ElementContentHandlers<'static>)>;

/// The handlers of one document.
pub(super) fn handlers(prefix: &Arc<Prefix>, document: Document) -> Handlers {
    let state = Arc::new(State {
        prefix: Arc::clone(prefix),
        shim_due: AtomicBool::new(true),
        page: document == Document::Page,
        islands: AtomicUsize::new(0),
        slots: AtomicUsize::new(0),
    });
    let mut all: Handlers = Vec::new();
    let mut add = |selector: &str, handlers| {
        if let Ok(selector) = selector.parse::<Selector>() {
            all.push((Cow::Owned(selector), handlers));
        }
    };
    let seen = Arc::clone(&state);
    add("*", element(move |el: &mut Element<'_, '_>| seen.element(el)));
    for (selector, rewritten) in [
        ("style", Prefix::css as fn(&Prefix, &str) -> Option<String>),
        ("script[type=\"importmap\"]", addresses_in_json),
        ("script[type=\"speculationrules\"]", addresses_in_json),
    ] {
        let prefix = Arc::clone(prefix);
        let mut held = String::new();
        add(
            selector,
            ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| {
                whole_text(chunk, &mut held, &prefix, rewritten);
                Ok(())
            }),
        );
    }
    all
}

fn element<F>(handler: F) -> ElementContentHandlers<'static>
where
    F: FnMut(&mut Element<'_, '_>) -> HandlerResult + Send + 'static,
    F: IntoHandler<lol_html::send::ElementHandler<'static>>,
{
    ElementContentHandlers::default().element(handler)
}

/// What is known between one element and the next.
struct State {
    prefix: Arc<Prefix>,
    /// The script has not been put in yet.
    shim_due: AtomicBool,
    /// The document is a page, which must have the script even without a head.
    page: bool,
    /// Open islands, and open slots in them.
    islands: AtomicUsize,
    slots: AtomicUsize,
}

impl State {
    fn element(self: &Arc<Self>, el: &mut Element<'_, '_>) -> HandlerResult {
        let name = el.tag_name();
        self.insert_shim(el, &name);
        // What a framework rendered is compared by that framework with what it renders in the browser, and
        // React and Vue complain about every difference: the browser's side takes care of those addresses.
        let rendered_by_framework = self.islands.load(Relaxed) > self.slots.load(Relaxed);
        match name.as_str() {
            "astro-island" => Self::count(&Arc::clone(self), el, |state| &state.islands),
            "astro-slot" | "astro-static-slot" => Self::count(&Arc::clone(self), el, |state| &state.slots),
            "meta" => return self.meta(el),
            _ if rendered_by_framework => return Ok(()),
            _ => {}
        }
        self.attributes(el)
    }

    /// Counts an element as open until its end tag.
    fn count(state: &Arc<Self>, el: &mut Element<'_, '_>, open: fn(&Self) -> &AtomicUsize) {
        if let Some(handlers) = el.end_tag_handlers() {
            open(state).fetch_add(1, Relaxed);
            let state = Arc::clone(state);
            handlers.push(Box::new(move |_| {
                open(&state).fetch_sub(1, Relaxed);
                Ok(())
            }));
        }
    }

    fn insert_shim(&self, el: &mut Element<'_, '_>, name: &str) {
        if !self.shim_due.load(Relaxed) || name == "html" {
            return;
        }
        if name == "head" {
            el.prepend(&shim::tag(&self.prefix), ContentType::Html);
        } else if self.page {
            el.before(&shim::tag(&self.prefix), ContentType::Html);
        }
        self.shim_due.store(false, Relaxed);
    }

    fn meta(&self, el: &mut Element<'_, '_>) -> HandlerResult {
        let is = |el: &Element<'_, '_>, name, value: &str| {
            el.get_attribute(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        if is(el, "http-equiv", "refresh") {
            let moved = el.get_attribute("content").and_then(|content| self.prefix.refresh(&content));
            if let Some(moved) = moved {
                el.set_attribute("content", &moved)?;
            }
        } else if is(el, "name", "referrer") {
            // Without a referrer inside the site, requests that leave the prefix could not be brought back.
            el.set_attribute("content", "same-origin")?;
        }
        Ok(())
    }

    fn attributes(&self, el: &mut Element<'_, '_>) -> HandlerResult {
        let moved: Vec<(String, String)> = el
            .attributes()
            .iter()
            .filter_map(|attribute| {
                let (name, value) = (attribute.name(), attribute.value());
                let moved = match name.as_str() {
                    "srcset" | "imagesrcset" => self.prefix.srcset(&value),
                    "style" => self.prefix.css(&value),
                    known if ADDRESSES.contains(&known) => self.prefix.url(&value),
                    _ => None,
                };
                Some((name, moved?))
            })
            .collect();
        for (name, value) in moved {
            el.set_attribute(&name, &value)?;
        }
        Ok(())
    }
}

/// Text comes in arbitrary pieces: holds them back until the last, and rewrites the whole.
fn whole_text(
    chunk: &mut TextChunk<'_>,
    held: &mut String,
    prefix: &Prefix,
    rewritten: fn(&Prefix, &str) -> Option<String>,
) {
    held.push_str(chunk.as_str());
    if !chunk.last_in_text_node() {
        chunk.remove();
        return;
    }
    let text = std::mem::take(held);
    let text = rewritten(prefix, &text).unwrap_or(text);
    chunk.replace(&text, ContentType::Html);
}

/// Import maps and speculation rules: every string that is an address, also as a key.
fn addresses_in_json(prefix: &Prefix, text: &str) -> Option<String> {
    fn moved(prefix: &Prefix, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(prefix.url(&text).unwrap_or(text)),
            Value::Array(all) => all.into_iter().map(|value| moved(prefix, value)).collect(),
            Value::Object(all) => all
                .into_iter()
                .map(|(key, value)| (prefix.url(&key).unwrap_or(key), moved(prefix, value)))
                .collect(),
            other => other,
        }
    }
    let value = serde_json::from_str(text).ok()?;
    // A `<` must not end the script early.
    Some(moved(prefix, value).to_string().replace('<', "\\u003c"))
}
