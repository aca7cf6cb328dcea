//! An access key from the official SDKs' environment variables, HUAWEICLOUD_SDK_AK and its siblings.

use super::env_pair::{self, Names};
use super::{LocalSource, optional_variable};
use crate::environment::Environment;
use crate::error::Error;
use crate::lookup::{Lookup, Warning};
use crate::source_location::SourceLocation;

const NAMES: Names = Names {
    id: "HUAWEICLOUD_SDK_AK",
    secret: "HUAWEICLOUD_SDK_SK",
    security_token: "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    project_id: "HUAWEICLOUD_SDK_PROJECT_ID",
    domain_id: "HUAWEICLOUD_SDK_DOMAIN_ID",
};

/// Reads HUAWEICLOUD_SDK_AK, _SK, _SECURITY_TOKEN, _PROJECT_ID and _DOMAIN_ID (facts, section 5).
///
/// One of AK and SK without the other, and an empty one, is an error. The other three may be empty or absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct SdkVariablesSource;

impl LocalSource for SdkVariablesSource {
    fn name(&self) -> String {
        SourceLocation::SdkVariables.to_string()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let mut lookup = env_pair::read(env, SourceLocation::SdkVariables, &NAMES)?;
        if let Lookup::Found(found) = &mut lookup {
            let setting = "HUAWEICLOUD_SDK_IDP_ID";
            if optional_variable(env, &found.source, setting)?.is_some() {
                found.warnings.push(Warning::FederatedLoginIgnored { setting });
            }
        }
        Ok(lookup)
    }
}
