//! `cargo xtask explain`: the reason for a rule of `lint` or `diff`.

use huaweicloud_hss_codegen::lint;
use openapi_drift::compat;

use crate::outcome::Outcome;

pub(crate) fn run(id: Option<&str>) -> Outcome {
    let mut outcome = Outcome::default();
    let rules = compat::rules();
    let Some(id) = id else {
        outcome.line("Rules of `cargo xtask lint`:");
        for lint::Rule { id, reason, .. } in lint::RULES {
            outcome.line(format_args!("  {id}: {reason}"));
        }
        outcome.line("\nRules of `cargo xtask diff`:");
        for rule in &rules {
            outcome.line(format_args!("  {} ({})", rule.id, rule.severity));
        }
        return outcome;
    };
    if let Some(lint::Rule { id, reason, .. }) = lint::RULES.iter().find(|rule| rule.id == id) {
        outcome.line(format_args!("{id}: a rule of `cargo xtask lint` for every spec.\n\nWhy: {reason}."));
        outcome.line("\nFor how to write a spec, see spec/README.md.");
    } else if let Some(rule) = rules.iter().find(|rule| rule.id == id) {
        outcome.line(format_args!("{id}: a rule of `cargo xtask diff`. Severity for callers: {}.", rule.severity));
        outcome.line(format_args!("\nWhy: {}.", rule.why));
        if rule.severity == compat::Severity::Breaking {
            outcome.line("\nIf a review shows that no caller is affected, accept the change in spec/accepted.toml:\n\n[[accepted]]");
            outcome.line(format_args!("id = \"{id}\""));
            outcome.line("operation = \"<operationId>\"\nname = \"<parameter or field, as in the report>\"");
            outcome.line("base = \"<the older release>\"\nreason = \"<why>\"");
        }
    } else {
        outcome.fail(format_args!("unknown rule `{id}`: `cargo xtask explain` lists all rules"));
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;

    fn explain(id: Option<&str>) -> (Status, String) {
        let outcome = run(id);
        (outcome.status, outcome.out + &outcome.err)
    }

    #[test]
    fn every_rule_is_explained() {
        let ids =
            compat::rules().into_iter().map(|rule| rule.id).chain(lint::RULES.iter().map(|rule| rule.id.to_owned()));
        let (_, list) = explain(None);
        for id in ids {
            let (status, text) = explain(Some(&id));
            assert_eq!(status, Status::Clean);
            assert!(text.starts_with(&format!("{id}: a rule of")) && text.contains("Why: "), "{text}");
            assert!(list.contains(&format!("  {id}")), "{id}");
        }
        assert_eq!(explain(Some("nothing")).0, Status::Error);
        insta::assert_snapshot!("breaking_rule", explain(Some("request-body-max-items-lowered")).1);
    }
}
