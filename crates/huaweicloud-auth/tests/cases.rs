//! Folder tests: each folder of tests/cases is a machine, and `expected` is what the chain reports about it.
//!
//! - `env`: `NAME=VALUE` lines, the environment.
//! - `files/`: the home directory, `/home/user`; `dot-x` stands for `.x`, so that nothing is hidden from review or
//!   packaging.
//! - `setup` (if needed): `token-file PATH`, `no-home`, `not-unicode NAME`, `mode PATH OCTAL`, `folder-mode PATH OCTAL`,
//!   `denied PATH`, `directory PATH`, `large PATH BYTES`, paths below the home directory.
//! - `expected`: written by `BLESS=1 cargo test --test cases`, to be read before it is committed.
//!
//! Every secret in the folders holds the letters of [`MARKER`], and nothing that is shown may hold them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{CredentialChain, Error, FileError, Resolved};

/// Part of every secret in the folders, behind the four characters of an AK that may be shown.
const MARKER: &str = "ZQ9X";
const HOME: &str = "/home/user";

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

fn machine(case: &Path) -> (FakeEnvironment, Option<PathBuf>) {
    let mut env = FakeEnvironment::new();
    for line in fs::read_to_string(case.join("env")).unwrap().lines() {
        let (name, value) = line.split_once('=').unwrap();
        env = env.with_var(name, value);
    }
    let mut files = Vec::new();
    files_below(&case.join("files"), &mut files);
    let place = |path: &Path| Path::new(HOME).join(path);
    for file in files {
        let inside = file.strip_prefix(case.join("files")).unwrap().to_string_lossy().into_owned();
        env = env.with_file(place(Path::new(&inside.replace("dot-", "."))), fs::read(&file).unwrap());
    }
    let (mut token_file, mut home) = (None, Some(HOME));
    for line in fs::read_to_string(case.join("setup")).unwrap_or_default().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["token-file", path] => token_file = Some(place(Path::new(path))),
            ["no-home"] => home = None,
            ["not-unicode", name] => env = env.with_var_not_unicode(name),
            ["mode", path, mode] => {
                let file = path.strip_prefix('.').map_or_else(|| path.to_owned(), |rest| format!("dot-{rest}"));
                let bytes = fs::read(case.join("files").join(file)).unwrap();
                let mode = u32::from_str_radix(mode, 8).unwrap();
                env = env.with_file_mode(place(Path::new(path)), bytes, Some(mode));
            }
            ["folder-mode", path, mode] => {
                env = env.with_folder_mode(place(Path::new(path)), u32::from_str_radix(mode, 8).unwrap());
            }
            ["denied", path] => env = env.with_file_error(place(Path::new(path)), FileError::PermissionDenied),
            ["directory", path] => env = env.with_file_error(place(Path::new(path)), FileError::IsADirectory),
            ["large", path, bytes] => {
                env = env.with_file(place(Path::new(path)), vec![b'x'; bytes.parse().unwrap()]);
            }
            _ => panic!("unknown line in setup: {line}"),
        }
    }
    if let Some(home) = home {
        env = env.with_home(home);
    }
    (env, token_file)
}

fn describe(result: &Result<Resolved, Error>) -> String {
    let mut out = String::new();
    match result {
        Ok(resolved) => {
            let loaded = resolved.credentials.as_ref().unwrap();
            writeln!(out, "source: {}", loaded.location).unwrap();
            writeln!(out, "credentials: {}", loaded.credentials.summary()).unwrap();
            for (what, value) in [
                ("project id", loaded.credentials.project_id()),
                ("domain id", loaded.credentials.domain_id()),
                ("iam endpoint", loaded.iam_endpoint.as_deref()),
                ("region", loaded.region.as_deref()),
            ] {
                if let Some(value) = value {
                    writeln!(out, "{what}: {value}").unwrap();
                }
            }
            for note in resolved.notes() {
                writeln!(out, "note: {note}").unwrap();
            }
        }
        Err(error) => writeln!(out, "{:?}\n{error}", error.kind()).unwrap(),
    }
    out
}

#[test]
fn every_folder_has_the_expected_result() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("cases");
    let bless = std::env::var_os("BLESS").is_some();
    let mut cases: Vec<PathBuf> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 30, "only {} folders", cases.len());
    let mut wrong = Vec::new();
    let mut with_secrets = 0;
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let (env, token_file) = machine(case);
        let chain = CredentialChain::default_chain(token_file);
        let result = chain.resolve(&env).now_or_never().unwrap();

        let mut given = vec![case.join("env")];
        files_below(&case.join("files"), &mut given);
        let held = given.iter().any(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(MARKER));
        with_secrets += usize::from(held);
        assert!(held || result.is_err(), "{name}: credentials without the marker would escape the search");

        let text = describe(&result);
        let shown = format!("{text}{result:?}{result:#?}{chain:?}{chain:#?}{env:?}{env:#?}");
        assert!(!shown.contains(MARKER), "{name}: a secret is shown:\n{shown}");

        let golden = case.join("expected");
        if bless {
            fs::write(&golden, &text).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if text != expected {
            wrong.push(format!("--- {name}\nexpected:\n{expected}\ngot:\n{text}"));
        }
    }
    assert!(with_secrets > 30);
    assert!(wrong.is_empty(), "{}\n(BLESS=1 renews the files)", wrong.join("\n"));
}
