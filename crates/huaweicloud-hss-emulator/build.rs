//! Converts the specs to JSON, so that a program with the emulator needs no YAML parser.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use huaweicloud_hss_spec::{ASSETS, EPS, HSS, IAM};

fn main() -> Result<(), Box<dyn Error>> {
    // A changed spec is a changed crate, after which cargo runs this again.
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    for (name, yaml) in [("hss", HSS), ("assets", ASSETS), ("iam", IAM), ("eps", EPS)] {
        let spec = located_yaml::read(yaml).map_err(|error| format!("spec/{name}.yaml:{error}"))?;
        let (json, text) = (Path::new(&out).join(format!("{name}.json")), spec.to_json().to_string());
        // An unchanged file keeps its modification time, so that its dependents are not rebuilt.
        if !fs::read_to_string(&json).is_ok_and(|before| before == text) {
            fs::write(json, text)?;
        }
    }
    Ok(())
}
