//! Environment variables: reading one, and access keys from a family of them.

use super::key_pair::{KeyParts, Names};
use super::local::LocalSource;
use crate::credential_source::Lookup;
use crate::credentials::{Credentials, Secret};
use crate::credentials::{LoadedCredentials, Warning};
use crate::environment::Environment;
use crate::error::{Error, ErrorKind};
use crate::source_location::SourceLocation;

/// Reads an access key from one family of environment variables: [`SDK`](Self::SDK) or [`TERRAFORM`](Self::TERRAFORM).
///
/// An empty variable counts as not set. AK or SK without the other is an error.
#[derive(Debug, Clone)]
pub struct AccessKeyVariablesSource {
    id: &'static str,
    location: SourceLocation,
    names: Names,
    /// The variable that sets up a federated login, which the official SDKs prefer.
    federated_login: Option<&'static str>,
}

impl AccessKeyVariablesSource {
    /// The variables of the official SDKs: HUAWEICLOUD_SDK_AK, _SK, _SECURITY_TOKEN, _PROJECT_ID and _DOMAIN_ID
    /// (`docs/design/service-behaviour.md#sdk-environment`).
    pub const SDK: Self = Self {
        id: "sdk",
        location: SourceLocation::SdkVariables,
        names: Names {
            id: "HUAWEICLOUD_SDK_AK",
            secret: "HUAWEICLOUD_SDK_SK",
            security_token: "HUAWEICLOUD_SDK_SECURITY_TOKEN",
            project_id: "HUAWEICLOUD_SDK_PROJECT_ID",
            domain_id: "HUAWEICLOUD_SDK_DOMAIN_ID",
        },
        federated_login: Some("HUAWEICLOUD_SDK_IDP_ID"),
    };

    /// The variables of the Terraform provider: HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN, HW_PROJECT_ID and
    /// HW_DOMAIN_ID.
    ///
    /// The provider's older OS_* variables are not read: a stray one has sent programs to the wrong service
    /// (`docs/design/service-behaviour.md#terraform-environment`).
    pub const TERRAFORM: Self =
        Self { id: "terraform", location: SourceLocation::TerraformVariables, names: TERRAFORM, federated_login: None };
}

/// The Terraform provider's names, which go with a token as well.
const TERRAFORM: Names = Names {
    id: "HW_ACCESS_KEY",
    secret: "HW_SECRET_KEY",
    security_token: "HW_SECURITY_TOKEN",
    project_id: "HW_PROJECT_ID",
    domain_id: "HW_DOMAIN_ID",
};

impl LocalSource for AccessKeyVariablesSource {
    fn name(&self) -> String {
        self.location.to_string()
    }

    fn id(&self) -> &'static str {
        self.id
    }

    fn load_sync(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        let Self { location, names, federated_login, .. } = self;
        let Some(parts) = key_parts(env, location, names)? else {
            let is_empty = is_empty(env, names.id) || is_empty(env, names.secret);
            return Ok(Lookup::not_found(if is_empty { "they are empty" } else { "they are not set" }));
        };
        let credentials = names.access_key(location, parts)?;
        let mut loaded = LoadedCredentials::new(with_ids(env, location, names, credentials)?, location.clone());
        if let Some(setting) = *federated_login
            && variable(env, location, setting)?.is_some()
        {
            loaded.warnings.push(Warning::FederatedLoginIgnored { setting });
        }
        Ok(loaded.into())
    }
}

/// Reads the parts of a key: both halves, or `None` if neither is set.
fn key_parts(env: &dyn Environment, location: &SourceLocation, names: &Names) -> Result<Option<KeyParts>, Error> {
    let id = variable(env, location, names.id)?;
    let secret = variable(env, location, names.secret)?.map(Secret::new);
    let security_token = variable(env, location, names.security_token)?.map(Secret::new);
    let (set, missing) = match (id, secret) {
        (Some(id), Some(secret)) => return Ok(Some(KeyParts { id, secret, security_token })),
        (None, None) if security_token.is_none() => return Ok(None),
        (None, None) => (names.security_token, names.id),
        (id, _) => names.set_and_missing(id.is_some()),
    };
    Err(Error::new(
        ErrorKind::Incomplete,
        location.clone(),
        format!("{set} is set but {missing} is {}", if is_empty(env, missing) { "empty" } else { "not" }),
        format!("set {missing} as well, or unset {set}"),
    ))
}

/// Adds the ids of HW_PROJECT_ID and HW_DOMAIN_ID, which go with HW_AUTH_TOKEN as well.
pub(super) fn with_terraform_ids(
    env: &dyn Environment,
    location: &SourceLocation,
    credentials: Credentials,
) -> Result<Credentials, Error> {
    with_ids(env, location, &TERRAFORM, credentials)
}

fn with_ids(
    env: &dyn Environment,
    location: &SourceLocation,
    names: &Names,
    credentials: Credentials,
) -> Result<Credentials, Error> {
    let project_id = variable(env, location, names.project_id)?;
    let domain_id = variable(env, location, names.domain_id)?;
    names.with_ids(location, credentials, project_id, domain_id)
}

/// Reads a variable; an empty one counts as not set, as in the official SDKs, and one that is not Unicode is an error of
/// the source that reads it.
pub(super) fn variable(env: &dyn Environment, location: &SourceLocation, name: &str) -> Result<Option<String>, Error> {
    let text = env.var(name).map_err(|_| {
        Error::new(
            ErrorKind::Malformed,
            location.clone(),
            format!("{name} is not valid Unicode"),
            "set it to valid text, or unset it",
        )
    })?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// Returns whether a variable is set to an empty text.
pub(super) fn is_empty(env: &dyn Environment, name: &str) -> bool {
    env.var(name).is_ok_and(|text| text.as_deref() == Some(""))
}
