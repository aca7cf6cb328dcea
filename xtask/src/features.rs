//! `cargo xtask features`: compiles each published crate with every set of its features, by `cargo check`, and tells the ones that fail.
//!
//! A set is what one may ask for, closed over what its features switch on: two that close to the same set are one. A feature that asks
//! for nothing itself and is switched on by others is only their switch, and is not asked for alone; `default` is a set like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use serde_json::Value;

use crate::Verdict;
use crate::bench::process;
use crate::packages::{Package, Packages};
use crate::workspace::Workspace;

/// The features of a package, each with what it switches on, as cargo tells them.
type Table = BTreeMap<String, Vec<String>>;

/// Packages that build a library of the system, or on top of one, and why they cannot where they do not.
const OF_THE_SYSTEM: [(&str, &str); 2] =
    [("openssl-sys", "the headers of OpenSSL are not installed"), ("aws-lc-sys", "its C code cannot be compiled here")];

/// What came of one set.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// It compiles, without a warning.
    Fine,
    /// It does not, or not without a warning.
    Fails,
    /// This machine has not what it needs.
    Skipped(&'static str),
    /// Cargo did not come as far as compiling.
    Unknown,
}

pub(crate) fn run(workspace: &Workspace, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let packages = match Packages::of(workspace.root()) {
        Ok(packages) => packages,
        Err(sentence) => {
            writeln!(err, "the sets of features cannot be told: {sentence}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let (mut verdict, mut asked, mut distinct, mut skipped) = (Verdict::Fine, 0, 0, 0);
    for package in packages.published() {
        let (subsets, sets) = sets(&package.features);
        asked += subsets;
        distinct += sets.len();
        for set in &sets {
            let found = one(workspace.root(), package, set, out, err)?;
            skipped += u32::from(matches!(found, Found::Skipped(_)));
            verdict = verdict.and(match found {
                Found::Fine | Found::Skipped(_) => Verdict::Fine,
                Found::Fails => Verdict::Drift,
                Found::Unknown => Verdict::Unknown,
            });
        }
    }
    if distinct == 0 {
        writeln!(err, "the sets of features cannot be told: no package is published")?;
        return Ok(Verdict::Unknown);
    }
    write!(out, "{asked} sets of features, {distinct} of them distinct")?;
    if skipped > 0 {
        write!(out, ", {skipped} of these skipped")?;
    }
    let end = match verdict {
        Verdict::Fine => "in step: all that were compiled are fine",
        Verdict::Drift => "some do not compile: see above",
        Verdict::Unknown => "it could not be told of all: see above",
    };
    writeln!(out, "; {end}")?;
    Ok(verdict)
}

/// Compiles one set of a package, and tells what came of it.
fn one(
    root: &Path,
    package: &Package,
    set: &BTreeSet<&str>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Found> {
    let features: Vec<&str> = set.iter().copied().collect();
    let mut args = vec!["check", "-p", &package.name, "--no-default-features"];
    let joined = features.join(",");
    if !set.is_empty() {
        args.extend(["--features", &joined]);
    }
    args.push("--locked");
    let cargo = process::cargo().args(&args).args(["--quiet", "--message-format=json"]).current_dir(root).output()?;
    let said = messages(&String::from_utf8_lossy(&cargo.stdout));
    let stderr = String::from_utf8_lossy(&cargo.stderr);
    let found = judge(cargo.status.success(), !said.is_empty(), &stderr);
    let switches = switches(&package.features);
    let asked: Vec<&str> = features.into_iter().filter(|feature| !switches.contains(feature)).collect();
    let name = format!("{} [{}]", package.name, asked.join(" "));
    match found {
        Found::Fine => writeln!(out, "{name}: fine")?,
        Found::Skipped(why) => writeln!(out, "skipped: {name}: {why}")?,
        Found::Fails | Found::Unknown => {
            let what =
                if found == Found::Fails { "does not compile, or not without a warning" } else { "cannot be told" };
            writeln!(out, "{name}: {what}; once more: `cargo {}`", args.join(" "))?;
            write!(err, "{name}:\n{said}{stderr}")?;
        }
    }
    Ok(found)
}

/// How many sets one may ask for, and the distinct ones among them.
fn sets(features: &Table) -> (usize, BTreeSet<BTreeSet<&str>>) {
    let subsets = subsets(&free(features));
    (subsets.len(), subsets.iter().map(|subset| closed(features, subset)).collect())
}

/// What one may ask for: all features but `default` and the switches of others.
fn free(features: &Table) -> Vec<&str> {
    let switches = switches(features);
    features.keys().map(String::as_str).filter(|name| *name != "default" && !switches.contains(name)).collect()
}

/// The features that ask for nothing, and that another one switches on.
fn switches(features: &Table) -> BTreeSet<&str> {
    let others = features.iter().filter(|(name, _)| *name != "default");
    let switched_on: BTreeSet<&str> = others.flat_map(|(_, asks)| asks).map(String::as_str).collect();
    let empty = features.iter().filter(|(_, asks)| asks.is_empty());
    empty.map(|(name, _)| name.as_str()).filter(|name| switched_on.contains(name)).collect()
}

/// Every subset of these features, the empty one included.
fn subsets<'a>(features: &[&'a str]) -> Vec<BTreeSet<&'a str>> {
    let mut subsets = vec![BTreeSet::new()];
    for feature in features {
        let with: Vec<BTreeSet<&str>> =
            subsets.iter().map(|subset| subset.iter().copied().chain([*feature]).collect()).collect();
        subsets.extend(with);
    }
    subsets
}

/// A set of features with all of the same package that they switch on.
fn closed<'a>(features: &'a Table, set: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    let mut closed = BTreeSet::new();
    let mut open: Vec<&str> = set.iter().copied().collect();
    while let Some(feature) = open.pop() {
        // `dep:NAME` and `NAME?/FEATURE` stand for no feature of ours. `NAME/FEATURE` does where the dependency's name is one as well.
        let asks = features.get(feature).into_iter().flatten();
        let asks = asks.map(|ask| ask.split_once('/').map_or(ask.as_str(), |(dependency, _)| dependency));
        if closed.insert(feature) {
            open.extend(asks.filter(|ask| features.contains_key(*ask)));
        }
    }
    closed
}

