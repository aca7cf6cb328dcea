//! The judgement: a policy and a graph in, problems out, and nothing else read.

use std::collections::BTreeMap;
use std::fmt;

use spdx::{Expression, LicenseReq, ParseMode};

use super::graph::{Dependency, Graph, Package};
use super::rules::{FILE, Licence, Policy};

/// How cargo marks a registry of the kind that the public one is.
const REGISTRY: &str = "registry+";

/// Something that the policy does not allow, or has no more need of.
#[derive(Clone)]
pub(super) struct Problem {
    line: usize,
    rule: &'static str,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FILE}:{}: [{}] {}", self.line, self.rule, self.message)
    }
}

/// All problems, rule by rule.
pub(super) fn judge(policy: &Policy, graph: &Graph<'_>) -> Vec<Problem> {
    [licences(policy, graph), duplicates(policy, graph), sources(policy, graph), wildcards(policy, graph)].concat()
}

/// Each package is under licences that are allowed, and nothing is allowed in vain.
fn licences(policy: &Policy, graph: &Graph<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut allowed: Vec<Allowed<'_>> = policy.allow.iter().map(|licence| Allowed::new(licence)).collect();
    let mut exceptions: Vec<Vec<Allowed<'_>>> =
        policy.exceptions.iter().map(|exception| exception.allow.iter().map(Allowed::new).collect()).collect();
    for package in graph.packages() {
        let mut is_allowed = |asked: &LicenseReq| {
            // The first that meets it is of use; one that stands there twice, or as an exception too, is not.
            let everywhere = allowed.iter_mut().any(|one| one.meets(asked));
            let here = policy.exceptions.iter().zip(&mut exceptions);
            let mut here = here.filter(|(exception, _)| exception.of.matches(&package.name, &package.version));
            everywhere || here.any(|(_, licences)| licences.iter_mut().any(|one| one.meets(asked)))
        };
        let Some((why, can_be_allowed)) = refusal(package.license.as_deref(), &mut is_allowed) else { continue };
        let (line, or) = if can_be_allowed {
            (policy.exceptions_at, ", or add an exception for it to `exceptions`")
        } else {
            (policy.allow_at, "")
        };
        let message = format!("{package} {why}. {}. Do without it{or}", graph.comes(package));
        problems.push(Problem { line, rule: "licence", message });
    }
    for (licence, allowed) in policy.allow.iter().zip(&allowed).filter(|(_, allowed)| !allowed.used) {
        let message = format!("no package is under `{}`. Take it out of `allow`", allowed.licence);
        problems.push(Problem { line: licence.line, rule: "stale", message });
    }
    for (exception, licences) in policy.exceptions.iter().zip(&exceptions) {
        for unused in licences.iter().filter(|one| !one.used) {
            let message = format!(
                "no package `{}` needs an exception for `{}`. Take it out of `exceptions`",
                exception.of, unused.licence
            );
            problems.push(Problem { line: exception.line, rule: "stale", message });
        }
    }
    problems
}

/// Why a licence is refused, if it is, and whether deny.toml could allow it.
fn refusal(written: Option<&str>, is_allowed: impl FnMut(&LicenseReq) -> bool) -> Option<(String, bool)> {
    let Some(written) = written else { return Some(("states no licence".to_owned(), false)) };
    let expression = match Expression::parse_mode(written, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some((format!("states `{written}`, which is no licence expression: {}", error.reason), false));
        }
    };
    let refused = expression.evaluate_with_failures(is_allowed).err()?;
    let mut refused: Vec<String> = refused.iter().map(|one| format!("`{}`", one.req)).collect();
    refused.dedup();
    Some((format!("is under `{written}`, and nothing allows {}", refused.join(", ")), true))
}

/// A licence that is allowed, and whether a package has it.
struct Allowed<'a> {
    licence: &'a Licence,
    used: bool,
}

impl<'a> Allowed<'a> {
    fn new(licence: &'a Licence) -> Self {
        Self { licence, used: false }
    }

    fn meets(&mut self, asked: &LicenseReq) -> bool {
        let meets = self.licence.satisfies(asked);
        self.used |= meets;
        meets
    }
}

/// No crate is there in two versions, and no version is skipped in vain.
fn duplicates(policy: &Policy, graph: &Graph<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut by_name: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in graph.packages() {
        by_name.entry(&package.name).or_default().push(package);
    }
    for (name, packages) in &by_name {
        let skipped = |package: &Package| policy.skip.iter().any(|skip| skip.of.matches(name, &package.version));
        let left: Vec<&&Package> = packages.iter().filter(|package| !skipped(package)).collect();
        let [first, _, ..] = left.as_slice() else { continue };
        let ways: Vec<String> =
            left.iter().map(|package| format!("{} by {}", package.version, graph.way(package))).collect();
        let message = format!(
            "`{name}` is there in {} versions: {}. Move to one of them, or add to `skip`: {{ crate = \"{name}@{}\", reason = \"…\" }}",
            left.len(),
            ways.join(", "),
            first.version
        );
        problems.push(Problem { line: policy.skip_at, rule: "duplicate", message });
    }
    for skip in &policy.skip {
        let mut named = by_name.values().filter(|all| all.iter().any(|one| skip.of.matches(&one.name, &one.version)));
        let why = match named.next() {
            None => format!("no package is `{}`", skip.of),
            Some(all) if all.len() == 1 => format!("`{}` stands beside no other version", skip.of),
            Some(_) => continue,
        };
        problems.push(Problem { line: skip.line, rule: "stale", message: format!("{why}. Take it out of `skip`") });
    }
    problems
}

/// Each package is of this workspace, or of the registry that all others are of.
fn sources(policy: &Policy, graph: &Graph<'_>) -> Vec<Problem> {
    let mut registries: BTreeMap<&str, usize> = BTreeMap::new();
    for source in graph.packages().iter().filter_map(|package| package.source.as_deref()) {
        if source.starts_with(REGISTRY) {
            *registries.entry(source).or_default() += 1;
        }
    }
    let usual = registries.into_iter().max_by_key(|(_, packages)| *packages).map(|(source, _)| source);
    let problem = |package: &&Package| {
        let (line, place) = match package.source.as_deref() {
            None if graph.is_member(package) => return None,
            None => (policy.registry_at, "a folder outside the workspace".to_owned()),
            source if source == usual => return None,
            Some(source) if source.starts_with("git+") => (policy.git_at, source.to_owned()),
            Some(source) => (policy.registry_at, format!("another registry, {source}")),
        };
        let comes = graph.comes(package);
        let message =
            format!("{package} is from {place}. {comes}. Take a release of the registry that all others are of");
        Some(Problem { line, rule: "source", message })
    };
    graph.packages().iter().filter_map(problem).collect()
}

/// No manifest takes any version of a dependency, whatever it be.
fn wildcards(policy: &Policy, graph: &Graph<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in graph.packages() {
        let harmless = |dependency: &Dependency| {
            let dev = dependency.kind.as_deref() == Some("dev");
            policy.allow_wildcard_paths && dependency.path.is_some() && (dev || package.is_private())
        };
        for dependency in package.dependencies.iter().filter(|one| one.req == "*" && !harmless(one)) {
            let message = format!(
                "{package} takes any version of `{}`. {}. State a version",
                dependency.name,
                graph.comes(package)
            );
            problems.push(Problem { line: policy.wildcards_at, rule: "wildcard", message });
        }
    }
    problems
}
