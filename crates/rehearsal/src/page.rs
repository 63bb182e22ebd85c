//! Finding the page that an owner means, and the shape of a page's source.

/// Where pages and posts are.
pub(crate) const PAGES: &str = "src/{pages,content}/**/*.{astro,md,mdx}";

/// A lower-case name of letters, digits and hyphens.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.truncate(60);
    out.trim_end_matches('-').to_owned()
}

/// Whether `file` is an Astro template, not Markdown.
pub(crate) fn is_astro(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|e| e == "astro")
}

/// The path of a page on the site, without slashes at its ends; the home page's is empty.
pub(crate) fn route(file: &str) -> String {
    let path =
        file.rsplit_once("src/pages/").or_else(|| file.rsplit_once("src/content/")).map_or(file, |(_, p)| p);
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    path.strip_suffix("/index").unwrap_or(if path == "index" { "" } else { path }).to_owned()
}

/// The file among `files` that is the page called `name`.
pub(crate) fn find<'a>(files: &'a [String], name: &str) -> Option<&'a String> {
    let name = name.trim().trim_matches('/');
    let home = ["", "home", "index", "start", "front", "main"].contains(&name.to_lowercase().as_str());
    let usable = || files.iter().filter(|file| !file.contains('['));
    let exact = |want: &str| usable().find(|file| route(file).eq_ignore_ascii_case(want));
    if home {
        return exact("");
    }
    let wanted = slug(name);
    exact(name).or_else(|| exact(&wanted)).or_else(|| {
        usable().find(|file| route(file).rsplit('/').next().is_some_and(|last| slug(last) == wanted))
    })
}

/// The pages among `files`, as an owner calls them.
pub(crate) fn names(files: &[String]) -> String {
    let mut names: Vec<String> = files
        .iter()
        .filter(|file| !file.contains('['))
        .map(|file| route(file))
        .map(|route| if route.is_empty() { "home".to_owned() } else { route })
        .collect();
    names.sort();
    names.truncate(20);
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_the_name_an_owner_uses() {
        let files: Vec<String> = [
            "src/pages/index.astro",
            "src/pages/about.astro",
            "src/pages/team/index.astro",
            "src/pages/blog/[slug].astro",
            "src/content/blog/first-post.md",
        ]
        .map(str::to_owned)
        .to_vec();
        for (name, index) in [
            ("home", 0),
            ("/", 0),
            ("About", 1),
            ("/about/", 1),
            ("team", 2),
            ("First post", 4),
            ("blog/first-post", 4),
        ] {
            assert_eq!(find(&files, name), Some(&files[index]), "{name}");
        }
        assert_eq!(find(&files, "slug"), None);
        assert_eq!(find(&files, "abou"), None);
        assert_eq!(slug("Über uns: Öffnungszeiten!"), "ueber-uns-oeffnungszeiten");
    }
}
