//! An `hss` that was built without the emulator does not mention it, and explains its absence where it is asked for.

#![cfg(not(feature = "emulator"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output};

fn hss(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hss")).args(args).env_clear().env("HSS_METADATA", "off").output().unwrap()
}

#[test]
fn it_does_not_mention_the_emulator() {
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
        let printed = [output.stdout, output.stderr].concat();
        assert!(!printed.is_empty(), "{args:?}");
        assert!(!String::from_utf8(printed).unwrap().to_lowercase().contains("emulator"), "{args:?}");
    }
}

#[test]
fn it_explains_why_the_emulator_is_missing() {
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
            "error: this hss was built without the emulator. To use `hss emulator` and --emulator, install hss with the Cargo \
             feature `emulator`\n",
            "{args:?}"
        );
    }
}
