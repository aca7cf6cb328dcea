//! `cargo xtask lint`: what the generator would choke on or drop, with line, column and the way out.

use std::fs;
use std::io::{self, Write};

use huaweicloud_hss_codegen::{Problem, lint, read_yaml};
use serde_json::json;

use crate::Verdict;
use crate::format::Format;
use crate::workspace::Workspace;

pub(crate) fn run(
    workspace: &Workspace,
    format: Format,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Verdict> {
    let files = match workspace.files("spec", "yaml") {
        Ok(files) if !files.is_empty() => files,
        Ok(_) => {
            writeln!(err, "spec/: there is no spec")?;
            return Ok(Verdict::Unknown);
        }
        Err(sentence) => {
            writeln!(err, "{sentence}")?;
            return Ok(Verdict::Unknown);
        }
    };
    let mut found: Vec<(String, Problem)> = Vec::new();
    let mut verdict = Verdict::Fine;
    for file in &files {
        let name = workspace.shown(file);
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                writeln!(err, "{name}: cannot be read: {error}")?;
                verdict = Verdict::Unknown;
                continue;
            }
        };
        match read_yaml(&text) {
            Ok(root) => {
                let problems = lint::check(&root).err();
                let problems = problems.iter().flat_map(|problems| problems.as_slice());
                found.extend(problems.map(|problem| (name.clone(), problem.clone())));
            }
            Err(problems) => {
                writeln!(err, "{name}:{problems}")?;
                verdict = Verdict::Unknown;
            }
        }
    }
    match format {
        Format::Text => {
            for (name, problem) in &found {
                writeln!(out, "{name}:{problem}")?;
            }
            if found.is_empty() && verdict == Verdict::Fine {
                writeln!(out, "{} specs keep all {} rules", files.len(), lint::RULES.len())?;
            }
        }
        Format::Json => {
            let findings: Vec<_> = found
                .iter()
                .map(|(name, problem)| {
                    json!({"file": name, "line": problem.at.line, "column": problem.at.column, "rule": problem.rule, "message": problem.message, "help": problem.help})
                })
                .collect();
            writeln!(out, "{:#}", json!(findings))?;
        }
        Format::Github => {
            for (name, problem) in &found {
                let message = format!("{}. {}", problem.message, problem.help);
                write!(out, "{}", openapi_drift::github("error", name, problem.at.line, problem.rule, &message))?;
            }
        }
    }
    Ok(verdict.and(if found.is_empty() { Verdict::Fine } else { Verdict::Drift }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::tests::{copy_of_the_workspace, edit};

    fn lint(workspace: &Workspace, format: Format) -> (Verdict, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = run(workspace, format, &mut out, &mut err).unwrap();
        (verdict, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn this_workspace_keeps_the_rules() {
        let (verdict, out, err) = lint(&Workspace::here(), Format::Text);
        assert_eq!((verdict, err.as_str()), (Verdict::Fine, ""), "{out}");
        assert!(out.contains("specs keep all"), "{out}");
    }

    #[test]
    fn a_broken_rule_has_its_place_and_the_way_out_in_each_format() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, "spec/hss.yaml", "  version: 0.1.0", "  versoin: 0.1.0");
        let spec = std::fs::read_to_string(workspace.root().join("spec/hss.yaml")).unwrap();
        let line = spec.lines().position(|line| line.contains("versoin")).unwrap() + 1;
        let (verdict, text, _) = lint(&workspace, Format::Text);
        assert_eq!(verdict, Verdict::Drift);
        assert_eq!(
            text,
            format!("spec/hss.yaml:{line}:3: [unknown-key] `versoin` is no key of an info. Did you mean `version`?\n")
        );
        let (_, json, _) = lint(&workspace, Format::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (&json[0]["file"], &json[0]["line"], &json[0]["rule"]),
            (&json!("spec/hss.yaml"), &json!(line), &json!("unknown-key"))
        );
        let (_, github, _) = lint(&workspace, Format::Github);
        let start = format!("::error file=spec/hss.yaml,line={line},title=unknown-key::`versoin`");
        assert!(github.starts_with(&start), "{github}");
    }

    #[test]
    fn what_is_no_yaml_cannot_be_told() {
        let (_folder, workspace) = copy_of_the_workspace();
        edit(&workspace, "spec/hss.yaml", "openapi: 3.0.3", "openapi: [");
        let (verdict, out, err) = lint(&workspace, Format::Json);
        assert_eq!((verdict, out.as_str()), (Verdict::Unknown, "[]\n"));
        assert!(err.contains("this is not readable YAML"), "{err}");
    }
}
