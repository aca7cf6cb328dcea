//! Generates code from within a build script.

use std::path::PathBuf;
use std::{env, fs};

use crate::outputs::GeneratedFile;

impl GeneratedFile {
    /// Generates into `OUT_DIR`, from within a build script of the crate that compiles the result.
    ///
    /// `spec` is the text of the spec, which a build script has from crate `huaweicloud-hss-spec`: cargo compiles the
    /// build script again, and so runs it again, when a spec changes. Writes nothing outside `OUT_DIR`. Reports errors
    /// to cargo, which prints them and fails the build.
    #[expect(clippy::print_stdout, reason = "cargo reads a build script's standard output")]
    pub fn run_build_script(&self, spec: &str) {
        println!("cargo::rerun-if-changed=build.rs");
        for line in self.write_to_out_dir(spec).err().iter().flat_map(|text| text.lines()) {
            println!("cargo::error={line}");
        }
    }

    fn write_to_out_dir(&self, spec: &str) -> Result<(), String> {
        let folder = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: only cargo runs this build script")?;
        let code = self.generate(spec).map_err(|diagnostics| {
            let lines = diagnostics.as_slice().iter().map(|diagnostic| format!("spec/{}:{diagnostic}", self.spec));
            lines.collect::<Vec<String>>().join("\n")
        })?;
        let output = PathBuf::from(folder).join(self.file_name);
        // An unchanged file keeps its modification time, so that its dependents are not rebuilt.
        if fs::read_to_string(&output).is_ok_and(|before| before == code) {
            return Ok(());
        }
        fs::write(&output, code).map_err(|error| format!("cannot write {}: {error}", output.display()))
    }
}
