//! A documented limit, and the check against it. The numbers come from the spec, through the generated `limits` modules.

use std::fmt;

use crate::error::Error;

/// What a [`Bounds`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoundsUnit {
    /// Unicode characters of a text.
    Characters,
    /// Elements of a list.
    Items,
    /// The number itself.
    Value,
}

/// A documented limit of one parameter or field.
///
/// ```
/// use huaweicloud_hss::api::limits::create_global_asset_scan_task::HOST_IDS;
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
    /// A limit on the length of a text.
    #[must_use]
    pub const fn characters(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Characters, min, max }
    }

    /// A limit on the number of elements of a list.
    #[must_use]
    pub const fn items(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Items, min, max }
    }

    /// A limit on a number.
    #[must_use]
    pub const fn value(name: &'static str, min: u64, max: u64) -> Self {
        Self { name, unit: BoundsUnit::Value, min, max }
    }

    /// Name of the parameter or field, as on the vendor's page.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What is counted.
    #[must_use]
    pub const fn unit(&self) -> BoundsUnit {
        self.unit
    }

    /// The smallest allowed count.
    #[must_use]
    pub const fn min(&self) -> u64 {
        self.min
    }

    /// The largest allowed count.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// Checks a count.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming the parameter, the limit and what was given.
    pub fn check(&self, given: usize) -> Result<(), Error> {
        if (self.min..=self.max).contains(&(given as u64)) {
            return Ok(());
        }
        let unit = match self.unit {
            BoundsUnit::Characters => " characters",
            BoundsUnit::Items => " items",
            BoundsUnit::Value => "",
        };
        Err(Error::invalid_input(format!("{self}, but {given}{unit} were given")))
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
    fn the_edges_are_inside_and_one_past_is_outside() {
        let limit = Bounds::characters("x", 1, 3);
        for (given, fine) in [(0, false), (1, true), (3, true), (4, false)] {
            assert_eq!(limit.check(given).is_ok(), fine, "{given}");
        }
        assert!(limit.check_str("äöü").is_ok(), "characters count, not bytes");
        let text = limit.check_str("äöüß").unwrap_err().to_string();
        assert_eq!(text, "x takes 1 to 3 characters, but 4 characters were given");
    }
}
