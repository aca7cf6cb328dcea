//! The emulator inside this program, for `--emulator`. Without the feature `emulator` it never starts, and the error says why.

use huaweicloud_hss::CredentialsProvider;
#[cfg(feature = "emulator")]
use huaweicloud_hss::{Credentials, Secret, Token};
#[cfg(feature = "emulator")]
use huaweicloud_hss_emulator::Emulator;

use crate::exit::CliError;
#[cfg(feature = "emulator")]
use crate::output;

/// Advice where the service cannot be called. A program without the emulator has none.
pub(super) const HINT: &str = if cfg!(feature = "emulator") {
    "\nOr add --emulator to try the same command against a made-up fleet on this machine."
} else {
    ""
};

/// An emulator that serves one command. Dropping it stops it.
pub(super) struct EmbeddedEmulator {
    pub(super) url: String,
    /// Credentials that it accepts.
    pub(super) credentials: CredentialsProvider,
    #[cfg(feature = "emulator")]
    _server: Emulator,
}

impl EmbeddedEmulator {
    /// Starts the emulator and prints where it is.
    #[cfg(feature = "emulator")]
    pub(super) async fn start() -> Result<Self, CliError> {
        let server = Emulator::builder()
            .start()
            .await
            .map_err(|error| CliError::usage(format!("the emulator cannot be started: {error}")))?;
        let url = server.url().to_owned();
        output::message(&format!(
            "emulator: this is a made-up fleet of {} servers at {url}; nothing leaves this machine",
            server.inventory().hosts().len(),
        ));
        let token =
            Token::new(Secret::new("built-in".to_owned())).map_err(|error| CliError::usage(error.to_string()))?;
        Ok(Self { url, credentials: CredentialsProvider::from_static(Credentials::token(token)), _server: server })
    }

    #[cfg(not(feature = "emulator"))]
    pub(super) async fn start() -> Result<Self, CliError> {
        Err(emulator_missing())
    }
}

/// Refuses `--emulator` early in a program without the emulator.
pub(super) fn ensure_available() -> Result<(), CliError> {
    if cfg!(feature = "emulator") { Ok(()) } else { Err(emulator_missing()) }
}

/// The error of a program that was built without the emulator.
pub(crate) fn emulator_missing() -> CliError {
    CliError::usage("this hss was built without the feature `emulator`, which `hss emulator` and --emulator need")
}
