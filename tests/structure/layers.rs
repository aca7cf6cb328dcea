//! In `huaweicloud-hss`, folders import from their own layer and from those below it, never from one above.

use crate::graph::Graph;
use crate::modules::{Modules, THE_ROOT};
use crate::{root, written};

/// The folders and files of the crate's root, from the bottom up. `generated` names the request context of `http`, and the ids in `types`
/// wrap generated types.
const LAYERS: [&[&str]; 8] = [
    &["clock", "error", "shutdown"],
    &["response"],
    &["http"],
    &["generated"],
    &["types"],
    &["services"],
    &["client", "credentials"],
    &["assets", "fleet", "verify"],
];

fn problems(top: &Graph, layers: &[&[&str]]) -> Vec<String> {
    let layer = |name: &str| layers.iter().position(|names| names.contains(&name));
    let found = top.arrows().filter_map(|(from, to, reason)| match (layer(from), layer(to)) {
        (Some(low), Some(high)) if low < high => Some(format!("{from} is below {to}: {reason}")),
        (None, _) => Some(format!("{from} is in no layer")),
        (_, None) => Some(format!("{to} is in no layer")),
        _ => None,
    });
    let mut found: Vec<String> = found.collect();
    found.dedup();
    found
}

/// Returns which of the folders and files of the crate's root import from which.
fn top(modules: &Modules) -> Graph {
    modules.folders().into_iter().find(|(parent, _)| parent == THE_ROOT).map(|(_, graph)| graph).unwrap_or_default()
}

#[test]
fn nothing_imports_from_a_layer_above() {
    let modules = Modules::read(&root().join("crates/huaweicloud-hss/src/lib.rs"));
    let problems = problems(&top(&modules), &LAYERS);
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn planted_imports_from_above_are_reported() {
    let folder = written(&[
        ("lib.rs", "mod bottom; mod middle; mod top; mod extra;"),
        ("bottom.rs", "use crate::top::inner::Inner; pub struct Bottom;"),
        ("middle.rs", "use crate::bottom::Bottom; pub struct Middle;"),
        ("top/mod.rs", "pub mod inner; use crate::middle::Middle; use crate::bottom::Bottom;"),
        ("top/inner.rs", "pub struct Inner;"),
        ("extra.rs", "use super::middle::Middle;"),
    ]);
    let top = top(&Modules::read(&folder.path().join("lib.rs")));
    let layers: [&[&str]; 3] = [&["bottom"], &["middle"], &["top"]];
    assert_eq!(
        problems(&top, &layers),
        ["bottom is below top: bottom names `crate::top::inner::Inner`", "extra is in no layer"]
    );
}
