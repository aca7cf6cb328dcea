//! Hand-written source files stay short, folders small, and modules in one style.

use std::fs;
use std::path::Path;

use crate::{entries, packages, root, written};

/// The most lines of a hand-written source file.
const MAX_LINES: usize = 450;

/// The most entries of a folder with source files.
const MAX_ENTRIES: usize = 12;

/// Reports what is wrong with a folder of source files, and with all below it. Returns how many source files there are.
fn check(root: &Path, folder: &Path, problems: &mut Vec<String>) -> usize {
    let entries = entries(&root.join(folder));
    let is_source = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
    let mut count = 0;
    let sources = entries.iter().filter(|path| is_source(path)).count();
    if sources > 0 && entries.len() > MAX_ENTRIES {
        problems.push(format!("{}: {} entries, more than {MAX_ENTRIES}", folder.display(), entries.len()));
    }
    for path in &entries {
        let shown = path.strip_prefix(root).unwrap();
        if path.is_dir() && path.ends_with("generated") {
            continue;
        } else if path.is_dir() {
            if path.with_extension("rs").is_file() && crate::entries(path).iter().any(|path| is_source(path)) {
                problems.push(format!("{0}.rs beside {0}/: make it {0}/mod.rs", shown.display()));
            }
            count += check(root, shown, problems);
        } else if is_source(path) {
            count += 1;
            let lines = fs::read_to_string(path).unwrap().lines().count();
            if lines > MAX_LINES {
                problems.push(format!("{}: {lines} lines, more than {MAX_LINES}", shown.display()));
            }
        }
    }
    count
}

#[test]
fn files_and_folders_are_small_and_modules_in_one_style() {
    let root = root();
    let mut problems = Vec::new();
    let mut count = 0;
    for package in packages(&root) {
        // Each folder of the tests is a program.
        let folders = if package == Path::new("tests") { &[""][..] } else { &["src", "tests", "benches", "examples"] };
        for folder in folders {
            count += check(&root, &package.join(folder), &mut problems);
        }
    }
    println!("{count} source files");
    assert!(count > 200, "{count}");
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn planted_problems_are_reported() {
    let long = "\n".repeat(MAX_LINES + 1);
    let many: Vec<String> = (0..=MAX_ENTRIES).map(|number| format!("many/{number}.rs")).collect();
    let mut files = vec![
        ("long.rs", &*long),
        ("style.rs", ""),
        ("style/part.rs", ""),
        ("good/mod.rs", ""),
        ("data.rs", ""),
        ("generated/long.rs", &*long),
    ];
    files.extend(many.iter().map(|name| (&**name, "")));
    // A folder of data may have as many files as it likes.
    let data: Vec<String> = (0..40).map(|number| format!("data/{number}.txt")).collect();
    files.extend(data.iter().map(|name| (&**name, "")));
    let folder = written(&files);
    let mut problems = Vec::new();
    assert_eq!(check(folder.path(), Path::new(""), &mut problems), 5 + MAX_ENTRIES + 1);
    assert_eq!(
        problems,
        [
            "long.rs: 451 lines, more than 450",
            "many: 13 entries, more than 12",
            "style.rs beside style/: make it style/mod.rs",
        ]
    );
}
