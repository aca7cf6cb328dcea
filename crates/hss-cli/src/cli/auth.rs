//! The arguments of `hss auth`.

use clap::{Args, Subcommand};

use crate::exit;

use super::common::{ConnectionArgs, OutputArgs};

#[derive(Subcommand)]
pub(crate) enum AuthCommand {
    Whoami(WhoamiArgs),
}

/// Show which credentials are used and where they come from
///
/// Secrets are never printed.
#[derive(Args)]
#[command(after_long_help = exit::TABLE)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
