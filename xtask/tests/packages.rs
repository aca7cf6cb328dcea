//! The verbs that have cargo look at each published crate, on a made-up workspace without dependencies.

#![allow(clippy::unwrap_used, reason = "clippy's leave for tests does not reach their helpers")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A library with an item behind a feature, and a type that threads cannot share.
const LIBRARY: &str = "//! A library.

/// A thing.
#[derive(Clone)]
pub struct Thing(u8);

impl Thing {
    /// A new one.
    pub fn new(value: u8) -> Self {
        Self(value)
    }

    /// What it holds.
    pub fn value(&self) -> u8 {
        self.0
    }
}

/// What shares nothing between threads.
pub struct Alone(*const u8);

impl Alone {
    /// Is it there?
    pub fn is_there(&self) -> bool {
        !self.0.is_null()
    }
}

/// More.
#[cfg(feature = \"more\")]
pub fn more(thing: &Thing) -> u8 {
    thing.value()
}
";

const LISTING: &str = "pub mod tiny
pub struct tiny::Alone(_)
impl tiny::Alone
pub fn tiny::Alone::is_there(&self) -> bool
impl !core::marker::Send for tiny::Alone
impl !core::marker::Sync for tiny::Alone
pub struct tiny::Thing(_)
impl tiny::Thing
pub fn tiny::Thing::new(u8) -> Self
pub fn tiny::Thing::value(&self) -> u8
impl core::clone::Clone for tiny::Thing
impl core::marker::Send for tiny::Thing
impl core::marker::Sync for tiny::Thing
pub fn tiny::more(&tiny::Thing) -> u8
";

/// A workspace of a library that is published, and a program that is not.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n"),
        (
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.0.0\"\n\n[[package]]\nname = \"tiny\"\nversion = \"0.0.0\"\n",
        ),
        (
            "crates/tiny/Cargo.toml",
            "[package]\nname = \"tiny\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\nless = []\nmore = []\n\n\
             [package.metadata.docs.rs]\nall-features = true\n",
        ),
        ("crates/tiny/src/lib.rs", LIBRARY),
        ("crates/own/Cargo.toml", "[package]\nname = \"own\"\nedition = \"2024\"\npublish = false\n"),
        ("crates/own/src/main.rs", "fn main() {}\n"),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn verb(root: &Path) -> Command {
    let mut verb = Command::new(env!("CARGO_BIN_EXE_xtask"));
    verb.env("CARGO_MANIFEST_DIR", root.join("xtask")).env("CARGO_TARGET_DIR", root.join("target"));
    verb.env_remove("RUSTDOC").env_remove("RUSTFLAGS").env_remove("RUSTDOCFLAGS");
    verb
}

/// The exit code, and what was said: first on standard output, then on standard error.
fn said(verb: &mut Command) -> (i32, String) {
    let output = verb.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_api_of_a_library_is_listed_and_held() {
    let folder = workspace();
    let root = folder.path();
    let listing = root.join("crates/tiny/public-api.txt");
    let api = || said(verb(root).arg("api"));

    let renew = "if this is meant, run `cargo xtask api --write` and review the difference\n";
    assert_eq!(api(), (1, format!("crates/tiny/public-api.txt: there is no listing yet\n{renew}")));
    assert!(!listing.exists(), "only --write writes");
    assert_eq!(said(verb(root).args(["api", "--write"])), (0, "crates/tiny/public-api.txt: written\n".to_owned()));
    assert_eq!(fs::read_to_string(&listing).unwrap(), LISTING);
    assert_eq!(api(), (0, "in step: the public API of each library (1) is as listed\n".to_owned()));

    let library = root.join("crates/tiny/src/lib.rs");
    edit(&library, "#[derive(Clone)]\n", "");
    edit(&library, "value: u8", "value: u16");
    edit(&library, "Self(value)", "Self(value as u8)");
    let moved = "crates/tiny/public-api.txt: the public API is another
  breaking: removed or changed:
    impl core::clone::Clone for tiny::Thing
    pub fn tiny::Thing::new(u8) -> Self
  added:
    pub fn tiny::Thing::new(u16) -> Self
";
    assert_eq!(api(), (1, format!("{moved}{renew}")));

    fs::write(&library, LIBRARY.replace("Self(value)", "Self(value.saturating_add(1))")).unwrap();
    let (code, text) = api();
    assert_eq!(code, 0, "what stands in a body is no API: {text}");
}

#[test]
fn an_api_that_cannot_be_told_is_neither_the_same_nor_another() {
    let folder = workspace();
    let root = folder.path();
    let (code, text) = said(verb(root).arg("api").env("RUSTDOC", root.join("absent")));
    assert_eq!(code, 2, "{text}");
    assert!(text.starts_with("the public API cannot be told: `cargo doc` failed:\n"), "{text}");
    assert!(text.contains("absent cannot be started"), "{text}");

    edit(&root.join("crates/tiny/src/lib.rs"), "pub struct Thing", "pub strukt Thing");
    let (code, text) = said(verb(root).arg("api"));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("pub strukt Thing"), "{text}");

    edit(&root.join("crates/tiny/Cargo.toml"), "edition", "publish = false\nedition");
    let nothing = "the public API cannot be told: no package with a library is published\n";
    assert_eq!(said(verb(root).arg("api")), (2, nothing.to_owned()));
}

