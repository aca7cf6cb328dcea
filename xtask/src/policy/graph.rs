//! The packages that cargo resolved, without those that no feature asks for, and the shortest way to each.
//!
//! All targets count, and so do the tests of this workspace. A feature that only a package left out turns on counts as on, so that
//! here and there a package more is judged than `cargo tree --all-features --target all` shows.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use semver::Version;
use serde::Deserialize;

/// What is read of `cargo metadata`.
#[derive(Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

/// A package as its manifest has it.
#[derive(Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) license: Option<String>,
    /// Nothing for a folder.
    pub(super) source: Option<String>,
    /// The registries it may go to; nothing for any, and an empty list for none.
    publish: Option<Vec<String>>,
    pub(super) dependencies: Vec<Dependency>,
    features: BTreeMap<String, Vec<String>>,
}

impl Package {
    /// Is it never published?
    pub(super) fn is_private(&self) -> bool {
        self.publish.as_ref().is_some_and(Vec::is_empty)
    }

    /// Do these features ask for a package of this name? Cargo's resolver has optional ones in its graph that no feature asks for.
    fn asks_for(&self, name: &str, features: &[String]) -> bool {
        let asked = |dependency: &Dependency| {
            let key = dependency.rename.as_deref().unwrap_or(name);
            let mut parts = features.iter().filter_map(|feature| self.features.get(feature)).flatten();
            parts.any(|part| match part.split_once('/') {
                Some((dependency, _)) => dependency == key,
                None => part.strip_prefix("dep:") == Some(key),
            })
        };
        let mut named = self.dependencies.iter().filter(|dependency| dependency.name == name);
        named.any(|dependency| !dependency.optional || asked(dependency))
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A dependency as a manifest has it.
#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    rename: Option<String>,
    optional: bool,
    pub(super) req: String,
    /// `dev`, `build`, or nothing for a normal one.
    pub(super) kind: Option<String>,
    /// Its folder, if it has one.
    pub(super) path: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

/// What a package was resolved to.
#[derive(Deserialize)]
struct Node {
    id: String,
    features: Vec<String>,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
}

/// The packages that are asked for.
pub(super) struct Graph<'a> {
    packages: Vec<&'a Package>,
    /// Who brings a package in, by their ids; nobody a member of the workspace.
    brought_by: BTreeMap<&'a str, Option<&'a Package>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(metadata: &'a Metadata) -> Self {
        let by_id: BTreeMap<&str, &Package> = metadata.packages.iter().map(|one| (one.id.as_str(), one)).collect();
        let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut members: Vec<&Package> =
            metadata.workspace_members.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
        members.sort_by_key(|member| &member.name);
        let mut brought_by: BTreeMap<&str, Option<&Package>> =
            members.iter().map(|member| (member.id.as_str(), None)).collect();
        // Breadth first, so that the first way found is a shortest one.
        let mut packages = Vec::new();
        let mut next = VecDeque::from(members);
        while let Some(package) = next.pop_front() {
            packages.push(package);
            let Some(node) = nodes.get(package.id.as_str()) else { continue };
            for edge in &node.deps {
                let Some(other) = by_id.get(edge.pkg.as_str()) else { continue };
                if !brought_by.contains_key(other.id.as_str()) && package.asks_for(&other.name, &node.features) {
                    brought_by.insert(&other.id, Some(package));
                    next.push_back(other);
                }
            }
        }
        packages.sort_by_key(|package| (&package.name, &package.version));
        Self { packages, brought_by }
    }

    /// All of them, by name and version.
    pub(super) fn packages(&self) -> &[&'a Package] {
        &self.packages
    }

    pub(super) fn is_member(&self, package: &Package) -> bool {
        self.brought_by(package).is_none()
    }

    /// Why a package is there, as a sentence without its end.
    pub(super) fn comes(&self, package: &Package) -> String {
        if self.is_member(package) {
            "It is of this workspace".to_owned()
        } else {
            format!("It comes by {}", self.way(package))
        }
    }

    /// The names from a member of the workspace to this package.
    pub(super) fn way(&self, package: &Package) -> String {
        let mut names = vec![package.name.as_str()];
        let mut at = self.brought_by(package);
        while let Some(package) = at {
            names.push(&package.name);
            at = self.brought_by(package);
        }
        names.reverse();
        names.join(" > ")
    }

    fn brought_by(&self, package: &Package) -> Option<&'a Package> {
        self.brought_by.get(package.id.as_str()).copied().flatten()
    }
}
