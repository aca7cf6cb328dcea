//! IAM user and password, exchanged for tokens.

use std::time::Duration;

use huaweicloud_auth::{
    self as auth, CredentialField, CredentialSource, Credentials, Environment, InvalidCredential, LoadFuture,
    LoadedCredentials, Secret, SourceLocation, Token, parse_rfc3339,
};

use crate::error::{Error, ErrorKind};
use crate::generated::secret_string::SecretString;
use crate::services::iam::{IamClient, api::types};

const NAME: &str = "IAM user and password";

const REFRESH_MARGIN: Duration = Duration::from_secs(10 * 60);

/// An IAM user and password, which IAM exchanges for tokens (`docs/design/service-behaviour.md#tokens`).
///
/// The account's own login (a HUAWEI ID) is not an IAM user and gets no token. Tokens are replaced 10 minutes before
/// they expire, or after half their lifetime if that is later. Names and password are validated before anything is sent,
/// because failed log-ins lock a user.
#[derive(Clone)]
pub struct IamPassword {
    iam: IamClient,
    user: String,
    domain: String,
    password: Secret,
    project: Scope,
}

/// The project that tokens are for.
#[derive(Clone, Debug)]
enum Scope {
    Id(String),
    Name(String),
}

impl IamPassword {
    /// Creates a source of tokens for the project with this name. The main project of a region has the region's name.
    #[must_use]
    pub fn new(
        iam: IamClient,
        domain: impl Into<String>,
        user: impl Into<String>,
        password: Secret,
        project_name: impl Into<String>,
    ) -> Self {
        let project = Scope::Name(project_name.into());
        Self { iam, user: user.into(), domain: domain.into(), password, project }
    }

    /// Scopes the tokens to the project with this id instead.
    #[must_use]
    pub fn with_project_id(mut self, id: impl Into<String>) -> Self {
        self.project = Scope::Id(id.into());
        self
    }

    fn validate(&self) -> Result<(), InvalidCredential> {
        CredentialField::DomainName.validate(&self.domain)?;
        CredentialField::UserName.validate(&self.user)?;
        CredentialField::Password.validate(self.password.expose())?;
        match &self.project {
            Scope::Id(id) => CredentialField::ProjectId.validate(id),
            Scope::Name(name) => CredentialField::ProjectName.validate(name),
        }
    }

    async fn token(&self) -> Result<LoadedCredentials, Error> {
        self.validate().map_err(|invalid| auth::Error::invalid_value(location(), "", invalid))?;
        let created = self.iam.create_token(&self.request()).await?;
        let unusable = |what: &str, error: InvalidCredential| {
            Error::new(ErrorKind::InvalidResponse, format!("IAM returned no valid {what}")).with_source(error)
        };
        let token = Token::new(created.token).map_err(|error| unusable("token", error))?;
        let mut credentials = Credentials::token(token);
        let info = created.info.and_then(|info| info.token);
        if let Some(id) = info.as_ref().and_then(|info| info.project.as_ref()?.id.as_deref()) {
            credentials = credentials.with_project_id(id).map_err(|error| unusable("project id", error))?;
        }
        let expires_at = info.and_then(|info| parse_rfc3339(&info.expires_at?));
        Ok(LoadedCredentials::new(credentials, location()).with_expiry(expires_at))
    }

    fn request(&self) -> types::CreateTokenRequest {
        let project = match &self.project {
            Scope::Id(id) => types::ScopeProject { id: Some(id.clone()), name: None },
            Scope::Name(name) => types::ScopeProject { id: None, name: Some(name.clone()) },
        };
        let user = types::PasswordUser {
            domain: types::Domain { name: self.domain.clone() },
            name: self.user.clone(),
            password: SecretString(self.password.clone()),
        };
        let identity = types::Identity {
            methods: types::Methods(vec!["password".to_owned()]),
            password: types::PasswordMethod { user },
        };
        types::CreateTokenRequest {
            auth: types::Auth { identity, scope: Some(types::Scope { project: Some(project) }) },
        }
    }
}

impl CredentialSource for IamPassword {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async { self.token().await.map(Into::into).map_err(|error| auth::Error::other(location(), error)) })
    }

    fn refresh_margin(&self) -> Duration {
        REFRESH_MARGIN
    }
}

fn location() -> SourceLocation {
    SourceLocation::Other(NAME.to_owned())
}
