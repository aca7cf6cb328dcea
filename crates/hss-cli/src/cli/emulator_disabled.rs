//! `hss emulator` in a program without the emulator: hidden, it takes whatever follows, to say that it is not there.

use std::ffi::OsString;

use clap::Args;

/// Run an emulator of the service; this program was built without it
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct EmulatorArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _anything: Vec<OsString>,
}
