//! `cargo xtask explain`: what a rule is there for.

use std::io::{self, Write};

use huaweicloud_hss_codegen::lint;
use openapi_drift::compat;

use crate::Verdict;

pub(crate) fn run(id: Option<&str>, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Verdict> {
    let rules = compat::rules();
    let Some(id) = id else {
        writeln!(out, "Rules of `cargo xtask lint`:")?;
        for (id, why) in lint::RULES {
            writeln!(out, "  {id}: {why}")?;
        }
        writeln!(out, "\nRules of `cargo xtask diff`:")?;
        for rule in &rules {
            writeln!(out, "  {} ({})", rule.id, rule.level)?;
        }
        return Ok(Verdict::Fine);
    };
    if let Some((id, why)) = lint::RULES.iter().find(|(known, _)| *known == id) {
        writeln!(out, "{id}: a rule of `cargo xtask lint`, kept by every spec.\n\nWhy: {why}.")?;
        writeln!(out, "\nspec/README.md says more on how to write a spec.")?;
        return Ok(Verdict::Fine);
    }
    if let Some(rule) = rules.iter().find(|rule| rule.id == id) {
        writeln!(out, "{id}: a rule of `cargo xtask diff`, {} for those who call the service.", rule.level)?;
        writeln!(out, "\nWhy: {}.", rule.why)?;
        if rule.level == compat::Level::Breaking {
            writeln!(
                out,
                "\nIf callers are known to cope, note it in spec/accepted.toml:\n\n[[accepted]]\nid = \"{id}\""
            )?;
            writeln!(out, "operation = \"<operationId>\"\nname = \"<parameter or field, as the report has it>\"")?;
            writeln!(out, "base = \"<the release that is compared with>\"\nreason = \"<why>\"")?;
        }
        return Ok(Verdict::Fine);
    }
    writeln!(err, "there is no rule `{id}`. `cargo xtask explain` lists them all")?;
    Ok(Verdict::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(id: Option<&str>) -> (Verdict, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = run(id, &mut out, &mut err).unwrap();
        out.extend(err);
        (verdict, String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_rule_is_explained() {
        let ids =
            compat::rules().into_iter().map(|rule| rule.id).chain(lint::RULES.iter().map(|(id, _)| (*id).to_owned()));
        let (_, list) = explain(None);
        for id in ids {
            let (verdict, text) = explain(Some(&id));
            assert_eq!(verdict, Verdict::Fine);
            assert!(text.starts_with(&format!("{id}: a rule of")) && text.contains("Why: "), "{text}");
            assert!(list.contains(&format!("  {id}")), "{id}");
        }
        assert_eq!(explain(Some("nothing")).0, Verdict::Unknown);
        insta::assert_snapshot!("breaking_rule", explain(Some("request-body-max-items-lowered")).1);
    }
}
