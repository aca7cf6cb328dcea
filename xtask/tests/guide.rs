//! Runs docs/changing-the-spec.md on a copy of the files that it changes: see `tests/docs/README.md`.

use std::fs;
use std::path::Path;
use std::process::Command;

use integration_tests::doc_runner::{self, Machine};
use integration_tests::root;

/// Copies the specs and the generated code.
const COPY: &str = r#"
set -e
cp -RP "$ROOT/spec" .
for package in "$ROOT"/crates/*; do
    for folder in spec generated; do
        if [ -d "$package/$folder" ]; then
            mkdir -p "crates/${package##*/}"
            cp -RP "$package/$folder" "crates/${package##*/}/"
        fi
    done
done
"#;

/// Replaces cargo, which would build the real workspace.
const CARGO: &str = r#"
cargo() {
    if [ "$1" != xtask ]; then echo "not in this test: cargo $*"; return 1; fi
    shift
    xtask "$@"
}
"#;

#[test]
fn the_commands_do_what_the_page_shows() {
    let Some(machine) = Machine::with_bash() else { return };
    let work = machine.work();
    let copied = Command::new("bash").args(["-c", COPY]).env("ROOT", root()).current_dir(&work).status().unwrap();
    assert!(copied.success());
    let functions = work.with_file_name("functions");
    fs::write(&functions, CARGO).unwrap();
    let machine = machine
        .program(Path::new(env!("CARGO_BIN_EXE_xtask")))
        .variable("BASH_ENV", functions.to_str().unwrap())
        // `cargo run` sets this to the package it runs.
        .variable("CARGO_MANIFEST_DIR", work.join("xtask").to_str().unwrap());
    let not_run = doc_runner::run(root(), "docs/changing-the-spec.md", &machine);
    assert_eq!(not_run, ["cargo test --workspace"]);
}
