//! Converts the specs to JSON, so that a program with the emulator needs no YAML parser.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use huaweicloud_hss_spec::{EPS, HSS, IAM};

fn main() -> Result<(), Box<dyn Error>> {
    // A changed spec is a changed crate, after which cargo runs this again.
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    for (name, yaml) in [("hss", HSS), ("iam", IAM), ("eps", EPS)] {
        // OpenAPI uses YAML 1.2, in which `n`, `on` and `no` are strings and not booleans.
        let options = serde_saphyr::options! { strict_booleans: true };
        let spec: serde_json::Value = serde_saphyr::from_str_with_options(yaml, options)
            .map_err(|error| format!("spec/{name}.yaml: invalid YAML: {error}"))?;
        let (json, text) = (Path::new(&out).join(format!("{name}.json")), spec.to_string());
        // An unchanged file keeps its modification time, so that its dependents are not rebuilt.
        if !fs::read_to_string(&json).is_ok_and(|before| before == text) {
            fs::write(json, text)?;
        }
    }
    Ok(())
}
