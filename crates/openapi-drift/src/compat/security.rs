//! Compares the security of an operation: its alternatives, and their schemes.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::compare::{Call, Comparer};
use super::rules::Direction;
use crate::facts::Location;
use crate::spec::schema::Resolved;
use crate::yaml::Node;

impl<'a> Comparer<'a> {
    pub(super) fn security(&mut self, old: &Call<'a>, new: &Call<'a>, lines: (u64, u64)) {
        let (before, after) = (alternatives(old), alternatives(new));
        let shown = |alternative: &BTreeSet<&str>| alternative.iter().copied().collect::<Vec<_>>().join(" + ");
        let all = |alternatives: &[BTreeSet<&str>]| alternatives.iter().map(shown).collect::<Vec<_>>().join(", ");
        let (request, operation) = (Direction::Request, Location::Operation);
        match (before.is_empty(), after.is_empty()) {
            (true, false) => {
                self.push(request, operation, "security", "added", "", (Json::Null, json!(all(&after))), lines);
            }
            (false, true) => {
                self.push(request, operation, "security", "removed", "", (json!(all(&before)), Json::Null), lines);
            }
            _ => {
                for gone in before.iter().filter(|alternative| !after.contains(alternative)) {
                    let (name, values) = (shown(gone), (json!(shown(gone)), Json::Null));
                    self.push(request, operation, "security-alternative", "removed", &name, values, lines);
                }
                for added in after.iter().filter(|alternative| !before.contains(alternative)) {
                    let (name, values) = (shown(added), (Json::Null, json!(shown(added))));
                    self.push(request, operation, "security-alternative", "added", &name, values, lines);
                }
            }
        }
        let both: BTreeSet<&str> =
            before.iter().flatten().copied().filter(|name| after.iter().flatten().any(|other| other == name)).collect();
        for name in both {
            if let (Some(from), Some(to)) = (scheme(old, name), scheme(new, name)) {
                let identity = |scheme: &Resolved<'_>| {
                    ["type", "in", "name", "scheme"].map(|key| scheme.get_str(key).unwrap_or_default().to_owned())
                };
                if identity(&from) != identity(&to) {
                    let shown = |scheme: &Resolved<'_>| json!(identity(scheme).join(" ").trim());
                    let lines = (from.node.at.line, to.node.at.line);
                    self.push(
                        request,
                        operation,
                        "security-scheme",
                        "changed",
                        name,
                        (shown(&from), shown(&to)),
                        lines,
                    );
                } else {
                    self.credential(&from, &to);
                }
            }
        }
    }
}

/// Returns the sets of schemes of which one must be met; none if no credentials are needed.
fn alternatives<'a>(call: &Call<'a>) -> Vec<BTreeSet<&'a str>> {
    let list = call.get("security").map(|node| node.node).or_else(|| call.root().get("security"));
    list.map_or(&[][..], Node::items)
        .iter()
        .map(|alternative| alternative.entries().iter().map(|scheme| scheme.key.as_str()).collect())
        .collect()
}

fn scheme<'a>(call: &Call<'a>, name: &str) -> Option<Resolved<'a>> {
    let schemes = call.root().get("components")?.get("securitySchemes")?;
    schemes.get(name).map(|node| Resolved::of(node, call.root()))
}
