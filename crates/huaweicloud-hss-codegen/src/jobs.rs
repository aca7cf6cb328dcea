//! Which spec becomes which generated file of which crate.

use std::path::{Path, PathBuf};

/// One generated file: where it comes from, where it goes, and how.
#[derive(Debug)]
pub struct Job {
    /// The crate that compiles it.
    pub package: &'static str,
    /// The spec's file name, below `spec/` in the workspace.
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
    inner: "crate::http::context::RequestContext",
    list: "crate::generated::bounded_vec::BoundedVec",
    limit: "crate::generated::bounds::Bounds",
    secret: "crate::generated::secret_string::SecretString",
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
    /// `spec` is the text of the spec, which a build script has from crate `huaweicloud-hss-spec`: cargo compiles the build script again,
    /// and so runs it again, when a spec changes. Writes nothing outside `OUT_DIR`. Reports errors to cargo, which prints them and fails
    /// the build.
    #[expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
    pub fn run_build_script(&self, spec: &str) {
        println!("cargo::rerun-if-changed=build.rs");
        for line in self.build(spec).err().iter().flat_map(|text| text.lines()) {
            println!("cargo::error={line}");
        }
    }

    fn build(&self, spec: &str) -> Result<(), String> {
        let folder = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: only cargo runs this build script")?;
        let code = self.generate(spec).map_err(|problems| {
            let lines = problems.as_slice().iter().map(|problem| format!("spec/{}:{problem}", self.spec));
            lines.collect::<Vec<String>>().join("\n")
        })?;
        let output = PathBuf::from(folder).join(self.output);
        // An unchanged file keeps its modification time, so that nothing built from it is rebuilt.
        if std::fs::read_to_string(&output).is_ok_and(|before| before == code) {
            return Ok(());
        }
        std::fs::write(&output, code).map_err(|error| format!("cannot write {}: {error}", output.display()))
    }
}
