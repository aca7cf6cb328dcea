//! What shows that the data of a server is new.

use std::fmt;
use std::sync::Arc;

use crate::assets::{AssetKind, WitnessStrength};

/// An asset whose time shows when a server was last collected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Witness {
    /// The kind of asset.
    pub kind: AssetKind,
    /// Its name.
    pub name: Arc<str>,
}

impl Witness {
    /// The accounts that almost every server has one of.
    pub(super) const ACCOUNTS: [&str; 2] = ["root", "Administrator"];

    pub(super) fn new(kind: AssetKind, name: &str) -> Self {
        Self { kind, name: Arc::from(name) }
    }

    /// Returns how much its time proves.
    #[must_use]
    pub fn strength(&self) -> WitnessStrength {
        self.kind.witness_strength()
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.kind, crate::printable(&self.name)))
    }
}
