//! Compares versions of any ecosystem by one rule.
//!
//! A version is a series of numbers and words; everything else only separates them, but `~` is a word. Numbers are compared
//! by value. From low to high, a part is a word of a pre-release ([`PRE_RELEASES`]), nothing or 0, another word, or
//! another number. So `1.0~rc1 < 1.0rc1 < 1.0 = 1.0.0 < 1.0k < 1.0.1 < 1.10`. Words of a release, such as `Final`, are
//! nothing. An epoch (`2:1.0`) is compared first.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::error::Error;

/// The words of pre-releases, from low to high.
const PRE_RELEASES: [&str; 8] = ["~", "dev", "alpha", "beta", "milestone", "pre", "rc", "snapshot"];

/// Words that change nothing.
const RELEASES: [&str; 4] = ["final", "ga", "release", "v"];

/// A part of a version. The order of the variants is that of the parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    PreRelease(usize),
    /// Nothing, or the number 0.
    Nothing,
    Word(String),
    /// Of the digits, without zeros before them, a longer text is a larger number.
    Number(usize, String),
}

/// Returns the epoch and the parts of a version.
fn parts(version: &str) -> (Part, Vec<Part>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (epoch, mut rest) = match version.trim().split_once(':') {
        Some((epoch, rest)) if is_number(epoch) => (number(epoch), rest),
        _ => (Part::Nothing, version),
    };
    let mut parts = Vec::new();
    while let Some(first) = rest.chars().next() {
        let belongs = |c: char| match first {
            '0'..='9' => c.is_ascii_digit(),
            _ => c.is_alphabetic(),
        };
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end.max(first.len_utf8()));
        rest = after;
        match first {
            '0'..='9' => parts.push(number(text)),
            '~' => parts.push(Part::PreRelease(0)),
            c if c.is_alphabetic() => parts.extend(word(text, rest.starts_with(|c: char| c.is_ascii_digit()))),
            _ => {}
        }
    }
    (epoch, parts)
}

fn number(digits: &str) -> Part {
    match digits.trim_start_matches('0') {
        "" => Part::Nothing,
        digits => Part::Number(digits.len(), digits.to_owned()),
    }
}

/// Returns the part for a word, if it changes anything.
fn word(text: &str, number_follows: bool) -> Option<Part> {
    let lower = text.to_lowercase();
    let known = match lower.as_str() {
        "a" if number_follows => "alpha",
        "b" if number_follows => "beta",
        "m" if number_follows => "milestone",
        "c" if number_follows => "rc",
        "cr" => "rc",
        "preview" => "pre",
        other => other,
    };
    if RELEASES.contains(&known) {
        return None;
    }
    Some(match PRE_RELEASES.iter().position(|word| *word == known) {
        Some(rank) => Part::PreRelease(rank),
        None => Part::Word(lower),
    })
}

