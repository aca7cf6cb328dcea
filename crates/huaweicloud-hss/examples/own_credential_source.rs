//! Gets tokens from the program's own source: a command that prints one, such as `vault kv get -field=token hss`.
//!
//! Run it with `HSS_TOKEN_COMMAND`, `HSS_ENDPOINT` and `HW_PROJECT_ID` set. Without the command, credentials are
//! searched in the usual places.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;
use std::process::Command;
use std::time::Duration;

use huaweicloud_hss::auth::{CredentialSource, Error, ErrorKind, LoadFuture, LoadedCredentials, Lookup};
use huaweicloud_hss::{
    Client, Credentials, CredentialsResolver, Environment, ProjectId, Queue, Secret, SourceLocation, Token,
};

/// Runs the command in `HSS_TOKEN_COMMAND`. It runs again when its token is about to expire or was rejected.
struct TokenCommand;

impl TokenCommand {
    fn run(env: &dyn Environment) -> Result<Lookup, Error> {
        let Ok(Some(command)) = env.var("HSS_TOKEN_COMMAND") else {
            // The next source is asked.
            return Ok(Lookup::not_found("HSS_TOKEN_COMMAND is not set"));
        };
        let location = SourceLocation::Other("the command in HSS_TOKEN_COMMAND".to_owned());
        // From here on, a failure ends the search: the user wants this source.
        let failed = |reason: &str| Error::new(ErrorKind::Unavailable, location.clone(), reason, "run it by hand");
        let output = Command::new("sh")
            .args(["-c", &command])
            .output()
            .map_err(|error| failed("it cannot be started").with_source(error))?;
        if !output.status.success() {
            return Err(failed("it failed"));
        }
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let token =
            Token::new(Secret::new(text)).map_err(|invalid| Error::invalid_value(location.clone(), "", invalid))?;
        let expires_at = env.now() + Duration::from_secs(60 * 60);
        Ok(LoadedCredentials::new(Credentials::token(token), location).with_expiry(Some(expires_at)).into())
    }
}

impl CredentialSource for TokenCommand {
    fn name(&self) -> String {
        "token command".to_owned()
    }

    fn load<'a>(&'a self, env: &'a dyn Environment) -> LoadFuture<'a> {
        // The command blocks this thread, which is fine here because nothing else runs on it.
        Box::pin(async move { Self::run(env) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let credentials = CredentialsResolver::default().with_source(TokenCommand).resolve().await?;
    println!("{} from {}", credentials.summary, credentials.location);

    let client =
        Client::builder().with_endpoint(env::var("HSS_ENDPOINT")?).with_credentials(credentials.provider).build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse::<ProjectId>()?);
    println!("pending: {}", client.status(&queue).await?.pending);
    Ok(())
}
