//! Every relative link of a document, and every path to a document in source text, leads to an existing file and heading.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use crate::{entries, root, written};

/// The kinds of files in which documents are named. Files without an extension are scripts.
const TEXTS: [&str; 6] = ["md", "rs", "toml", "yaml", "yml", ""];

/// This file is full of planted errors.
const THIS_FILE: &str = "tests/structure/links.rs";

/// Returns all files of the workspace that people write, from its root on.
fn texts(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            let shown = path.strip_prefix(root).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            let extension = path.extension().map_or("", |extension| extension.to_str().unwrap());
            let hidden = name.starts_with('.') && !matches!(name, ".ci" | ".github" | ".cargo");
            if path.is_dir() && !hidden && name != "target" {
                folders.push(path);
            } else if path.is_file() && !hidden && TEXTS.contains(&extension) && shown != Path::new(THIS_FILE) {
                found.push(shown.to_owned());
            }
        }
    }
    found
}

/// Reads a file. Some inputs of tests are not UTF-8.
fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// Returns the anchors of a document's headings as GitHub makes them: in lower case, words joined with hyphens, repeated ones counted.
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
    targets.filter(|link| !link.contains("://") && !link.starts_with("mailto:")).collect()
}

/// Returns the paths to documents that a text names, from the workspace's root on.
fn citations(text: &str) -> Vec<String> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\w./-]+\.md(?:#[\w-]+)?").unwrap());
    let folders = ["docs/", "tests/", "spec/", "crates/", "deploy/", "xtask/", "ARCHITECTURE.md", "CONTRIBUTING.md"];
    let paths = PATH.find_iter(text).map(|found| found.as_str().to_owned());
    paths.filter(|path| folders.iter().any(|folder| path.starts_with(folder))).collect()
}

/// Returns what is wrong with a link that is relative to this folder. An empty path is the document itself.
fn broken(folder: &Path, document: &Path, link: &str) -> Option<String> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { document.to_owned() } else { folder.join(path) };
    if !target.exists() {
        return Some(format!("there is no {link}"));
    }
    if anchor.is_empty() {
        return None;
    }
    let found = anchors(&fs::read_to_string(&target).unwrap());
    (!found.iter().any(|found| found == anchor)).then(|| format!("{link}: the headings are {}", found.join(", ")))
}

/// Returns what is wrong with the links of a workspace, and how many there are.
fn broken_links(root: &Path) -> (Vec<String>, usize) {
    let (mut problems, mut count) = (Vec::new(), 0);
    for file in texts(root) {
        let path = root.join(&file);
        let text = text(&path);
        let mut check = |folder: &Path, links: Vec<String>| {
            count += links.len();
            let broken = links.iter().filter_map(|link| broken(folder, &path, link));
            problems.extend(broken.map(|problem| format!("{}: {problem}", file.display())));
        };
        check(root, citations(&text));
        if is_document(&file) {
            check(path.parent().unwrap(), links(&text));
        }
    }
    (problems, count)
}

/// Returns the lines that cite a section of the design notes by a bare number, which a reader cannot follow.
fn bare_numbers(root: &Path) -> Vec<String> {
    let number = Regex::new(r"\b[Ff]acts,\s+section|\bP(?:[1-9]|1\d|2[01])\b").unwrap();
    let is_bare = |line: &str| number.is_match(line) && !line.contains("generator-traps.md#p");
    let mut problems = Vec::new();
    for file in texts(root).into_iter().filter(|file| !file.starts_with("docs/design")) {
        let text = text(&root.join(&file));
        let lines = text.lines().enumerate().filter(|(_, line)| is_bare(line));
        problems.extend(lines.map(|(index, line)| format!("{}:{}: {}", file.display(), index + 1, line.trim())));
    }
    problems
}

/// The names of files that a recipe creates.
const CREATED: [&str; 3] = ["foo/mod.rs", "container.rs", "containers.rs"];

/// Returns the source files that documents name in code spans, by the end of their paths, and that do not exist.
fn missing_sources(root: &Path) -> Vec<String> {
    let files = texts(root);
    let exists = |name: &str| {
        let is_created = CREATED.iter().any(|created| Path::new(name).ends_with(created));
        is_created || name == THIS_FILE.trim_start_matches("tests/") || files.iter().any(|file| file.ends_with(name))
    };
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| is_document(file)) {
        let text = text(&root.join(file));
        let spans = events(&text).filter_map(|event| match event {
            Event::Code(span) => Some(span.into_string()),
            _ => None,
        });
        let is_source = |span: &String| span.ends_with(".rs") && span.contains('/') && !span.contains(['*', ' ']);
        let missing = spans.filter(is_source).filter(|span| !exists(span));
        problems.extend(missing.map(|span| format!("{}: there is no {span}", file.display())));
    }
    problems
}

#[test]
fn source_files_that_documents_name_exist() {
    let problems = missing_sources(&root());
    assert!(problems.is_empty(), "{problems:#?}");
    let folder = written(&[("src/a/b.rs", ""), ("README.md", "`a/b.rs` and `src/a/b.rs`, but `b/a.rs` and `c.rs`")]);
    assert_eq!(missing_sources(folder.path()), ["README.md: there is no b/a.rs"]);
}

#[test]
fn every_link_leads_somewhere() {
    let (problems, count) = broken_links(&root());
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(count > 20, "only {count} links were found");
}

#[test]
fn design_notes_are_named_by_path_and_anchor() {
    let problems = bare_numbers(&root());
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn planted_broken_links_are_reported() {
    let folder = written(&[
        (
            "docs/a.md",
            "# A `b`, c\n\n## Twice\n\n## Twice\n\n[good](#a-b-c) [good](a.md#twice-1) [good](https://example.com/x.md#y) \
             [good](../src/lib.rs) [bad](#b) ![bad](b.md) [bad](a.md#twice-2)\n",
        ),
        (
            "src/lib.rs",
            "//! Good: docs/a.md, `docs/a.md#twice`, https://example.com/docs/b.md, b/docs/b.md.\n//! Bad: docs/a.md#three, docs/b.md.\n",
        ),
        ("Cargo.toml", "# ARCHITECTURE.md#request-path\n"),
        ("target/doc/lib.rs", "// docs/c.md\n"),
        ("data.json", "{\"docs/c.md\": 1}\n"),
    ]);
    let (problems, count) = broken_links(folder.path());
    assert_eq!(
        problems,
        [
            "Cargo.toml: there is no ARCHITECTURE.md#request-path",
            "src/lib.rs: docs/a.md#three: the headings are a-b-c, twice, twice-1",
            "src/lib.rs: there is no docs/b.md",
            "docs/a.md: #b: the headings are a-b-c, twice, twice-1",
            "docs/a.md: there is no b.md",
            "docs/a.md: a.md#twice-2: the headings are a-b-c, twice, twice-1",
        ]
    );
    assert_eq!(count, 11);
}

#[test]
fn planted_bare_numbers_are_reported() {
    let bad = "// facts, section 5\n// (P17)\n// design trap P8\n// (several: P1, P20)\n// P13: lost\n";
    let good = "// P95 of 3\n// docs/design/generator-traps.md#p17\n// [P17](docs/design/generator-traps.md#p17)\n";
    let folder = written(&[("a.rs", bad), ("b.toml", good), ("docs/design/generator-traps.md", "# P17\n\n(P18)\n")]);
    let numbers: Vec<String> = bare_numbers(folder.path());
    let expected: Vec<String> =
        bad.lines().enumerate().map(|(index, line)| format!("a.rs:{}: {line}", index + 1)).collect();
    assert_eq!(numbers, expected);
}
