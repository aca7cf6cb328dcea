//! Turns the specs into JSON, so that a program with the emulator needs no reader of YAML.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=spec");
    let out = env::var("OUT_DIR")?;
    for name in ["hss", "iam", "eps"] {
        let file = format!("spec/{name}.yaml");
        let yaml = fs::read_to_string(&file).map_err(|error| format!("{file}: cannot be read: {error}"))?;
        // OpenAPI wants YAML 1.2, in which the names `n`, `on` and `no` are texts and not booleans.
        let options = serde_saphyr::options! { strict_booleans: true };
        let spec: serde_json::Value = serde_saphyr::from_str_with_options(&yaml, options)
            .map_err(|error| format!("{file}: is no YAML: {error}"))?;
        let (json, text) = (Path::new(&out).join(format!("{name}.json")), spec.to_string());
        // What is the same keeps its time, so that nothing built of it looks old.
        if !fs::read_to_string(&json).is_ok_and(|before| before == text) {
            fs::write(json, text)?;
        }
    }
    Ok(())
}
