//! `cargo xtask api`: holds the public API of each published library against its `public-api.txt`.
//!
//! rustdoc tells the API as JSON, and `public-api` makes a line of each item. A stable rustdoc does so only when it is let, by
//! `RUSTC_BOOTSTRAP`. Were that set for all of cargo, all of its crates would be built anew; so this program takes the place of rustdoc,
//! and sets it for rustdoc alone. The libraries are documented together, with the features that docs.rs shows: what `cargo doc` of the
//! workspace has built is used again.
//!
//! A caller may lean on what nobody wrote: that a type is `Clone`, `Eq` or `Send`. Such implementations are listed by their heads, for one
//! that is gone breaks as much as a function does; they are two lines of five. Their methods are not, nor blanket implementations, nor
//! what hardly anyone asks for (`Unpin`, `UnwindSafe`, and what the compiler keeps to itself): with those but for the blanket ones the
//! listings would be half as long again, and nobody would read them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Deserialize;

use crate::Verdict;
use crate::bench::process;
use crate::packages::{Package, Packages};
use crate::workspace::Workspace;

/// The name of a listing, in the folder of its crate.
const LISTING: &str = "public-api.txt";
const RENEW: &str = "cargo xtask api --write";

/// The format of rustdoc's JSON that `public-api` reads.
const FORMAT: u32 = 57;
/// The compiler that the listings are made with.
const COMPILER: &str = "1.95";

/// What every type has or has not without anyone's doing, and hardly anyone asks for; a derived `PartialEq` brings the last of them.
const FOLLOWS: [&str; 6] = [
    "core::marker::Freeze for ",
    "core::marker::Unpin for ",
    "core::marker::UnsafeUnpin for ",
    "core::panic::unwind_safe::RefUnwindSafe for ",
    "core::panic::unwind_safe::UnwindSafe for ",
    "core::marker::StructuralPartialEq for ",
];

/// Set where cargo runs this program in place of rustdoc: the rustdoc to run.
pub(crate) const RUSTDOC: &str = "HSS_XTASK_RUSTDOC";

/// The part of rustdoc's JSON that can be read whatever the format is.
#[derive(Deserialize)]
struct Head {
    format_version: u32,
}

