//! Where browsers find previews: all on one host under a path, or each on a host of its own.

use domain::ThreadId;

/// The addresses of previews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewAddresses {
    /// Scheme, host and port of the preview host, no trailing slash: `http://127.0.0.1:8080`.
    pub origin: String,
    /// Where each preview has a host of its own, what follows its `t-{threadId}.`, with the port.
    pub suffix: Option<String>,
}

impl PreviewAddresses {
    /// The address at which the thread's preview opens.
    pub fn url(&self, thread: &ThreadId) -> String {
        match &self.suffix {
            None => format!("{}{}", self.origin, thread.preview_path()),
            Some(suffix) => format!("{}://t-{}.{suffix}/", self.scheme(), thread.as_str()),
        }
    }

    /// What may be framed, in the words of a Content-Security-Policy.
    pub(crate) fn frame_source(&self) -> String {
        match &self.suffix {
            None => self.origin.clone(),
            Some(suffix) => format!("{}://*.{suffix}", self.scheme()),
        }
    }

    fn scheme(&self) -> &str {
        self.origin.split("://").next().unwrap_or("http")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_has_a_path_or_a_host() {
        let thread = ThreadId::from_entropy([0; 8]);
        let mut addresses = PreviewAddresses { origin: "https://edit.example.org".to_owned(), suffix: None };
        assert_eq!(addresses.url(&thread), "https://edit.example.org/session/aaaaaaaaaaaa/");
        addresses.suffix = Some("preview.example.org".to_owned());
        assert_eq!(addresses.url(&thread), "https://t-aaaaaaaaaaaa.preview.example.org/");
        assert_eq!(addresses.frame_source(), "https://*.preview.example.org");
    }
}
