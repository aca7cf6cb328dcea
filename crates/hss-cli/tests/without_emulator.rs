//! An `hss` that was built without the emulator: nothing offers it, and whoever asks for it is told why it is not there.

#![cfg(not(feature = "emulator"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output};

fn hss(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hss")).args(args).env_clear().env("HSS_METADATA", "off").output().unwrap()
}

#[test]
fn nothing_offers_it() {
    for args in [
        &["--help"][..],
        &["help"],
        &["scan", "--help"],
        &["hosts", "list", "--help"],
        &["projects", "list", "--help"],
        &["scan", "--all-hosts"],
        &["scan", "--all-hosts", "--dry-run"],
    ] {
        let output = hss(args);
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.is_empty(), "{args:?}");
        assert!(!String::from_utf8(said).unwrap().to_lowercase().contains("emulator"), "{args:?}");
    }
}

#[test]
fn whoever_asks_for_it_is_told_why_it_is_not_there() {
    for args in [
        &["emulator"][..],
        &["emulator", "--listen", "127.0.0.1:0", "--hosts", "3"],
        &["emulator", "--help"],
        &["scan", "--all-hosts", "--emulator"],
        &["scan", "--all-hosts", "--emulator", "--dry-run"],
        &["hosts", "list", "--emulator"],
        &["projects", "list", "--emulator"],
        &["enterprise-projects", "list", "--emulator"],
    ] {
        let output = hss(args);
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{args:?}: {output:?}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "error: this hss was built without the feature `emulator`, which `hss emulator` and --emulator need\n",
            "{args:?}"
        );
    }
}