/// Runs rustdoc with the arguments of this program, and with the leave to use what is not stable.
pub(crate) fn rustdoc(program: &OsStr) -> ExitCode {
    let run = Command::new(program).args(std::env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    match run {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            let _ = writeln!(io::stderr(), "{} cannot be started: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn run(workspace: &Workspace, renew: bool, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let listings = match listings(workspace.root()) {
        Ok(listings) => listings,
        Err(sentence) => {
            writeln!(err, "the public API cannot be told: {sentence}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let mut verdict = Verdict::Fine;
    for (package, now) in &listings {
        let path = package.join(LISTING);
        let name = workspace.shown(&path);
        if renew {
            fs::write(&path, now)?;
            writeln!(out, "{name}: written")?;
            continue;
        }
        verdict = verdict.and(match fs::read_to_string(&path) {
            Ok(listed) => compare(&name, Some(&listed), now, out)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => compare(&name, None, now, out)?,
            Err(error) => {
                writeln!(err, "{name} cannot be read: {error}")?;
                Verdict::Unknown
            }
        });
    }
    match verdict {
        Verdict::Fine if renew => {}
        Verdict::Fine => writeln!(out, "in step: the public API of each library ({}) is as listed", listings.len())?,
        Verdict::Drift => writeln!(out, "if this is meant, run `{RENEW}` and review the difference")?,
        Verdict::Unknown => {}
    }
    Ok(verdict)
}

/// The folder of each published library with its API as it is now, or the sentence why it cannot be told.
fn listings(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let packages = Packages::of(root)?;
    let libraries: Vec<(&Package, &str)> =
        packages.published().into_iter().filter_map(|package| Some((package, package.library()?))).collect();
    if libraries.is_empty() {
        return Err("no package with a library is published".to_owned());
    }
    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    document(root, &rustdoc, &libraries)?;
    let mut listings = Vec::new();
    for (package, library) in libraries {
        let file = packages.target_directory.join("doc").join(format!("{library}.json"));
        let json = fs::read_to_string(&file).map_err(|error| format!("{}: rustdoc's JSON: {error}", package.name))?;
        if let Some(format) = other_format(&json)? {
            return Err(told_apart(format, &version(&rustdoc)));
        }
        listings
            .push((package.folder().to_owned(), list(&file).map_err(|error| format!("{}: {error}", package.name))?));
    }
    Ok(listings)
}

/// Has rustdoc write the JSON of these libraries.
fn document(root: &Path, rustdoc: &OsStr, libraries: &[(&Package, &str)]) -> Result<(), String> {
    let this = std::env::current_exe().map_err(|error| format!("this program does not know its own path: {error}"))?;
    let features: Vec<String> = libraries
        .iter()
        .flat_map(|(package, _)| {
            package.shown_features().into_iter().map(|feature| format!("{}/{feature}", package.name))
        })
        .collect();
    let cargo = process::cargo()
        .args(["doc", "--workspace", "--no-deps", "--lib", "--locked", "--quiet", "--features", &features.join(",")])
        .env("RUSTDOC", this)
        .env(RUSTDOC, rustdoc)
        .env_remove("CARGO_ENCODED_RUSTDOCFLAGS")
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .current_dir(root)
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if cargo.status.success() {
        return Ok(());
    }
    Err(format!("`cargo doc` failed:\n{}", String::from_utf8_lossy(&cargo.stderr).trim_end()))
}

/// The format of this JSON, if it is not the one that can be read.
fn other_format(json: &str) -> Result<Option<u32>, String> {
    let head: Head = serde_json::from_str(json).map_err(|error| format!("rustdoc's JSON cannot be read: {error}"))?;
    Ok(Some(head.format_version).filter(|format| *format != FORMAT))
}

/// What is said of a rustdoc that writes another format.
fn told_apart(format: u32, rustdoc: &str) -> String {
    format!(
        "{rustdoc} writes its JSON in format {format}. The listings are made with rustdoc {COMPILER}, which writes format {FORMAT}: \
         run this with that one, or take the version of `public-api` that reads format {format} and renew them with `{RENEW}`"
    )
}

/// How a rustdoc calls itself.
fn version(rustdoc: &OsStr) -> String {
    let said = Command::new(rustdoc).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    if said.is_empty() { "a rustdoc without a version".to_owned() } else { said }
}

/// The items that this JSON tells, one a line.
fn list(json: &Path) -> Result<String, public_api::Error> {
    let items = |short| {
        public_api::Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_derived_impls(short)
            .omit_auto_trait_impls(short)
            .build()
            .map(|api| api.items().map(ToString::to_string).collect::<Vec<String>>())
    };
    Ok(kept(&items(false)?, &items(true)?.into_iter().collect()))
}

/// Of all items those which are listed: `written` by hand, or an implementation that somebody may lean on.
fn kept(all: &[String], written: &BTreeSet<String>) -> String {
    let follows = |item: &str| FOLLOWS.iter().any(|of| item.contains(of));
    let kept = all.iter().filter(|item| written.contains(*item) || item.starts_with("impl") && !follows(item));
    kept.map(|item| format!("{item}\n")).collect()
}

/// Tells what moved between a listing and the API as it is now.
fn compare(name: &str, listed: Option<&str>, now: &str, out: &mut dyn Write) -> io::Result<Verdict> {
    let Some(listed) = listed else {
        writeln!(out, "{name}: there is no listing yet")?;
        return Ok(Verdict::Drift);
    };
    if listed == now {
        return Ok(Verdict::Fine);
    }
    writeln!(out, "{name}: the public API is another")?;
    let (before, after) = (items(listed), items(now));
    for (what, items) in [
        ("breaking: removed or changed", before.difference(&after).collect::<Vec<_>>()),
        ("added", after.difference(&before).collect()),
    ] {
        if !items.is_empty() {
            writeln!(out, "  {what}:")?;
        }
        for item in items {
            writeln!(out, "    {item}")?;
        }
    }
    if before == after {
        writeln!(out, "  the items are the same, in another order or number")?;
    }
    Ok(Verdict::Drift)
}

/// The items of a listing.
fn items(listing: &str) -> BTreeSet<&str> {
    listing.lines().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(listed: Option<&str>, now: &str) -> (Verdict, String) {
        let mut out = Vec::new();
        let verdict = compare("x/public-api.txt", listed, now, &mut out).unwrap();
        (verdict, String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_moved_is_told_by_what_it_does_to_callers() {
        let breaking = "  breaking: removed or changed:\n";
        for (listed, now, expected) in [
            (Some("a\nb\n"), "a\nb\n", None),
            (Some("a\nb\n"), "b\n", Some(format!("{breaking}    a\n"))),
            (Some("a\n"), "a\nb\n", Some("  added:\n    b\n".to_owned())),
            (
                Some("a\nfn b(i8)\nd\n"),
                "a\nfn b(i16)\n",
                Some(format!("{breaking}    d\n    fn b(i8)\n  added:\n    fn b(i16)\n")),
            ),
            (Some("a\nb\n"), "b\na\n", Some("  the items are the same, in another order or number\n".to_owned())),
            (Some("a\na\n"), "a\n", Some("  the items are the same, in another order or number\n".to_owned())),
            (Some(""), "", None),
        ] {
            let found = told(listed, now);
            let expected = match expected {
                None => (Verdict::Fine, String::new()),
                Some(lines) => (Verdict::Drift, format!("x/public-api.txt: the public API is another\n{lines}")),
            };
            assert_eq!(found, expected, "{listed:?} {now:?}");
        }
        assert_eq!(told(None, "a\n"), (Verdict::Drift, "x/public-api.txt: there is no listing yet\n".to_owned()));
    }

    #[test]
    fn what_follows_by_itself_is_not_listed() {
        for (item, written, expected) in [
            ("pub fn x::T::f()", true, true),
            ("impl core::clone::Clone for x::T", false, true),
            ("pub fn x::T::clone(&self) -> x::T", false, false),
            ("impl core::cmp::PartialEq for x::T", false, true),
            ("impl core::marker::StructuralPartialEq for x::T", false, false),
            ("impl core::marker::Send for x::T", false, true),
            ("impl !core::marker::Sync for x::T", false, true),
            ("impl<'a> core::marker::Unpin for x::T<'a>", false, false),
            ("impl<'a> core::marker::Unpin for x::T<'a>", true, true),
            ("impl !core::panic::unwind_safe::UnwindSafe for x::T", false, false),
            ("impl core::panic::unwind_safe::RefUnwindSafe for x::T", false, false),
            ("impl core::marker::Freeze for x::T", false, false),
            ("impl core::marker::UnsafeUnpin for x::T", false, false),
        ] {
            let by_hand = if written { BTreeSet::from([item.to_owned()]) } else { BTreeSet::new() };
            assert_eq!(!kept(&[item.to_owned()], &by_hand).is_empty(), expected, "{item}");
        }
        let twice = ["impl x::T".to_owned(), "impl x::T".to_owned()];
        assert_eq!(kept(&twice, &BTreeSet::new()), "impl x::T\nimpl x::T\n", "an item that stands in two places");
    }

    #[test]
    fn only_one_format_is_read() {
        for (json, expected) in [
            (r#"{"root": 1, "format_version": 57}"#, Ok(None)),
            (r#"{"format_version": 56}"#, Ok(Some(56))),
            (r#"{"format_version": 58, "what comes": {"then": []}}"#, Ok(Some(58))),
        ] {
            assert_eq!(other_format(json), expected, "{json}");
        }
        for json in ["", "{}", "<html>"] {
            assert!(other_format(json).unwrap_err().starts_with("rustdoc's JSON cannot be read: "), "{json}");
        }
        insta::assert_snapshot!(told_apart(58, "rustdoc 1.99.0"), @"rustdoc 1.99.0 writes its JSON in format 58. The listings are made with rustdoc 1.95, which writes format 57: run this with that one, or take the version of `public-api` that reads format 58 and renew them with `cargo xtask api --write`");
    }
}
