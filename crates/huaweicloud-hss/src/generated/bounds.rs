//! The documented bounds of a parameter or field, and the check against them.
//!
//! The numbers come from the spec: the generated modules `bounds` have one constant for each.

use std::fmt;

use crate::error::Error;

/// What [`Bounds`] are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoundsUnit {
    /// The Unicode characters of a text.
    Characters,
    /// The elements of a list.
    Items,
    /// A number itself.
    Value,
}

/// The documented bounds of a parameter or field.
///
/// ```
/// use huaweicloud_hss::api::bounds::create_global_asset_scan_task::HOST_IDS;
/// assert_eq!(HOST_IDS.max(), 200);
/// assert_eq!(HOST_IDS.to_string(), "host_ids takes 0 to 200 items");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    name: &'static str,
    unit: BoundsUnit,
    min: u64,
    max: u64,
}

impl Bounds {
    /// Bounds the length of a text.
    #[must_use]
    pub const fn characters(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Characters, min, max }
    }

    /// Bounds the number of elements of a list.
    #[must_use]
    pub const fn items(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Items, min, max }
    }

    /// Bounds a number.
    #[must_use]
    pub const fn value(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Value, min, max }
    }

    /// Returns the name of the parameter or field, as in the vendor's documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what is bounded.
    #[must_use]
    pub const fn unit(&self) -> BoundsUnit {
        self.unit
    }

    /// Returns the smallest value.
    #[must_use]
    pub const fn min(&self) -> u64 {
        self.min
    }

    /// Returns the largest value.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Checks a number of characters or items, or a value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with the parameter, its bounds and what was given.
    pub fn check(&self, given: usize) -> Result<(), Error> {
        if (self.min..=self.max).contains(&(given as u64)) {
            return Ok(());
        }
        Err(Error::invalid_input(format!("{self}, not {given}")))
    }

    /// Checks the length of a text.
    ///
    /// # Errors
    /// As [`Bounds::check`].
    pub fn check_str(&self, text: &str) -> Result<(), Error> {
        self.check(text.chars().count())
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, min, max, .. } = self;
        match self.unit {
            BoundsUnit::Characters => write!(f, "{name} takes {min} to {max} characters"),
            BoundsUnit::Items => write!(f, "{name} takes {min} to {max} items"),
            BoundsUnit::Value => write!(f, "{name} takes {min} to {max}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_themselves_are_inside() {
        let bounds = Bounds::characters("x", 1, 3);
        for (given, fine) in [(0, false), (1, true), (3, true), (4, false)] {
            assert_eq!(bounds.check(given).is_ok(), fine, "{given}");
        }
        assert!(bounds.check_str("äöü").is_ok(), "characters count, not bytes");
        let text = bounds.check_str("äöüß").unwrap_err().to_string();
        assert_eq!(text, "x takes 1 to 3 characters, not 4");
    }
}
