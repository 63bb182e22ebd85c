//! Templates: each that a source names is there, and each that is there is named.

use super::{File, Finding, is_rust};

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let templates: Vec<&File> = files.iter().filter(|file| file.path.contains("/templates/")).collect();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_rust(file)) {
        let Some((package, _)) = file.path.split_once("/src/") else { continue };
        for (at, line) in file.text.lines().enumerate() {
            let Some(name) = named(line) else { continue };
            let path = format!("{package}/templates/{name}");
            if !templates.iter().any(|template| template.path == path) {
                findings.push(Finding::new(&file.path, at + 1, format!("there is no {path}")));
            }
        }
    }
    for template in &templates {
        let name = template.path.rsplit_once("/templates/").map_or("", |(_, name)| name);
        let quoted = format!("\"{name}\"");
        let named = |file: &&File| file.path != template.path && file.text.contains(&quoted);
        if files.iter().find(named).is_none() {
            findings.push(Finding::new(&template.path, 0, "no source and no template names it"));
        }
    }
    findings
}

/// The template that an attribute such as `#[template(path = "page.html")]` names.
fn named(line: &str) -> Option<&str> {
    let (_, rest) = line.trim_start().strip_prefix("#[template(")?.split_once("path = \"")?;
    rest.split_once('"').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::File;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn missing_and_forgotten_templates_are_found() {
        let page = file("s/h/templates/page.html", "{% extends \"layout.html\" %}");
        let layout = file("s/h/templates/layout.html", "");
        let old = file("s/h/templates/old.html", "");
        let source =
            file("s/h/src/a.rs", "#[template(path = \"page.html\")]\n#[template(path = \"gone.html\")]\n");
        let found: Vec<String> =
            check(&[page, layout, old, source]).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "s/h/src/a.rs:2: there is no s/h/templates/gone.html",
                "s/h/templates/old.html: no source and no template names it"
            ]
        );
    }
}
