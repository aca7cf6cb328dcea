//! The specs that are compiled into the emulator.

/// The names of the specs, and their content as JSON.
pub(crate) const SPECS: &[(&str, &str)] = &[
    ("hss.yaml", include_str!(concat!(env!("OUT_DIR"), "/hss.json"))),
    ("assets.yaml", include_str!(concat!(env!("OUT_DIR"), "/assets.json"))),
    ("iam.yaml", include_str!(concat!(env!("OUT_DIR"), "/iam.json"))),
    ("eps.yaml", include_str!(concat!(env!("OUT_DIR"), "/eps.json"))),
];
