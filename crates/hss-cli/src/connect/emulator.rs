//! The emulator inside this program, for `--emulator`. Without the feature `emulator`, starting it is an error.

use huaweicloud_hss::CredentialsProvider;
#[cfg(feature = "emulator")]
use huaweicloud_hss::{Credentials, Secret, Token};
#[cfg(feature = "emulator")]
use huaweicloud_hss_emulator::Emulator;

use crate::exit::CliError;
#[cfg(feature = "emulator")]
use crate::output;

/// Advice for a call that lacks an account. Empty in a program without the emulator.
pub(super) const HINT: &str =
    if cfg!(feature = "emulator") { "\nTo try the command without an account, add --emulator." } else { "" };

/// An emulator that serves one command. Stops when dropped.
pub(super) struct EmbeddedEmulator {
    pub(super) url: String,
    /// Credentials that the emulator accepts.
    pub(super) credentials: CredentialsProvider,
    #[cfg(feature = "emulator")]
    _server: Emulator,
}

impl EmbeddedEmulator {
    /// Starts the emulator and prints its address.
    #[cfg(feature = "emulator")]
    pub(super) async fn start() -> Result<Self, CliError> {
        let server = Emulator::builder()
            .start()
            .await
            .map_err(|error| CliError::usage(format!("cannot start the emulator: {error}")))?;
        let url = server.url().to_owned();
        output::message(&format!(
            "emulator: {} simulated servers at {url}; nothing leaves this machine",
            server.inventory().hosts().len(),
        ));
        let token =
            Token::new(Secret::new("built-in".to_owned())).map_err(|error| CliError::internal(&error.to_string()))?;
        Ok(Self { url, credentials: CredentialsProvider::from_static(Credentials::token(token)), _server: server })
    }

    #[cfg(not(feature = "emulator"))]
    pub(super) async fn start() -> Result<Self, CliError> {
        Err(emulator_missing())
    }
}

/// Rejects `--emulator` early in a program without the emulator.
pub(super) fn ensure_available() -> Result<(), CliError> {
    if cfg!(feature = "emulator") { Ok(()) } else { Err(emulator_missing()) }
}

/// The error of a program that was built without the emulator.
pub(crate) fn emulator_missing() -> CliError {
    CliError::usage(
        "this hss was built without the emulator. To use `hss emulator` and --emulator, install hss with the Cargo feature `emulator`",
    )
}
