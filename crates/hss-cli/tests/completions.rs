//! What `hss completions` and `hss man` print is taken by those it is for: shells complete with it, and readers of pages show it.
//!
//! A shell or reader that is not installed is skipped and says so; with `HSS_SHELLS=required` set, as in `.ci/run`, that is a failure.

#![cfg(feature = "completions")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output};

/// Shells that no package source of `.ci/run` has: to be without them is no failure there.
const RARE: &[&str] = &["pwsh"];

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
            assert!(!required || RARE.contains(&program), "{program} is required and not installed");
            // Past the capture of the test's output, so that it is seen.
            let mut seen = io::stderr();
            writeln!(seen, "skipped: {program} is not installed").unwrap();
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// What a shell prints when it has read the script and then runs these lines.
fn completed(shell: &str, flag: &str, before: &str, then: &str) -> Option<Vec<String>> {
    let output = installed(shell, &[flag, &format!("{before}\n{}\n{then}", script(shell))])?;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shell}: {text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn every_script_names_every_verb_and_asks_no_service() {
    for shell in SHELLS {
        let script = script(shell);
        for verb in ["scan", "status", "report", "whoami", "enterprise-projects", "completions"] {
            assert!(script.contains(verb), "{shell} does not know {verb}");
        }
        assert!(!script.contains("(hss ") && !script.contains("COMPLETE="), "{shell} calls hss");
    }
}

#[test]
fn bash_completes_verbs_flags_and_values() {
    let complete = |words: &str| {
        // The words are those typed so far, the last of them in part.
        let call = format!(
            "compopt() {{ :; }}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _hss hss \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"\necho \"${{COMPREPLY[@]}}\""
        );
        completed("bash", "-c", "", &call)
    };
    let Some(registered) = completed("bash", "-c", "", "complete -p hss") else { return };
    assert_eq!(registered.last().unwrap(), "hss", "{registered:?}");
    assert_eq!(complete("hss s").unwrap(), ["scan", "status"]);
    assert_eq!(complete("hss hosts li").unwrap(), ["list"]);
    assert_eq!(complete("hss scan --wait").unwrap(), ["--wait", "--wait-timeout"]);
    assert_eq!(complete("hss scan --output js").unwrap(), ["json", "jsonl"]);
    assert_eq!(complete("hss completions p").unwrap(), ["powershell"]);
}

#[test]
fn zsh_takes_the_script_and_binds_it() {
    let bound = completed("zsh", "-fc", "autoload -U compinit && compinit -D -u", "print $_comps[hss]");
    if let Some(bound) = bound {
        assert_eq!(bound, ["_hss"]);
    }
}

#[test]
fn fish_completes_verbs_flags_and_values() {
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
    // The namespace of the editor, which is there at a terminal only.
    let editor =
        "var edit: = (ns [&completion:=(ns [&arg-completer=[&]]) &complex-candidate~={|a &display=''| put $a }])";
    let complete = "$edit:completion:arg-completer[hss] hss scan -- | each {|found| echo $found }";
    let Some(found) = completed("elvish", "-c", editor, complete) else { return };
    assert!(found.iter().any(|flag| flag == "--hosts-from"), "{found:?}");
}

#[test]
fn powershell_completes_verbs() {
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
fn an_unknown_shell_is_refused_with_those_there_are() {
    let output = hss(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("'tcsh'") && SHELLS.iter().all(|shell| text.contains(shell)), "{text}");
}

/// Writes the pages into a folder that is not there yet, and gives their names.
fn pages(folder: &Path) -> Vec<String> {
    let output = hss(&["man", folder.to_str().unwrap()]);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn there_is_a_page_for_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let names = pages(&folder.path().join("share/man/man1"));
    insta::assert_snapshot!("pages", names.join("\n"));
}

#[test]
fn a_page_says_what_the_long_help_says() {
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
fn readers_of_pages_warn_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in pages(folder.path()) {
        let page = folder.path().join(&name);
        let page = page.to_str().unwrap();
        for (reader, args) in [("groff", &["-man", "-ww", "-Tutf8", "-z"][..]), ("mandoc", &["-Tlint", "-Wwarning"])] {
            let Some(output) = installed(reader, &[args, &[page]].concat()) else { continue };
            let said = [output.stdout, output.stderr].concat();
            let said: Vec<_> = std::str::from_utf8(&said).unwrap().lines().collect();
            // There is no date on purpose: the same version gives the same pages.
            let said: Vec<_> = said.into_iter().filter(|line| !line.contains("missing date")).collect();
            assert!(said.is_empty(), "{reader} {name}: {said:#?}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = hss(&["man", file.join("man1").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("error: ") && text.contains("man1: the pages cannot be written"), "{text}");
}
