//! Every relative link of a document leads to a file that is there, and to a heading that is in it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::root;

/// The documents that people read, from the root.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("README.md"), PathBuf::from("CHANGELOG.md")];
    for folder in ["docs", "crates", "spec", "deploy", "tests"] {
        below(Path::new(folder), &mut found);
    }
    found
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if root().join(&path).is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// The anchors of a document's headings, as code forges make them: in lower case, words joined with hyphens, repeated ones counted.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut anchors, mut heading) = (Vec::new(), None::<String>);
    for event in events(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(part) | Event::Code(part), Some(heading)) => heading.push_str(&part),
            (Event::End(TagEnd::Heading(_)), Some(text)) => {
                let kept = text.to_lowercase().replace(' ', "-");
                let anchor: String = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
                let times = seen.entry(anchor.clone()).or_default();
                anchors.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
                *times += 1;
                heading = None;
            }
            _ => {}
        }
    }
    anchors
}

fn links(text: &str) -> Vec<String> {
    let targets = events(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    targets.collect()
}

/// What is wrong with a link of this document, if anything is.
fn broken(document: &Path, link: &str) -> Option<String> {
    // What is elsewhere is not asked for.
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target: PathBuf = if path.is_empty() { document.to_owned() } else { document.parent().unwrap().join(path) };
    if !target.exists() {
        return Some(format!("{}: there is no {link}", document.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let found = anchors(&fs::read_to_string(&target).unwrap());
    (!found.iter().any(|found| found == anchor))
        .then(|| format!("{}: {link}: the headings are {}", document.display(), found.join(", ")))
}

#[test]
fn every_link_leads_somewhere() {
    let mut problems = Vec::new();
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        let links = links(&text);
        checked += links.len();
        problems.extend(links.iter().filter_map(|link| broken(&root().join(&document), link)));
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(checked > 20, "only {checked} links were found");
}

#[test]
fn a_broken_link_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("a.md");
    fs::write(&document, "# A `b`, c\n\n## Twice\n\n## Twice\n").unwrap();
    for (link, good) in [
        ("#a-b-c", true),
        ("a.md#twice-1", true),
        ("https://example.com/x", true),
        ("#b", false),
        ("b.md", false),
        ("a.md#twice-2", false),
    ] {
        assert_eq!(broken(&document, link).is_none(), good, "{link}");
    }
}