/// The compiler's errors and warnings, as it renders them. Of other people's packages cargo lets it tell no warning.
fn messages(stdout: &str) -> String {
    let messages = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let rendered = messages.filter(|message| message["reason"] == "compiler-message").filter_map(|message| {
        let told =
            message["message"]["level"].as_str().is_some_and(|level| level.starts_with("error") || level == "warning");
        message["message"]["rendered"].as_str().filter(|_| told).map(str::to_owned)
    });
    rendered.collect()
}

/// What came of a run of cargo, from whether it succeeded, whether the compiler said something, and what cargo said itself.
fn judge(success: bool, compiler_said: bool, stderr: &str) -> Found {
    if compiler_said {
        return Found::Fails;
    }
    if success {
        return Found::Fine;
    }
    // Cargo names each package that it did not come past; one that is not of the system is no reason to skip.
    let stopped = |start: &str| -> Vec<String> {
        let lines = stderr.lines().filter_map(|line| line.strip_prefix(start));
        lines.filter_map(|rest| rest.split([' ', '`']).next()).map(str::to_owned).collect()
    };
    let scripts = stopped("error: failed to run custom build command for `");
    let crates = stopped("error: could not compile `");
    let why = |name: &String| OF_THE_SYSTEM.iter().find(|(of, _)| of == name).map(|(_, why)| *why);
    match scripts.iter().map(why).collect::<Option<Vec<&str>>>().as_deref() {
        Some([why, ..]) if crates.is_empty() => Found::Skipped(why),
        Some([]) if crates.is_empty() => Found::Unknown,
        _ => Found::Fails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table as cargo tells it: `tool: a b; a: ; b: dep:c`.
    fn table(text: &str) -> Table {
        let features = text.split(';').filter_map(|feature| feature.split_once(':'));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        features.map(|(name, asks)| (name.trim().to_owned(), words(asks))).collect()
    }

    fn set(text: &str) -> BTreeSet<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn what_is_asked_for() {
        for (features, expected) in [
            ("", ""),
            ("default: a; a: dep:x", "a"),
            ("default: a b; a:; b:", "a b"),
            ("a: dep:x t; b: t; t:", "a b"),
            // Switched on by another, but of use alone; or of no use, but switched on by no other.
            ("state: emulator; emulator: dep:x", "emulator state"),
            ("a: x/t; t:", "a t"),
        ] {
            assert_eq!(free(&table(features)), set(expected).into_iter().collect::<Vec<_>>(), "{features}");
        }
    }

    #[test]
    fn subsets_are_all_of_them_once() {
        for (features, expected) in
            [("", vec![""]), ("a", vec!["", "a"]), ("a b c", vec!["", "a", "b", "a b", "c", "a c", "b c", "a b c"])]
        {
            let features: Vec<&str> = features.split_whitespace().collect();
            assert_eq!(subsets(&features), expected.into_iter().map(set).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_set_is_closed_over_what_it_switches_on() {
        for (features, asked, expected) in [
            ("a: b; b: c; c:; d:", "a", "a b c"),
            ("a: b; b: c; c:; d:", "c d", "c d"),
            ("a: b; b: a", "b", "a b"),
            ("a: dep:b b?/x other/y; b: dep:b", "a", "a"),
            ("a: b/x; b: dep:b", "a", "a b"),
            ("a:", "", ""),
        ] {
            assert_eq!(closed(&table(features), &set(asked)), set(expected), "{features}; {asked}");
        }
    }

    #[test]
    fn the_sets_of_this_workspace() {
        let packages = Packages::of(Workspace::here().root()).unwrap();
        let counted: Vec<(&str, usize, usize)> = packages
            .published()
            .into_iter()
            .map(|package| {
                let (subsets, sets) = sets(&package.features);
                (package.name.as_str(), subsets, sets.len())
            })
            .collect();
        assert_eq!(
            counted,
            [
                // An hss with `state` has the emulator.
                ("hss-cli", 16, 12),
                ("huaweicloud-auth", 1, 1),
                // Three ways of TLS, with the generator and with lanes, and without.
                ("huaweicloud-hss", 32, 32),
                ("huaweicloud-hss-codegen", 1, 1),
                ("huaweicloud-hss-emulator", 2, 2),
                ("huaweicloud-hss-httpmock", 2, 2),
                ("openapi-drift", 2, 2),
            ]
        );
    }

    #[test]
    fn only_a_library_of_the_system_is_a_reason_to_skip() {
        let openssl = "error: failed to run custom build command for `openssl-sys v0.9.111`\n\nCaused by:\n  process didn't exit\n";
        let aws_lc = openssl.replace("openssl-sys", "aws-lc-sys");
        let ours = openssl.replace("openssl-sys", "huaweicloud-hss");
        let like_it = openssl.replace("openssl-sys", "openssl-sys-of-somebody");
        let compiles_not = "error: could not compile `openssl-sys` (lib) due to 1 previous error\n";
        let skipped = |of: &str| {
            let (_, why) = OF_THE_SYSTEM.iter().find(|(name, _)| *name == of).unwrap();
            Found::Skipped(why)
        };
        for (success, compiler_said, stderr, expected) in [
            (true, false, String::new(), Found::Fine),
            (true, true, String::new(), Found::Fails),
            (false, true, compiles_not.to_owned(), Found::Fails),
            (false, false, compiles_not.to_owned(), Found::Fails),
            (false, false, openssl.to_owned(), skipped("openssl-sys")),
            (false, false, aws_lc.clone(), skipped("aws-lc-sys")),
            (false, false, format!("{openssl}{aws_lc}"), skipped("openssl-sys")),
            (false, true, openssl.to_owned(), Found::Fails),
            (false, false, format!("{openssl}{compiles_not}"), Found::Fails),
            (false, false, format!("{openssl}{ours}"), Found::Fails),
            (false, false, ours, Found::Fails),
            (false, false, like_it, Found::Fails),
            (false, false, format!("error: other: {openssl}"), Found::Unknown),
            (false, false, "error: cannot update the lock file".to_owned(), Found::Unknown),
            (false, false, String::new(), Found::Unknown),
        ] {
            assert_eq!(judge(success, compiler_said, &stderr), expected, "{success} {compiler_said} {stderr}");
        }
    }

    #[test]
    fn errors_and_warnings_are_taken_from_cargos_messages() {
        let message = |reason: &str, level: &str| {
            format!(r#"{{"reason": "{reason}", "message": {{"level": "{level}", "rendered": "{level}: x\n"}}}}"#)
        };
        for (line, expected) in [
            (message("compiler-message", "warning"), "warning: x\n"),
            (message("compiler-message", "error"), "error: x\n"),
            (message("compiler-message", "error: internal compiler error"), "error: internal compiler error: x\n"),
            (message("compiler-message", "note"), ""),
            (message("compiler-artifact", "warning"), ""),
            ("no JSON".to_owned(), ""),
        ] {
            assert_eq!(messages(&line), expected, "{line}");
        }
    }
}
