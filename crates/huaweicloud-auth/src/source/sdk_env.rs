//! An access key from the official SDKs' environment variables, HUAWEICLOUD_SDK_AK and its siblings.

use super::env_pair::{self, Names};
use super::{LocalSource, optional_variable};
use crate::error::Error;
use crate::found::{Lookup, Note};
use crate::origin::Source;
use crate::system::System;

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
pub struct SdkVariables;

impl LocalSource for SdkVariables {
    fn name(&self) -> String {
        Source::SdkVariables.to_string()
    }

    fn read(&self, system: &dyn System) -> Result<Lookup, Error> {
        let mut lookup = env_pair::read(system, Source::SdkVariables, &NAMES)?;
        if let Lookup::Found(found) = &mut lookup {
            let setting = "HUAWEICLOUD_SDK_IDP_ID";
            if optional_variable(system, &found.source, setting)?.is_some() {
                found.notes.push(Note::FederatedLoginIgnored { setting });
            }
        }
        Ok(lookup)
    }
}
