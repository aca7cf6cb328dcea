//! Which spec becomes which generated file of which crate.

use std::path::{Path, PathBuf};

/// Name and version of the generator. The workspace's `Cargo.toml` pins this version; a test compares them.
pub const GENERATOR: &str = "progenitor 0.15.1";

/// One generated file: its spec, its crate and what it holds.
#[derive(Debug)]
pub struct GeneratedFile {
    /// The crate that compiles it.
    pub package: &'static str,
    /// The spec's file name, below `spec/` in the workspace.
    pub spec: &'static str,
    /// The generated file's name, in `OUT_DIR` and below the crate's `generated/`.
    pub file_name: &'static str,
    /// What is generated.
    pub output: Output,
}

/// What is generated, and the hand-written items that the generated code names.
#[derive(Debug)]
pub enum Output {
    /// A client with its types and bounds.
    Client {
        /// Type that carries one attempt's credentials to the hooks (docs/design/generator-traps.md#p8).
        inner: &'static str,
        /// Type `X<MIN, MAX>` that replaces a list of strings with documented bounds
        /// (docs/design/generator-traps.md#p13).
        list: &'static str,
        /// Type of documented bounds.
        bounds: &'static str,
        /// Type of a secret string: one with `format: password`.
        secret: &'static str,
    },
    /// Typed mocks for a client in another crate.
    Mocks {
        /// Path of the module that holds the client.
        client: &'static str,
    },
}

/// A client of crate `huaweicloud-hss`, with that crate's types.
const CLIENT: Output = Output::Client {
    inner: "crate::RequestContext",
    list: "crate::BoundedVec",
    bounds: "crate::Bounds",
    secret: "crate::generated::secret_string::SecretString",
};

/// The HSS client of crate `huaweicloud-hss`.
pub const HSS_CLIENT: GeneratedFile =
    GeneratedFile { package: "huaweicloud-hss", spec: "hss.yaml", file_name: "hss.rs", output: CLIENT };

/// The IAM client of crate `huaweicloud-hss`: a token for a password, a project id for a region.
pub const IAM_CLIENT: GeneratedFile =
    GeneratedFile { package: "huaweicloud-hss", spec: "iam.yaml", file_name: "iam.rs", output: CLIENT };

/// The EPS client of crate `huaweicloud-hss`: the enterprise projects of an account.
pub const EPS_CLIENT: GeneratedFile =
    GeneratedFile { package: "huaweicloud-hss", spec: "eps.yaml", file_name: "eps.rs", output: CLIENT };

/// The client of the asset inventory in crate `huaweicloud-hss`.
pub const ASSETS_CLIENT: GeneratedFile =
    GeneratedFile { package: "huaweicloud-hss", spec: "assets.yaml", file_name: "assets.rs", output: CLIENT };

/// The typed mocks of crate `huaweicloud-hss-httpmock`.
pub const HSS_MOCKS: GeneratedFile = GeneratedFile {
    package: "huaweicloud-hss-httpmock",
    spec: "hss.yaml",
    file_name: "hss.rs",
    output: Output::Mocks { client: "huaweicloud_hss::api" },
};

/// The typed mocks of the asset inventory in crate `huaweicloud-hss-httpmock`.
pub const ASSETS_MOCKS: GeneratedFile = GeneratedFile {
    package: "huaweicloud-hss-httpmock",
    spec: "assets.yaml",
    file_name: "assets.rs",
    output: Output::Mocks { client: "huaweicloud_hss::assets::api" },
};

impl GeneratedFile {
    /// Every generated file of the workspace.
    pub const ALL: &[&Self] = &[&HSS_CLIENT, &IAM_CLIENT, &EPS_CLIENT, &ASSETS_CLIENT, &HSS_MOCKS, &ASSETS_MOCKS];

    /// Returns the path of the reviewed snapshot, below the workspace's root.
    #[must_use]
    pub fn snapshot_path(&self, workspace: &Path) -> PathBuf {
        workspace.join("crates").join(self.package).join("generated").join(self.file_name)
    }

    /// Returns the path of the spec, below the workspace's root.
    #[must_use]
    pub fn spec_path(&self, workspace: &Path) -> PathBuf {
        workspace.join("spec").join(self.spec)
    }
}
