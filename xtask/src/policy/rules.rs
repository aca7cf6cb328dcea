//! deny.toml as far as it is applied here.

use std::fmt;
use std::ops::Deref;

use semver::{Version, VersionReq};
use serde::Deserialize;
use serde::de::IgnoredAny;
use spdx::{LicenseReq, Licensee};
use toml::Spanned;

/// Where the policy stands.
pub(super) const FILE: &str = "deny.toml";

/// What deny.toml asks for. What it must always ask for is not kept: that all licences, duplicates, sources and wildcards are judged.
pub(super) struct Policy {
    /// Whether packages are judged that some feature alone brings in.
    pub(super) all_features: bool,
    pub(super) allow: Vec<At<Licence>>,
    pub(super) exceptions: Vec<At<Exception>>,
    pub(super) skip: Vec<At<Skip>>,
    pub(super) allow_wildcard_paths: bool,
    /// The lines of keys that problems are told at.
    pub(super) allow_at: usize,
    pub(super) exceptions_at: usize,
    pub(super) skip_at: usize,
    pub(super) wildcards_at: usize,
    pub(super) registry_at: usize,
    pub(super) git_at: usize,
}

impl Policy {
    /// Reads the text of deny.toml. The error names the key.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| format!("{FILE}: {}", error.to_string().trim_end()))?;
        let line = |start: usize| text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        let File { graph, licenses, bans, sources, .. } = file;
        Ok(Self {
            all_features: graph.all_features,
            allow_at: line(licenses.allow.span().start),
            exceptions_at: line(licenses.exceptions.span().start),
            skip_at: line(bans.skip.span().start),
            wildcards_at: line(bans.wildcards.span().start),
            registry_at: line(sources.unknown_registry.span().start),
            git_at: line(sources.unknown_git.span().start),
            allow: lined(licenses.allow, line),
            exceptions: lined(licenses.exceptions, line),
            skip: lined(bans.skip, line),
            allow_wildcard_paths: bans.allow_wildcard_paths,
        })
    }
}

/// A list with the line of each item.
fn lined<T>(list: Spanned<Vec<Spanned<T>>>, line: impl Fn(usize) -> usize) -> Vec<At<T>> {
    list.into_inner().into_iter().map(|item| At { line: line(item.span().start), item: item.into_inner() }).collect()
}

/// An item of a list, and its line.
pub(super) struct At<T> {
    pub(super) line: usize,
    item: T,
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

/// The sections of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    graph: GraphKeys,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
    /// For cargo-deny alone.
    #[serde(rename = "advisories")]
    _advisories: Option<IgnoredAny>,
    /// For cargo-deny alone.
    #[serde(rename = "output")]
    _output: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct GraphKeys {
    all_features: bool,
}

/// What is always so here must be set so for cargo-deny too.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Licences {
    allow: Spanned<Vec<Spanned<Licence>>>,
    exceptions: Spanned<Vec<Spanned<Exception>>>,
    #[serde(rename = "include-dev")]
    _include_dev: True,
    #[serde(rename = "unused-allowed-license")]
    _unused_allowed_license: Level,
    #[serde(rename = "unused-license-exception")]
    _unused_license_exception: Level,
    /// For cargo-deny alone, which compares texts.
    #[serde(rename = "confidence-threshold")]
    _confidence_threshold: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Bans {
    #[serde(rename = "multiple-versions")]
    _multiple_versions: Level,
    #[serde(rename = "multiple-versions-include-dev")]
    _multiple_versions_include_dev: True,
    wildcards: Spanned<Level>,
    #[serde(default)]
    allow_wildcard_paths: bool,
    skip: Spanned<Vec<Spanned<Skip>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sources {
    unknown_registry: Spanned<Level>,
    unknown_git: Spanned<Level>,
}

/// How strict a rule is: there is nothing but `deny` here.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Deny,
}

/// A switch that has to be on.
#[derive(Deserialize)]
#[serde(try_from = "bool")]
struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(on: bool) -> Result<Self, Self::Error> {
        if on { Ok(Self) } else { Err("this must be true: `cargo xtask policy` knows no other way") }
    }
}

/// A licence that is allowed.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Licence(Licensee);

impl Licence {
    /// Is it what a licence expression asks for?
    pub(super) fn satisfies(&self, asked: &LicenseReq) -> bool {
        self.0.satisfies(asked)
    }
}

impl TryFrom<String> for Licence {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Licensee::parse(&name).map(Self).map_err(|error| format!("`{name}` is no SPDX licence: {}", error.reason))
    }
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Licences that are allowed for one crate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    #[serde(rename = "crate")]
    pub(super) of: Spec,
    pub(super) allow: Vec<Licence>,
}

/// Versions of a crate that may stand beside others, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skip {
    #[serde(rename = "crate")]
    pub(super) of: Spec,
    /// For people. It has to be there.
    #[serde(rename = "reason")]
    _reason: String,
}

/// A crate by its name, and some of its versions: `name`, `name@1.2.3` or `name:>=1, <3`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Spec {
    written: String,
    name: String,
    versions: VersionReq,
}

impl Spec {
    pub(super) fn matches(&self, name: &str, version: &Version) -> bool {
        self.name == name && self.versions.matches(version)
    }
}

impl TryFrom<String> for Spec {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let (name, versions) = if let Some((name, version)) = written.split_once('@') {
            (name, VersionReq::parse(&format!("={version}")))
        } else if let Some((name, versions)) = written.split_once(':') {
            (name, VersionReq::parse(versions))
        } else {
            (written.as_str(), Ok(VersionReq::STAR))
        };
        let versions = versions.map_err(|error| format!("`{written}` has no readable version: {error}"))?;
        Ok(Self { name: name.to_owned(), versions, written })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
