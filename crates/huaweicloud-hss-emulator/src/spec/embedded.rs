//! The specs that are compiled into the emulator.

/// The documents the emulator serves: the names of the specs, and what they hold as JSON.
pub(crate) const SPECS: &[(&str, &str)] = &[
    ("hss.yaml", include_str!(concat!(env!("OUT_DIR"), "/hss.json"))),
    ("iam.yaml", include_str!(concat!(env!("OUT_DIR"), "/iam.json"))),
    ("eps.yaml", include_str!(concat!(env!("OUT_DIR"), "/eps.json"))),
];
