//! The packages of the workspace that are published, as `cargo metadata` tells them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::bench::process;

/// What of the metadata is of use here.
#[derive(Debug, Deserialize)]
pub(crate) struct Packages {
    packages: Vec<Package>,
    /// Where cargo puts what it builds.
    pub(crate) target_directory: PathBuf,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    manifest_path: PathBuf,
    /// The registries it may go to: nothing stands for all of them, and an empty list for none.
    publish: Option<Vec<String>>,
    /// Each feature, with what it switches on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    targets: Vec<Target>,
    metadata: Option<Settings>,
}

/// A thing that cargo builds of a package.
#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The table `package.metadata` of a manifest.
#[derive(Debug, Deserialize)]
struct Settings {
    docs: Option<Docs>,
}

/// Its table `docs`.
#[derive(Debug, Deserialize)]
struct Docs {
    rs: Option<DocsRs>,
}

/// What docs.rs reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DocsRs {
    #[serde(default)]
    all_features: bool,
    #[serde(default)]
    features: Vec<String>,
}

impl Packages {
    /// The packages of the workspace in this folder, or the sentence why they cannot be told.
    pub(crate) fn of(root: &Path) -> Result<Self, String> {
        let metadata = process::cargo()
            .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cargo cannot be started: {error}"))?;
        if !metadata.status.success() {
            return Err(format!("`cargo metadata` failed:\n{}", String::from_utf8_lossy(&metadata.stderr).trim_end()));
        }
        serde_json::from_slice(&metadata.stdout).map_err(|error| format!("`cargo metadata` cannot be read: {error}"))
    }

    /// Those that are published, by name.
    pub(crate) fn published(&self) -> Vec<&Package> {
        let mut published: Vec<&Package> =
            self.packages.iter().filter(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty())).collect();
        published.sort_by_key(|package| &package.name);
        published
    }
}

impl Package {
    /// The library's name in code, if the package has one.
    pub(crate) fn library(&self) -> Option<&str> {
        let library = self.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "lib"))?;
        Some(&library.name)
    }

    /// The folder of its manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The features that docs.rs shows it with.
    pub(crate) fn shown_features(&self) -> Vec<&str> {
        match self.metadata.as_ref().and_then(|settings| settings.docs.as_ref()).and_then(|docs| docs.rs.as_ref()) {
            Some(shown) if shown.all_features => self.features.keys().map(String::as_str).collect(),
            Some(shown) => shown.features.iter().map(String::as_str).collect(),
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn what_is_published_is_every_crate_and_nothing_else() {
        let packages = Packages::of(Workspace::here().root()).unwrap();
        let published: Vec<(&str, Option<&str>)> =
            packages.published().iter().map(|package| (package.name.as_str(), package.library())).collect();
        assert_eq!(
            published,
            [
                ("hss-cli", None),
                ("huaweicloud-auth", Some("huaweicloud_auth")),
                ("huaweicloud-hss", Some("huaweicloud_hss")),
                ("huaweicloud-hss-codegen", Some("huaweicloud_hss_codegen")),
                ("huaweicloud-hss-emulator", Some("huaweicloud_hss_emulator")),
                ("huaweicloud-hss-httpmock", Some("huaweicloud_hss_httpmock")),
                ("huaweicloud-hss-spec", Some("huaweicloud_hss_spec")),
                ("openapi-drift", Some("openapi_drift")),
            ]
        );
    }

    #[test]
    fn the_features_of_docs_rs_are_read_from_the_manifest() {
        for (settings, expected) in [
            (r#"{"docs": {"rs": {"all-features": true}}}"#, ["a", "b"].as_slice()),
            (r#"{"docs": {"rs": {"features": ["b"], "rustdoc-args": ["--cfg", "docsrs"]}}}"#, &["b"]),
            (r#"{"docs": {}}"#, &[]),
            (r#"{"other": 1}"#, &[]),
            ("null", &[]),
        ] {
            let package: Package = serde_json::from_str(&format!(
                r#"{{"name": "x", "manifest_path": "x/Cargo.toml", "publish": null, "features": {{"a": [], "b": []}},
                    "targets": [], "metadata": {settings}}}"#
            ))
            .unwrap();
            assert_eq!(package.shown_features(), expected, "{settings}");
        }
    }
}
