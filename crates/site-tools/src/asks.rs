//! What the tools are asked for; the words here are what the model reads of them.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// List what the site consists of.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct ListContent {
    /// Only what holds this text in its title, address or file name
    pub(crate) matching: Option<String>,
}

/// Add a post to a collection.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct CreatePost {
    /// The title
    pub(crate) title: String,
    /// The text, as Markdown, without the title
    pub(crate) body: String,
    /// The collection; left out, the only one, or the one called blog, posts, news or articles
    pub(crate) collection: Option<String>,
    /// More fields of the front matter, such as summary, tags or date; title, date and what all posts share are filled in
    pub(crate) fields: Option<Map<String, Value>>,
}

/// Change a post or a Markdown page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct UpdatePost {
    /// Which: its file, address or title
    pub(crate) post: String,
    /// A new title
    pub(crate) title: Option<String>,
    /// A new text in place of the whole old one, as Markdown
    pub(crate) body: Option<String>,
    /// Fields of the front matter to set; null takes a field away. All others stay
    pub(crate) fields: Option<Map<String, Value>>,
}

/// Change a page.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct UpdatePage {
    /// Which: its address, such as /about/, or its file
    pub(crate) page: String,
    /// Text that stands exactly once in the page's file, to be replaced
    pub(crate) from: Option<String>,
    /// What stands in its place afterwards
    pub(crate) to: Option<String>,
    /// Markdown pages only: a new title
    pub(crate) title: Option<String>,
    /// Markdown pages only: a new text in place of the whole old one
    pub(crate) body: Option<String>,
    /// Markdown pages only: fields of the front matter to set; null takes a field away
    pub(crate) fields: Option<Map<String, Value>>,
}

/// Remove a page or post.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct DeletePage {
    /// Which: its address, such as /about/, or its file
    pub(crate) page: String,
}

/// Put an attached photo into the site.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct AddPhoto {
    /// The attachment's name or path, as the message lists it
    pub(crate) attachment: String,
    /// What the photo shows, in a short sentence in the language of the page, for those who cannot see it
    pub(crate) alt: String,
    /// The page or post that it is for: its file or address; the answer then holds the lines to put there
    pub(crate) page: Option<String>,
}

/// The address of a page in the preview.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct PreviewLink {
    /// The page or post: its address, file or title; / for the home page
    pub(crate) page: String,
}
