//! IAM user and password from environment variables.

use std::future::ready;

use huaweicloud_auth::{
    self as auth, CredentialField, CredentialSource, Credentials, DeferredCredentials, Environment, LoadFuture, Lookup,
    NotUnicode, Secret, ShadowedSource, SourceLocation,
};

use super::iam_password::IamPassword;
use crate::error::{Error, ErrorKind};
use crate::http::config::HttpConfig;
use crate::services::iam::{IamClient, IamEndpoint};

/// The variables, as Terraform's provider names them (`docs/design/service-behaviour.md#terraform-environment`).
const USER: &str = "HW_USER_NAME";
const PASSWORD: &str = "HW_USER_PASSWORD";
const DOMAIN: &str = "HW_DOMAIN_NAME";
const PROJECT: &str = "HW_PROJECT_NAME";

/// Reads user and password from the environment, and defers to [`IamPassword`]: IAM is only asked when a token is
/// needed.
pub(super) struct IamPasswordVariables {
    pub(super) iam_endpoint: IamEndpoint,
    pub(super) http_config: HttpConfig,
    /// The region whose main project tokens are for.
    pub(super) region: Option<String>,
    /// The project that tokens are for instead.
    pub(super) project_id: Option<String>,
}

impl IamPasswordVariables {
    fn read(&self, env: &dyn Environment) -> Result<Lookup, Error> {
        if !is_set(env)? {
            let state = if is_empty(env, USER) || is_empty(env, PASSWORD) { "empty" } else { "not set" };
            return Ok(Lookup::not_found(format!("{USER} and {PASSWORD} are {state}")));
        }
        let need = |name: &str, field| {
            valid_variable(env, name, field)?.ok_or_else(|| {
                let state = if is_empty(env, name) { "empty" } else { "not set" };
                Error::new(
                    ErrorKind::Credentials,
                    format!("{name} is {state}, but a login needs {USER}, {PASSWORD} and {DOMAIN}"),
                )
                .with_help("Set all three, or none.")
            })
        };
        let user = need(USER, CredentialField::UserName)?;
        let password = Secret::new(need(PASSWORD, CredentialField::Password)?);
        let domain = need(DOMAIN, CredentialField::DomainName)?;
        let project_name = valid_variable(env, PROJECT, CredentialField::ProjectName)?.or_else(|| self.region.clone());
        let iam = IamClient::without_credentials(self.iam_endpoint.clone(), self.http_config.clone())?;
        let source = match (self.project_id.clone(), project_name) {
            (Some(id), _) => IamPassword::new(iam, domain, user, password, String::new()).with_project_id(id),
            (None, Some(name)) => IamPassword::new(iam, domain, user, password, name),
            (None, None) => {
                let what = "an IAM token needs a project, and none was given";
                return Err(Error::new(ErrorKind::InvalidInput, what).with_help("Give a region or a project id."));
            }
        };
        let location = SourceLocation::Other(format!("environment variables {USER}, {PASSWORD} and {DOMAIN}"));
        Ok(DeferredCredentials::new(source, location, "IAM user and password, exchanged for a token").into())
    }
}

impl CredentialSource for IamPasswordVariables {
    fn name(&self) -> String {
        "IAM user and password".to_owned()
    }

    fn id(&self) -> &'static str {
        "iam-user"
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(ready(self.read(env).map_err(|error| auth::Error::other(location(), error))))
    }

    fn shadowed_by(&self, _used: Option<&Credentials>, env: &dyn Environment) -> Option<ShadowedSource> {
        // Even if one of them cannot be read, it is set.
        is_set(env).unwrap_or(true).then(|| ShadowedSource::new(location()))
    }
}

fn location() -> SourceLocation {
    SourceLocation::Other(format!("environment variables {USER} and {PASSWORD}"))
}

/// Reads a variable that becomes part of a log-in. It is checked first: failed log-ins lock a user.
fn valid_variable(env: &dyn Environment, name: &str, field: CredentialField) -> Result<Option<String>, Error> {
    let text = variable(env, name)?;
    if let Some(text) = &text {
        field.validate(text).map_err(|invalid| auth::Error::invalid_value(location(), name, invalid))?;
    }
    Ok(text)
}

/// Returns whether a variable is set to an empty text.
fn is_empty(env: &dyn Environment, name: &str) -> bool {
    env.var(name).is_ok_and(|text| text.as_deref() == Some(""))
}

/// Returns whether the environment names a user or a password at all.
fn is_set(env: &dyn Environment) -> Result<bool, Error> {
    Ok(variable(env, USER)?.is_some() || variable(env, PASSWORD)?.is_some())
}

/// Reads a variable; an empty one counts as not set.
fn variable(env: &dyn Environment, name: &str) -> Result<Option<String>, Error> {
    let text = env.var(name).map_err(|NotUnicode| {
        Error::new(ErrorKind::Credentials, format!("environment variable {name} is not valid Unicode"))
            .with_help("Set it again, or unset it.")
    })?;
    Ok(text.filter(|text| !text.is_empty()))
}
