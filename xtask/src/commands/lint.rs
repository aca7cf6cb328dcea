//! `cargo xtask lint`: reports what the generator would reject or drop, with line, column and fix.

use std::fs;

use huaweicloud_hss_codegen::{Diagnostic, lint, read_yaml};
use serde_json::json;

use crate::outcome::{Format, Outcome, Status};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, format: Format) -> Outcome {
    let files = match workspace.files("spec", "yaml") {
        Ok(files) if files.is_empty() => return Outcome::error("spec/: no spec found".to_owned()),
        Ok(files) => files,
        Err(message) => return Outcome::error(message),
    };
    let mut outcome = Outcome::default();
    let mut found: Vec<(String, Diagnostic)> = Vec::new();
    for file in &files {
        let name = workspace.shown(file);
        match fs::read_to_string(file) {
            Err(error) => outcome.fail(format_args!("{name}: cannot be read: {error}")),
            Ok(text) => match read_yaml(&text) {
                Err(problems) => outcome.fail(format_args!("{name}:{problems}")),
                Ok(root) => {
                    let problems = lint::check(&root).err();
                    let problems = problems.iter().flat_map(|problems| problems.as_slice());
                    found.extend(problems.map(|problem| (name.clone(), problem.clone())));
                }
            },
        }
    }
    if !found.is_empty() {
        outcome.worsen(Status::Dirty);
    }
    match format {
        Format::Text if outcome.status == Status::Clean => {
            outcome.line(format_args!("{} specs follow all {} rules", files.len(), lint::RULES.len()));
        }
        Format::Text => {
            for (name, problem) in &found {
                outcome.line(format_args!("{name}:{problem}"));
            }
        }
        Format::Json => {
            let findings: Vec<_> = found
                .iter()
                .map(|(name, problem)| {
                    json!({
                        "file": name, "line": problem.at.line, "column": problem.at.column, "rule": problem.rule,
                        "message": problem.message, "help": problem.help,
                    })
                })
                .collect();
            outcome.line(format_args!("{:#}", json!(findings)));
        }
        Format::Github => {
            for (name, problem) in &found {
                let message = format!("{}. {}", problem.message, problem.help);
                outcome.out +=
                    &openapi_drift::github_annotation("error", name, problem.at.line, problem.rule, &message);
            }
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{copy_of_workspace, edit};

    fn lint(workspace: &Workspace, format: Format) -> (Status, String, String) {
        let outcome = run(workspace, format);
        (outcome.status, outcome.out, outcome.err)
    }

    #[test]
    fn this_workspace_follows_the_rules() {
        let (status, out, err) = lint(&Workspace::here(), Format::Text);
        assert_eq!((status, err.as_str()), (Status::Clean, ""), "{out}");
        assert!(out.contains("specs follow all"), "{out}");
    }

    #[test]
    fn a_violation_is_reported_with_line_and_fix_in_each_format() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, "spec/hss.yaml", "  version: 0.1.0", "  versoin: 0.1.0");
        let spec = std::fs::read_to_string(workspace.root().join("spec/hss.yaml")).unwrap();
        let line = spec.lines().position(|line| line.contains("versoin")).unwrap() + 1;
        let (status, text, _) = lint(&workspace, Format::Text);
        assert_eq!(status, Status::Dirty);
        assert_eq!(
            text,
            format!(
                "spec/hss.yaml:{line}:3: [unknown-key] `versoin` is not a key of the info object. Did you mean `version`?\n"
            )
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
    fn invalid_yaml_is_an_error() {
        let (_folder, workspace) = copy_of_workspace();
        edit(&workspace, "spec/hss.yaml", "openapi: 3.0.3", "openapi: [");
        let (status, out, err) = lint(&workspace, Format::Json);
        assert_eq!((status, out.as_str()), (Status::Error, "[]\n"));
        assert!(err.contains("this is not valid YAML"), "{err}");
    }
}
