//! IAM user and password: exchanged for a token, which also tells the project's id.

use huaweicloud_auth::{Credentials, Environment, NotUnicode, Secret, Token, timestamp::parse_rfc3339};

use super::{Fetch, FetchFuture, Fresh};
use crate::error::{Error, ErrorKind};
use crate::iam::{IamClient, api::types};
use crate::secret_text::SecretString;

/// The variables, as Terraform's provider names them (facts, section 5).
const USER: &str = "HW_USER_NAME";
const PASSWORD: &str = "HW_USER_PASSWORD";
const DOMAIN: &str = "HW_DOMAIN_NAME";
const PROJECT: &str = "HW_PROJECT_NAME";

/// An IAM user's password, and what its tokens are to be for.
///
/// The account's own log-in (a HUAWEI ID) is no IAM user and gets no token.
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
    /// Tokens of this user for the main project of a region, or for another project by its name.
    #[must_use]
    pub fn new(iam: IamClient, domain: String, user: String, password: Secret, project_name: String) -> Self {
        Self { iam, user, domain, password, project: Scope::Name(project_name) }
    }

    /// The same for the project with this id.
    #[must_use]
    pub fn with_project_id(mut self, id: String) -> Self {
        self.project = Scope::Id(id);
        self
    }

    /// Whether the environment names a user or a password at all.
    pub(super) fn is_in(env: &dyn Environment) -> Result<bool, Error> {
        Ok(variable(env, USER)?.is_some() || variable(env, PASSWORD)?.is_some())
    }

    /// From the environment; `None` when neither user nor password is there.
    pub(super) fn from_environment(
        env: &dyn Environment,
        iam: IamClient,
        region: Option<&str>,
        project_id: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        if !Self::is_in(env)? {
            return Ok(None);
        }
        let need = |name: &str| {
            variable(env, name)?.ok_or_else(|| {
                Error::new(
                    ErrorKind::Credentials,
                    format!("{USER}, {PASSWORD} and {DOMAIN} belong together, but {name} is not set"),
                )
                .with_help("Set all three, or none.")
            })
        };
        let (user, password, domain) = (need(USER)?, Secret::new(need(PASSWORD)?), need(DOMAIN)?);
        let project = match (project_id, variable(env, PROJECT)?, region) {
            (Some(id), _, _) => Scope::Id(id.to_owned()),
            (None, Some(name), _) => Scope::Name(name),
            (None, None, Some(region)) => Scope::Name(region.to_owned()),
            (None, None, None) => {
                let what = "a token has to be for a project, and none is named";
                return Err(Error::new(ErrorKind::InvalidInput, what).with_help("Name the region, or a project id."));
            }
        };
        Ok(Some(Self { iam, user, domain, password, project }))
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

impl Fetch for IamPassword {
    fn fetch(&self) -> FetchFuture<'_> {
        Box::pin(async {
            let created = self.iam.create_token(&self.request()).await;
            let created = created.map_err(|error| error.hiding(self.password.expose()))?;
            let unreadable =
                |what: &str| Error::new(ErrorKind::InvalidResponse, format!("IAM's answer has no usable {what}"));
            let token = Token::new(created.token).map_err(|_| unreadable("token"))?;
            let mut credentials = Credentials::token(token);
            let info = created.info.and_then(|info| info.token);
            if let Some(id) = info.as_ref().and_then(|info| info.project.as_ref()?.id.as_deref()) {
                credentials = credentials.with_project_id(id).map_err(|_| unreadable("project id"))?;
            }
            let expires_at = info.and_then(|info| parse_rfc3339(&info.expires_at?));
            Ok(Fresh { credentials, expires_at })
        })
    }
}

fn variable(env: &dyn Environment, name: &str) -> Result<Option<String>, Error> {
    let text = env.var(name).map_err(|NotUnicode| {
        Error::new(ErrorKind::Credentials, format!("environment variable {name} is not Unicode text"))
            .with_help("Set it again.")
    })?;
    Ok(text.filter(|text| !text.is_empty()))
}
