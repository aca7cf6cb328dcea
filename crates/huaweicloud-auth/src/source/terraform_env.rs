//! An access key from the Terraform provider's environment variables, HW_ACCESS_KEY and its siblings.

use super::LocalSource;
use super::env_pair::{self, Names};
use crate::environment::Environment;
use crate::error::Error;
use crate::lookup::Lookup;
use crate::source_location::SourceLocation;

const NAMES: Names = Names {
    id: "HW_ACCESS_KEY",
    secret: "HW_SECRET_KEY",
    security_token: "HW_SECURITY_TOKEN",
    project_id: "HW_PROJECT_ID",
    domain_id: "HW_DOMAIN_ID",
};

/// Reads HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, HW_PROJECT_ID and HW_DOMAIN_ID (facts, section 5).
///
/// One half of the pair without the other, and an empty one, is an error. The other three may be empty or absent. The
/// provider's older OS_* names are not read: a stray one of them changes where programs connect to (facts, section 8).
#[derive(Debug, Clone, Copy, Default)]
pub struct TerraformVariablesSource;

impl LocalSource for TerraformVariablesSource {
    fn name(&self) -> String {
        SourceLocation::TerraformVariables.to_string()
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        env_pair::read(env, SourceLocation::TerraformVariables, &NAMES)
    }
}
