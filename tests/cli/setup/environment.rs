//! The environment is validated before it is used: unusable files, incomplete key pairs, invalid variables.

use std::fs;
use std::path::Path;

use huaweicloud_hss_emulator::Emulator;
use serde_json::json;

use integration_tests::emulator::with_emulator;
use integration_tests::hss::{Run, command, hss_with_input, run};

fn hss(args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    run(command)
}

const TOKEN: (&str, &str) = ("HW_AUTH_TOKEN", "geheim-token");
const KEY: [(&str, &str); 2] = [("HUAWEICLOUD_SDK_AK", "EXAMPLEACCESSKEY0001"), ("HUAWEICLOUD_SDK_SK", "geheim-sk")];

/// Creates a named pipe without a writer. Opening it for reading would block for ever.
#[cfg(unix)]
fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_credentials_file_is_an_error() {
    for file in [".huaweicloud/credentials", ".hcloud/config.json"] {
        let home = tempfile::tempdir().unwrap();
        pipe(&home.path().join(file));
        let run = hss(&["auth", "whoami"], &[("HOME", home.path().to_str().unwrap())]);
        assert_eq!(run.code, 3, "{run:#?}");
        assert!(run.stderr.contains(file) && run.stderr.contains("it is not a regular file"), "{run:#?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    pipe(&file);
    let run = hss(&["auth", "whoami", "--token-file", file.to_str().unwrap()], &[]);
    assert_eq!(run.code, 3, "{run:#?}");
    assert!(run.stderr.contains("it is not a regular file"), "{run:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_token_can_come_from_standard_input() {
    let args = ["auth", "whoami", "--token-file", "/dev/stdin", "-o", "json"];
    let run = hss_with_input(&args, b"geheim-token\n");
    assert_eq!((run.code, &run.json()["credentials"]), (0, &json!("token")), "{run:#?}");
    let endless = hss_with_input(&args, &[b't'; 64 * 1024 + 1]);
    assert_eq!(endless.code, 3, "{endless:#?}");
    assert!(endless.stderr.contains("it is larger than 64 KiB"), "{endless:#?}");
}

#[cfg(unix)]
#[test]
fn the_size_of_a_ca_file_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe_file, huge) = (folder.path().join("pipe"), folder.path().join("huge"));
    pipe(&pipe_file);
    // A sparse file, which takes no space on the disk.
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    for (path, part) in [
        ("/dev/zero", "it is not a regular file"),
        (pipe_file.to_str().unwrap(), "it is not a regular file"),
        (huge.to_str().unwrap(), "it is larger than 16384 KiB"),
    ] {
        let run =
            hss(&["status", "--endpoint", "https://127.0.0.1:9", "--project-id", "p", "--ca-file", path], &[TOKEN]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(&format!("cannot read CA file {path}: {part}")), "{run:#?}");
    }
}

#[test]
fn an_invalid_metadata_address_is_named() {
    for text in ["garbage", "ftp://169.254.169.254", "OFF"] {
        let run = hss(&["auth", "whoami"], &[("HSS_METADATA", text)]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains("environment variable HSS_METADATA must be `off` or a URL"), "{run:#?}");
    }
}

#[test]
fn an_invalid_proxy_is_an_error_only_where_it_is_used() {
    let elsewhere = ["status", "--endpoint", "http://hss.invalid", "--allow-http", "--project-id", "p"];
    for name in ["HTTP_PROXY", "ALL_PROXY"] {
        let run = hss(&elsewhere, &[TOKEN, (name, "not a url geheim")]);
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(&format!("environment variable {name} is not a valid proxy URL")), "{run:#?}");
        assert!(!run.stderr.contains("geheim"), "{run:#?}");
    }
    with_emulator(Emulator::builder, |emulator| {
        let run =
            hss(&["status", "--endpoint", emulator.url(), "--project-id", "p"], &[TOKEN, ("HTTP_PROXY", "not a url")]);
        assert_eq!(run.code, 0, "loopback connections use no proxy: {run:#?}");
    });
}

#[test]
fn an_incomplete_pair_behind_the_source_in_use_is_noted() {
    let run = hss(&["auth", "whoami", "-o", "json"], &[KEY[0], KEY[1], ("HW_ACCESS_KEY", "HALFACCESSKEY0000001")]);
    assert_eq!(run.code, 0, "{run:#?}");
    let expected = "unused credentials found: environment variables HW_ACCESS_KEY and HW_SECRET_KEY \
                    (HW_ACCESS_KEY is set but HW_SECRET_KEY is not)";
    assert_eq!(run.json()["notes"], json!([expected]));
}

#[test]
fn a_token_that_is_too_long_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    for (length, code) in [(32_768, 0), (32_769, 3), (40_000, 3)] {
        let token = "t".repeat(length);
        fs::write(&file, &token).unwrap();
        let with_file = ["auth", "whoami", "--token-file", file.to_str().unwrap()];
        for run in [hss(&["auth", "whoami"], &[("HW_AUTH_TOKEN", &token)]), hss(&with_file, &[])] {
            assert_eq!(run.code, code, "{}", run.stderr.len());
            assert!(!run.stderr.contains(&token));
            let error = format!("X-Auth-Token takes 1 to 32768 characters, not {length}");
            assert_eq!(run.stderr.contains(&error), code == 3, "{}", run.stderr);
        }
    }
}

#[test]
fn a_note_names_the_project_in_use_if_there_are_several() {
    with_emulator(Emulator::builder, |emulator| {
        let status = |args: &[&str], variables: &[(&str, &str)]| {
            let mut all = vec!["status", "--endpoint", emulator.url()];
            all.extend(args);
            let run = hss(&all, &[&[TOKEN], variables].concat());
            assert_eq!(run.code, 0, "{run:#?}");
            run.stderr
        };
        let both = [("HUAWEICLOUD_SDK_PROJECT_ID", "sdk"), ("HW_PROJECT_ID", "hw")];
        assert_eq!(
            status(&[], &both),
            "note: using project \"sdk\" from HUAWEICLOUD_SDK_PROJECT_ID, not \"hw\" from HW_PROJECT_ID\n"
        );
        assert_eq!(
            status(&["--project-id", "flag"], &both[..1]),
            "note: using project \"flag\" from --project-id, not \"sdk\" from HUAWEICLOUD_SDK_PROJECT_ID\n"
        );
        assert_eq!(status(&["--project-id", "hw"], &both[1..]), "");
    });
}