#[test]
#[cfg(unix)]
fn a_rustdoc_that_writes_another_format_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = workspace();
    let root = folder.path();
    let rustdoc = root.join("rustdoc");
    let script = "#!/bin/sh
if [ \"$1\" = --version ]; then echo 'rustdoc 1.99.0'; exit; fi
rustdoc \"$@\" || exit
file=\"$CARGO_TARGET_DIR/doc/tiny.json\"
sed 's/\"format_version\":57/\"format_version\":99/' \"$file\" >\"$file.new\" && mv \"$file.new\" \"$file\"
";
    fs::write(&rustdoc, script).unwrap();
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, text) = said(verb(root).arg("api").env("RUSTDOC", &rustdoc));
    assert_eq!(code, 2, "{text}");
    let expected = "the public API cannot be told: rustdoc 1.99.0 writes its JSON in format 99. The listings are made with rustdoc 1.95";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn every_set_of_features_is_compiled() {
    let folder = workspace();
    let root = folder.path();
    let features = || said(verb(root).arg("features"));
    let fine = "tiny []: fine\ntiny [less]: fine\ntiny [less more]: fine\ntiny [more]: fine\n\
                4 sets of features, 4 of them distinct; in step: all that were compiled are fine\n";
    assert_eq!(features(), (0, fine.to_owned()));

    let library = root.join("crates/tiny/src/lib.rs");
    let both = "#[cfg(all(feature = \"less\", feature = \"more\"))]\n";
    fs::write(&library, format!("{LIBRARY}\n{both}compile_error!(\"not both\");\n")).unwrap();
    let (code, text) = features();
    assert_eq!(code, 1, "{text}");
    let again = "`cargo check -p tiny --no-default-features --features less,more --locked`";
    let broken = format!("tiny [less more]: does not compile, or not without a warning; once more: {again}\n");
    assert!(text.contains(&broken) && text.contains("error: not both"), "{text}");
    assert!(text.contains("tiny [less]: fine\n") && text.contains("tiny [more]: fine\n"), "{text}");

    fs::write(&library, format!("{LIBRARY}\n#[cfg(feature = \"less\")]\nfn unused() {{}}\n")).unwrap();
    for turn in ["compiled", "known already"] {
        let (code, text) = features();
        assert_eq!(code, 1, "{turn}: {text}");
        assert!(text.contains("tiny []: fine\ntiny [less]: does not compile"), "{turn}: {text}");
        assert!(text.contains("function `unused` is never used"), "{turn}: {text}");
    }
}

#[test]
fn features_that_cannot_be_told_are_neither_fine_nor_broken() {
    let folder = workspace();
    let root = folder.path();
    fs::remove_file(root.join("Cargo.lock")).unwrap();
    let (code, text) = said(verb(root).arg("features"));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--locked"), "{text}");

    fs::write(root.join("Cargo.toml"), "[workspace").unwrap();
    let (code, text) = said(verb(root).arg("features"));
    assert_eq!(code, 2, "{text}");
    assert!(text.starts_with("the sets of features cannot be told: `cargo metadata` failed:\n"), "{text}");
}
