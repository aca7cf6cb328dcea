//! Real shells accept the scripts of `hss completions`, and real readers accept the pages of `hss man`.
//!
//! A shell or reader that is not installed is skipped with a message; with `HSS_SHELLS=required`, as in `.ci/run`, the test fails.

#![cfg(feature = "completions")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output};

/// Shells that `.ci/run` cannot install; the tests may skip them even there.
const OPTIONAL: &[&str] = &["pwsh"];

const SHELLS: &[&str] = &["bash", "zsh", "fish", "powershell", "elvish"];

fn hss(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hss")).args(args).env("COLUMNS", "100").output().unwrap()
}

fn script(shell: &str) -> String {
    let output = hss(&["completions", shell]);
    assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program that may not be installed.
fn installed(program: &str, args: &[&str]) -> Option<Output> {
    match Command::new(program).args(args).env("LC_ALL", "C.UTF-8").output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let required = std::env::var_os("HSS_SHELLS").is_some_and(|value| value == "required");
            assert!(!required || OPTIONAL.contains(&program), "{program} is required and not installed");
            // Written directly, because the test harness captures what `eprintln!` prints.
            let mut stderr = io::stderr();
            writeln!(stderr, "skipped: {program} is not installed").unwrap();
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Returns what a shell prints when it has loaded the script and then runs these lines.
fn completed(shell: &str, flag: &str, before: &str, then: &str) -> Option<Vec<String>> {
    let output = installed(shell, &[flag, &format!("{before}\n{}\n{then}", script(shell))])?;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shell}: {text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn every_script_names_every_command_and_never_calls_hss() {
    for shell in SHELLS {
        let script = script(shell);
        for command in ["scan", "status", "report", "whoami", "enterprise-projects", "completions"] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        assert!(!script.contains("(hss ") && !script.contains("COMPLETE="), "{shell} calls hss");
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let complete = |words: &str| {
        // The words typed so far, the last one incomplete.
        let call = format!(
            "compopt() {{ :; }}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _hss hss \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"\necho \"${{COMPREPLY[@]}}\""
        );
        completed("bash", "-c", "", &call)
    };
    let Some(registered) = completed("bash", "-c", "", "complete -p hss") else { return };
    assert_eq!(registered.last().unwrap(), "hss", "{registered:?}");
    assert_eq!(complete("hss s").unwrap(), ["scan", "status", "sbom"]);
    assert_eq!(complete("hss hosts li").unwrap(), ["list"]);
    assert_eq!(complete("hss scan --wait").unwrap(), ["--wait", "--wait-timeout"]);
    assert_eq!(complete("hss scan --output js").unwrap(), ["json", "jsonl"]);
    assert_eq!(complete("hss completions p").unwrap(), ["powershell"]);
}

#[test]
fn zsh_accepts_and_binds_the_script() {
    let bound = completed("zsh", "-fc", "autoload -U compinit && compinit -D -u", "print $_comps[hss]");
    if let Some(bound) = bound {
        assert_eq!(bound, ["_hss"]);
    }
}

#[test]
fn fish_completes_commands_flags_and_values() {
    for (typed, expected) in [
        ("hss sta", vec!["status"]),
        ("hss scan --wait", vec!["--wait", "--wait-timeout"]),
        ("hss scan --output js", vec!["json", "jsonl"]),
    ] {
        let complete = format!("complete -C '{typed}' | string replace -r '\\t.*' ''");
        let Some(found) = completed("fish", "-Nc", "", &complete) else { return };
        assert_eq!(found, expected, "{typed}");
    }
}

#[test]
fn elvish_completes_flags() {
    // Stands in for the namespace of the editor, which only exists in a terminal.
    let editor =
        "var edit: = (ns [&completion:=(ns [&arg-completer=[&]]) &complex-candidate~={|a &display=''| put $a }])";
    let complete = "$edit:completion:arg-completer[hss] hss scan -- | each {|found| echo $found }";
    let Some(found) = completed("elvish", "-c", editor, complete) else { return };
    assert!(found.iter().any(|flag| flag == "--hosts-from"), "{found:?}");
}

#[test]
fn powershell_completes_commands() {
    let complete = "(TabExpansion2 'hss sta' 7).CompletionMatches.CompletionText";
    if let Some(found) = completed_by_powershell(complete) {
        assert_eq!(found, ["status"]);
    }
}

fn completed_by_powershell(then: &str) -> Option<Vec<String>> {
    let lines = format!("{}\n{then}", script("powershell"));
    let output = installed("pwsh", &["-NoProfile", "-Command", &lines])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect())
}

#[test]
fn an_unknown_shell_is_an_error_that_lists_the_known_ones() {
    let output = hss(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("'tcsh'") && SHELLS.iter().all(|shell| text.contains(shell)), "{text}");
}

/// Writes the pages into a folder that does not exist yet, and returns their names.
fn pages(folder: &Path) -> Vec<String> {
    let output = hss(&["man", folder.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let names = pages(&folder.path().join("share/man/man1"));
    insta::assert_snapshot!("pages", names.join("\n"));
}

#[test]
fn a_page_matches_the_long_help() {
    let folder = tempfile::tempdir().unwrap();
    pages(folder.path());
    insta::assert_snapshot!(
        "hss_status_1",
        fs::read_to_string(folder.path().join("hss-status.1")).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION")
    );
    for (page, help) in
        [("hss.1", vec!["--help"]), ("hss-scan.1", vec!["scan", "--help"]), ("hss-auth.1", vec!["auth", "--help"])]
    {
        let codes = String::from_utf8(hss(&help).stdout).unwrap().contains("Exit codes:");
        let text = fs::read_to_string(folder.path().join(page)).unwrap();
        assert_eq!(text.contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\n"), codes, "{page}");
    }
}

#[test]
fn readers_of_pages_print_no_warnings() {
    let folder = tempfile::tempdir().unwrap();
    for name in pages(folder.path()) {
        let page = folder.path().join(&name);
        let page = page.to_str().unwrap();
        for (reader, args) in [("groff", &["-man", "-ww", "-Tutf8", "-z"][..]), ("mandoc", &["-Tlint", "-Wwarning"])] {
            let Some(output) = installed(reader, &[args, &[page]].concat()) else { continue };
            let printed = [output.stdout, output.stderr].concat();
            let warnings: Vec<_> = std::str::from_utf8(&printed).unwrap().lines().collect();
            // The date is missing on purpose, so that the same version gives the same pages.
            let warnings: Vec<_> = warnings.into_iter().filter(|line| !line.contains("missing date")).collect();
            assert!(warnings.is_empty(), "{reader} {name}: {warnings:#?}");
        }
    }
}

#[test]
fn the_error_names_a_folder_that_cannot_be_created() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = hss(&["man", file.join("man1").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("error: ") && text.contains("cannot write manual pages to"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_hss")).args(["completions", "bash"]).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    assert!(run.stderr.starts_with(b"error: cannot write the "), "{run:?}");
}
