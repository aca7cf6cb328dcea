//! Which spec becomes which generated file of which crate.

use std::path::{Path, PathBuf};

/// One generated file: where it comes from, where it goes, and how.
#[derive(Debug)]
pub struct Job {
    /// The crate that compiles it.
    pub package: &'static str,
    /// The spec's file name, below `spec/` in the workspace and in the crate alike.
    pub spec: &'static str,
    /// The generated file's name, in `OUT_DIR` and below the crate's `generated/`.
    pub output: &'static str,
    /// What is generated.
    pub kind: Kind,
}

/// What is generated, and which hand-written items the generated code names.
#[derive(Debug)]
pub enum Kind {
    /// A client with its types and limits.
    Client {
        /// Type that carries one attempt's credentials to the hooks (design trap P8).
        inner: &'static str,
        /// Type `X<MIN, MAX>` that stands for a list of texts with documented bounds (P13).
        list: &'static str,
        /// Type of a documented limit.
        limit: &'static str,
        /// Type of a text that must not be printed: one with `format: password`.
        secret: &'static str,
    },
    /// Typed mocks for a client that another crate holds.
    Mocks {
        /// Path of the module that holds the client.
        client: &'static str,
    },
}

/// A client of crate `huaweicloud-hss`, with that crate's types.
const CLIENT: Kind = Kind::Client {
    inner: "crate::hooks::RequestContext",
    list: "crate::BoundedVec",
    limit: "crate::Bounds",
    secret: "crate::secret_text::SecretString",
};

/// The client of crate `huaweicloud-hss`.
pub const HSS_CLIENT: Job = Job { package: "huaweicloud-hss", spec: "hss.yaml", output: "hss.rs", kind: CLIENT };

/// The IAM client of crate `huaweicloud-hss`: a token for a password, a project id for a region.
pub const IAM_CLIENT: Job = Job { package: "huaweicloud-hss", spec: "iam.yaml", output: "iam.rs", kind: CLIENT };

/// The EPS client of crate `huaweicloud-hss`: the enterprise projects of an account.
pub const EPS_CLIENT: Job = Job { package: "huaweicloud-hss", spec: "eps.yaml", output: "eps.rs", kind: CLIENT };

/// The typed mocks of crate `huaweicloud-hss-httpmock`.
pub const HSS_MOCKS: Job = Job {
    package: "huaweicloud-hss-httpmock",
    spec: "hss.yaml",
    output: "hss.rs",
    kind: Kind::Mocks { client: "huaweicloud_hss::api" },
};

/// Every generated file of the workspace.
pub const JOBS: &[&Job] = &[&HSS_CLIENT, &IAM_CLIENT, &EPS_CLIENT, &HSS_MOCKS];

impl Job {
    /// The reviewed snapshot, below the workspace's root.
    #[must_use]
    pub fn snapshot_path(&self, workspace: &Path) -> PathBuf {
        workspace.join("crates").join(self.package).join("generated").join(self.output)
    }

    /// The spec, below the workspace's root.
    #[must_use]
    pub fn spec_path(&self, workspace: &Path) -> PathBuf {
        workspace.join("spec").join(self.spec)
    }

    /// Generates into `OUT_DIR`, from within a build script of the crate that compiles the result.
    ///
    /// The spec is read from the crate's own `spec/` folder, so that a packaged crate has all it needs. Nothing is written
    /// outside `OUT_DIR`, and cargo is told to run the script again when the spec changes. What is wrong is told to cargo, which
    /// shows it and fails the build.
    #[expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
    pub fn run_build_script(&self) {
        println!("cargo::rerun-if-changed=build.rs");
        for line in self.build().err().iter().flat_map(|text| text.lines()) {
            println!("cargo::error={line}");
        }
    }

    #[expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
    fn build(&self) -> Result<(), String> {
        let variable = |name: &str| {
            let value = std::env::var_os(name).map(PathBuf::from);
            value.ok_or_else(|| format!("{name} is not set: only cargo runs this build script"))
        };
        let spec = variable("CARGO_MANIFEST_DIR")?.join("spec").join(self.spec);
        println!("cargo::rerun-if-changed={}", spec.display());
        let text =
            std::fs::read_to_string(&spec).map_err(|error| format!("cannot read {}: {error}", spec.display()))?;
        let code = self.generate(&text).map_err(|problems| {
            let lines = problems.as_slice().iter().map(|problem| format!("{}:{problem}", spec.display()));
            lines.collect::<Vec<String>>().join("\n")
        })?;
        let output = variable("OUT_DIR")?.join(self.output);
        // What is the same keeps its time, so that nothing built of it looks old.
        if std::fs::read_to_string(&output).is_ok_and(|before| before == code) {
            return Ok(());
        }
        std::fs::write(&output, code).map_err(|error| format!("cannot write {}: {error}", output.display()))
    }
}
