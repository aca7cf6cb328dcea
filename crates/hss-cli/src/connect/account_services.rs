//! Connects to the services of the account: IAM and the enterprise project service (EPS).

use huaweicloud_hss::iam::{IamClient, IamEndpoint};
use huaweicloud_hss::{Credentials, CredentialsProvider, HttpConfig, Region};

use crate::cli::{ConnectionArgs, validate_id};
use crate::exit::CliError;

use super::connection_settings::{ConnectionSettings, print_notes};
use super::emulator::EmbeddedEmulator;
use super::environment::{DOMAIN_VARIABLES, first_variable, http_config, named_endpoint};

/// Credentials and endpoints for the services of the account. No HSS endpoint is needed.
pub(crate) struct AccountServices {
    region: Option<Region>,
    iam_endpoint: IamEndpoint,
    pub(crate) http_config: HttpConfig,
    pub(crate) provider: CredentialsProvider,
    emulator: Option<EmbeddedEmulator>,
}

/// Resolves the credentials for the services of the account.
pub(crate) async fn account_services(args: &ConnectionArgs, emulator: bool) -> Result<AccountServices, CliError> {
    if emulator {
        let emulator = EmbeddedEmulator::start().await?;
        let iam_endpoint = IamEndpoint::new(emulator.url.as_str());
        return Ok(AccountServices {
            region: None,
            iam_endpoint,
            http_config: http_config(args)?,
            provider: emulator.credentials.clone(),
            emulator: Some(emulator),
        });
    }
    let settings = ConnectionSettings::new(args, None)?;
    let found = settings.resolve().await?;
    print_notes(&found);
    let iam_endpoint = settings.resolver.iam_endpoint(Some(&found));
    Ok(AccountServices {
        region: settings.region,
        iam_endpoint,
        http_config: settings.http_config,
        provider: found.provider,
        emulator: None,
    })
}

impl AccountServices {
    pub(crate) fn iam(&self) -> Result<IamClient, CliError> {
        Ok(IamClient::with_credentials(self.iam_endpoint.clone(), self.http_config.clone(), self.provider.clone())?)
    }

    /// Returns the endpoint of EPS: from the flag, else the environment, else the region.
    pub(crate) fn eps_endpoint(&self, flag: Option<String>) -> Result<String, CliError> {
        if let Some(endpoint) = flag {
            return Ok(endpoint);
        }
        if let Some(emulator) = &self.emulator {
            return Ok(emulator.url.clone());
        }
        let Some(region) = &self.region else {
            return Err(CliError::usage(
                "cannot list enterprise projects: no region or endpoint given. Pass --region cn-north-4, set HW_REGION_NAME, or \
                 pass --eps-endpoint URL",
            ));
        };
        Ok(named_endpoint(region, "EPS")?.unwrap_or_else(|| region.eps_endpoint()))
    }

    /// Returns the account id if it is known: from the flag, else the environment, else the credentials.
    pub(crate) async fn domain_id(&self, flag: Option<String>) -> Result<Option<String>, CliError> {
        if flag.is_some() {
            return Ok(flag);
        }
        if let Some((name, id)) = first_variable(&DOMAIN_VARIABLES)? {
            validate_id(&id).map_err(|reason| CliError::usage(format!("environment variable {name}: {reason}")))?;
            return Ok(Some(id));
        }
        Ok(self.provider.credentials().await?.domain_id().map(str::to_owned))
    }

    /// Returns whether requests are signed with an access key rather than sent with a token.
    pub(crate) async fn uses_access_key(&self) -> Result<bool, CliError> {
        Ok(matches!(self.provider.credentials().await?, Credentials::AccessKey { .. }))
    }
}
