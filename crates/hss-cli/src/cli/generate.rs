//! The arguments of `hss completions` and `hss man`, which generate files for shells and packages.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print a script that completes this command line in a shell
///
/// Where to put the script:
///   bash        ~/.local/share/bash-completion/completions/hss
///   zsh         _hss in a folder of $fpath
///   fish        ~/.config/fish/completions/hss.fish
///   powershell  at the end of the file $PROFILE
///   elvish      at the end of ~/.config/elvish/rc.elv
///
/// Commands, flags, their fixed values and files are completed.
/// Ids are not: completion never calls the service.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Write the manual pages, one per command, into a folder
///
/// For packages: hss.1, hss-scan.1 and so on, which belong in man1. The folder is created if it does not exist.
#[derive(Args)]
pub(crate) struct ManArgs {
    /// The folder
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}
