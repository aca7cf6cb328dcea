//! The arguments of `hss completions` and `hss man`: what a shell and a package want to know about the command line.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Print a script that completes this command line in a shell
///
/// The script belongs here:
///   bash        ~/.local/share/bash-completion/completions/hss
///   zsh         _hss in a folder of $fpath
///   fish        ~/.config/fish/completions/hss.fish
///   powershell  at the end of the file $PROFILE
///   elvish      at the end of ~/.config/elvish/rc.elv
///
/// Verbs, flags, their fixed values and files are completed.
/// Ids are not: nothing is asked of the service while you type.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Write the manual pages, one for each verb, into a folder
///
/// For packages: hss.1, hss-scan.1 and so on, which belong in man1. The folder is made when it is not there.
#[derive(Args)]
pub(crate) struct ManArguments {
    /// The folder
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}
