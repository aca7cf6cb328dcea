//! The version bump that changes need.

use serde::Serialize;

use super::change::Change;
use super::rules::Severity;

/// A version bump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionBump {
    /// Nothing changed for callers.
    Patch,
    /// Something is new.
    Minor,
    /// Something can break.
    Major,
}

/// Returns the bump that changes need. A waiver does not change it.
#[must_use]
pub fn version_bump(changes: &[Change]) -> VersionBump {
    changes
        .iter()
        .map(|change| if change.severity == Severity::Breaking { VersionBump::Major } else { VersionBump::Minor })
        .max()
        .unwrap_or(VersionBump::Patch)
}

/// Returns the lowest version after `version` with this bump, as `major.minor.patch`. Before 1.0, a breaking change
/// bumps the minor number.
#[must_use]
pub fn next_version(version: &str, bump: VersionBump) -> Option<String> {
    let (major, minor, patch) = parse_version(version)?;
    Some(match bump {
        VersionBump::Major if major > 0 => format!("{}.0.0", major.checked_add(1)?),
        VersionBump::Major => format!("0.{}.0", minor.checked_add(1)?),
        VersionBump::Minor if major > 0 => format!("{major}.{}.0", minor.checked_add(1)?),
        VersionBump::Minor | VersionBump::Patch => format!("{major}.{minor}.{}", patch.checked_add(1)?),
    })
}

/// Parses the three numbers of a version.
#[must_use]
pub fn parse_version(version: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = version.split('.').map(|number| {
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u64>().ok().filter(|_| plain && (number == "0" || !number.starts_with('0')))
    });
    let parsed = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_to_versions() {
        for (version, bump, next) in [
            ("0.1.0", VersionBump::Major, Some("0.2.0")),
            ("0.1.0", VersionBump::Minor, Some("0.1.1")),
            ("0.1.0", VersionBump::Patch, Some("0.1.1")),
            ("1.2.3", VersionBump::Major, Some("2.0.0")),
            ("1.2.3", VersionBump::Minor, Some("1.3.0")),
            ("1.2.3", VersionBump::Patch, Some("1.2.4")),
            ("1.2", VersionBump::Patch, None),
            ("01.2.3", VersionBump::Patch, None),
            ("1.2.+3", VersionBump::Patch, None),
        ] {
            assert_eq!(next_version(version, bump).as_deref(), next, "{version} {bump:?}");
        }
    }
}