/// Compares two versions by the rule of this module.
fn compare(one: &str, other: &str) -> Ordering {
    let ((epoch, one), (other_epoch, other)) = (parts(one), parts(other));
    let part = |parts: &'_ [Part], index: usize| parts.get(index).cloned().unwrap_or(Part::Nothing);
    let mut orders = (0..one.len().max(other.len())).map(|index| part(&one, index).cmp(&part(&other, index)));
    epoch.cmp(&other_epoch).then_with(|| orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// A range of versions, such as `<2.17` or `>=2.0,<2.17`.
///
/// Versions of any ecosystem are compared by one rule: part by part, where numbers are compared by value, and the words
/// of a pre-release come before nothing and 0, these before other words, and these before other numbers. So
/// `1.0~rc1 < 1.0rc1 < 1.0 = 1.0.0 < 1.0k < 1.0.1 < 1.10`. An epoch (`2:1.0`) is compared first.
///
/// ```
/// use huaweicloud_hss::assets::VersionRange;
///
/// let range: VersionRange = ">=2.0,<2.17".parse()?;
/// assert!(range.contains("2.9.1") && range.contains("2.17-rc1") && !range.contains("2.17.0"));
/// # Ok::<(), huaweicloud_hss::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange(Vec<(Comparison, String)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

/// Longer operators first, because `<=` starts with `<`.
const OPERATORS: [(&str, Comparison); 5] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=", Comparison::Equal),
];

impl VersionRange {
    /// Returns whether a version is in the range.
    #[must_use]
    pub fn contains(&self, version: &str) -> bool {
        self.0.iter().all(|(comparison, limit)| {
            let order = compare(version, limit);
            match comparison {
                Comparison::Less => order.is_lt(),
                Comparison::LessOrEqual => order.is_le(),
                Comparison::Equal => order.is_eq(),
                Comparison::GreaterOrEqual => order.is_ge(),
                Comparison::Greater => order.is_gt(),
            }
        })
    }
}

impl FromStr for VersionRange {
    type Err = Error;

    /// Parses comparisons with commas between them; one without an operator is `=`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let comparison = |text: &str| {
            let text = text.trim();
            let (comparison, version) = OPERATORS
                .iter()
                .find_map(|(operator, comparison)| Some((*comparison, text.strip_prefix(operator)?.trim())))
                .unwrap_or((Comparison::Equal, text));
            if !version.contains(|c: char| c.is_ascii_digit()) || version.contains(['<', '>', '=', ' ']) {
                let text = crate::printable(text);
                return Err(Error::invalid_input(format!("`{text}` is not a comparison of versions, such as `<2.17`")));
            }
            Ok((comparison, version.to_owned()))
        };
        text.split(',').map(comparison).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_ordered_as_documented() {
        for ascending in [
            &["1.0~~", "1.0~rc1", "1.0.dev3", "1.0a1", "1.0-beta.2", "1.0M1", "1.0rc1", "1.0-SNAPSHOT", "1.0"][..],
            &["1.0", "1.0k", "1.0.1", "1.9", "1.10", "2", "10", "1:0.1", "2:0.1"],
            &["2.14.1", "2.15.0-rc1", "2.15.0", "2.17"],
            &["4.18.0-80.el8", "4.18.0-193.el8", "5.4"],
            &["2.35-0ubuntu3~22.04", "2.35-0ubuntu3", "2.35-0ubuntu3.1"],
            &["99999999999999999998", "99999999999999999999", "100000000000000000000"],
        ] {
            for (low, high) in ascending.iter().zip(&ascending[1..]) {
                assert_eq!(compare(low, high), Ordering::Less, "{low} {high}");
            }
        }
        for (one, other) in [("1.0", "1"), ("1.0", "v1.0.0"), ("4.1.0.Final", "4.1"), ("1.02", "1.2"), ("0:1", "1")] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn a_range_has_limits() {
        for (range, inside, outside) in [
            ("<2.17", &["2.16.9", "2.17-rc1"][..], &["2.17", "2.17.0", "3"][..]),
            ("<=2.17", &["2.17.0"], &["2.17.1"]),
            (">= 2.0, < 2.17", &["2.0", "2.16"], &["1.9", "2.17"]),
            (">1", &["1.0.1"], &["1.0"]),
            ("1.0", &["1"], &["1.0.1"]),
        ] {
            let range: VersionRange = range.parse().unwrap();
            assert!(inside.iter().all(|version| range.contains(version)), "{range:?}");
            assert!(!outside.iter().any(|version| range.contains(version)), "{range:?}");
        }
        for text in ["", "<", "new", "<1,", "<<1", "1 2"] {
            let error = text.parse::<VersionRange>().unwrap_err().to_string();
            assert!(error.contains("is not a comparison of versions"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_total(versions in prop::array::uniform3("([0-9]{1,2}|a|rc|k|~|Final|[.:+-]){0,5}"), any: String) {
            let [a, b, c] = &versions;
            prop_assert_eq!(compare(a, b), compare(b, a).reverse());
            prop_assert_eq!(compare(&any, &any), Ordering::Equal);
            if compare(a, b).is_le() && compare(b, c).is_le() {
                prop_assert!(compare(a, c).is_le(), "{:?}", versions);
            }
        }
    }
}
