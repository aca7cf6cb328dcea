//! Regions and the endpoints of their services (`docs/design/service-behaviour.md#regions-and-endpoints`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The regions that the vendor's SDK lists for HSS.
const KNOWN: [&str; 32] = [
    "ae-ad-1",
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "cn-east-2",
    "cn-east-3",
    "cn-east-4",
    "cn-east-5",
    "cn-north-1",
    "cn-north-11",
    "cn-north-12",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-south-1",
    "cn-south-2",
    "cn-south-4",
    "cn-southwest-2",
    "cn-southwest-3",
    "eu-west-101",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "my-kualalumpur-1",
    "na-mexico-1",
    "ru-moscow-1",
    "sa-brazil-1",
    "tr-west-1",
];

/// The id of a region, such as `cn-north-4`.
///
/// A region that is not known yet is accepted, and its endpoints follow the pattern of the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns all regions that are known to offer HSS.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|id| Self((*id).to_owned()))
    }

    /// Returns whether this region is known to offer HSS. If not, its endpoints are guesses that follow the pattern.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.as_str())
    }

    /// Returns the endpoint of HSS.
    #[must_use]
    pub fn hss_endpoint(&self) -> String {
        format!("https://hss.{}.{}", self.0, self.domain())
    }

    /// Returns the endpoint of IAM in this region, or without a region the global one.
    #[must_use]
    pub fn iam_endpoint(region: Option<&Self>) -> String {
        match region {
            Some(region) => format!("https://iam.{}.{}", region.0, region.domain()),
            None => "https://iam.myhuaweicloud.com".to_owned(),
        }
    }

    /// Returns the endpoint of EPS, which is global; three regions have their own.
    #[must_use]
    pub fn eps_endpoint(&self) -> String {
        match self.as_str() {
            "eu-west-101" | "my-kualalumpur-1" | "ru-moscow-1" => format!("https://eps.{}.{}", self.0, self.domain()),
            _ => "https://eps.myhuaweicloud.com".to_owned(),
        }
    }

    /// Returns the environment variable that overrides the endpoint of a service, such as `HSS`, as in the official
    /// SDKs.
    #[must_use]
    pub fn endpoint_env_var(&self, service: &str) -> String {
        format!("HUAWEICLOUD_SDK_REGION_{service}_{}", self.0.replace('-', "_").to_uppercase())
    }

    /// Returns the domain; the European cloud has its own.
    fn domain(&self) -> &'static str {
        if self.0.starts_with("eu-west-1") { "myhuaweicloud.eu" } else { "myhuaweicloud.com" }
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        // It becomes part of a host name.
        let label = (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-');
        if label && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid_input(format!("invalid region {text:?}: expected an id such as cn-north-4")))
    }
}

impl TryFrom<String> for Region {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<&str> for Region {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(id: &str) -> Region {
        id.parse().unwrap()
    }

    #[test]
    fn all_32_regions_have_their_endpoints() {
        assert_eq!(Region::all().count(), 32);
        for known in Region::all() {
            let domain = if known.as_str() == "eu-west-101" { "eu" } else { "com" };
            assert_eq!(known.hss_endpoint(), format!("https://hss.{known}.myhuaweicloud.{domain}"));
            assert_eq!(Region::iam_endpoint(Some(&known)), format!("https://iam.{known}.myhuaweicloud.{domain}"));
        }
        assert_eq!(Region::iam_endpoint(None), "https://iam.myhuaweicloud.com");
    }

    #[test]
    fn enterprise_projects_are_global_but_for_three_regions() {
        let own: Vec<String> = Region::all()
            .map(|region| region.eps_endpoint())
            .filter(|endpoint| endpoint != "https://eps.myhuaweicloud.com")
            .collect();
        assert_eq!(
            own,
            [
                "https://eps.eu-west-101.myhuaweicloud.eu",
                "https://eps.my-kualalumpur-1.myhuaweicloud.com",
                "https://eps.ru-moscow-1.myhuaweicloud.com"
            ]
        );
    }

    #[test]
    fn a_new_region_follows_the_pattern() {
        assert!(!region("cn-north-99").is_known());
        assert_eq!(region("cn-north-99").hss_endpoint(), "https://hss.cn-north-99.myhuaweicloud.com");
        assert_eq!(region("cn-north-4").endpoint_env_var("HSS"), "HUAWEICLOUD_SDK_REGION_HSS_CN_NORTH_4");
    }

    #[test]
    fn a_text_that_cannot_be_part_of_a_host_name_is_refused() {
        for text in ["", "cn north", "CN-NORTH-4", "x.evil.example", "a/b", "-a", "a-", "@", "区"] {
            assert!(text.parse::<Region>().is_err(), "{text:?}");
        }
    }
}
