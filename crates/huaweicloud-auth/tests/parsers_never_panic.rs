//! The file readers on arbitrary bytes and on damaged valid files: an answer or an error, never a panic, never a secret.
//!
//! `PROPTEST_CASES` sets the number of cases of each of the four tests; without it they make 2,000 together.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use huaweicloud_auth::source::{KooCli, LocalSource, Profile, TokenFile};
use huaweicloud_auth::testing::MemorySystem;
use proptest::prelude::*;

/// Part of every secret. The AKs go without: damage may leave any four of their characters in front, which are shown.
const MARKER: &str = "ZQ9X";
const PROFILE: &str = "# comment\n[global]\nak = HSTB0000000000000002\nsk = sk00ZQ9X2\n\n[basic]\nak = HPUA0000000000000001\n\
    sk: sk00ZQ9X1\nsecurity_token = st00ZQ9X1\nproject_id = p\ndomain_id = d\niam_endpoint = https://iam.example\n; end\n";
const KOOCLI: &str = r#"{"authEncrypt":"false","current":"default","profiles":[
    {"name":"default","mode":"AKSK","accessKeyId":"HPUA0000000000000001","secretAccessKey":"sk00ZQ9X1","securityToken":"st00ZQ9X1",
     "region":"cn-north-4","projectId":"p","domainId":"d","readTimeout":10},
    {"name":"sso","mode":"SSO","accessKeyId":"","ssoAuth":{"stsToken":{"accessKeyId":"HSTB0000000000000002",
     "secretAccessKey":"sk00ZQ9X2","securityToken":"st00ZQ9X2"}}}]}"#;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Reads the bytes as each kind of file and returns all that would be shown.
fn read_as(path: &str, bytes: Vec<u8>) -> String {
    let system = MemorySystem::new().with_home("/h").with_file(path, bytes);
    let answers = [Profile.read(&system), KooCli.read(&system), TokenFile::new(Some("/h/token".into())).read(&system)];
    let mut shown = String::new();
    for answer in answers {
        shown += &format!("{answer:?}\n");
        match answer {
            Ok(lookup) => shown += &lookup.found().map(|found| found.credentials.summary()).unwrap_or_default(),
            Err(error) => shown += &error.to_string(),
        }
    }
    shown
}

const PROFILE_PATH: &str = "/h/.huaweicloud/credentials";
const KOOCLI_PATH: &str = "/h/.hcloud/config.json";

/// One piece of damage. None moves a piece of text elsewhere: a secret turned into a profile name would rightly be shown.
#[derive(Debug, Clone)]
enum Damage {
    Set(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    CutOff(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let text = prop::sample::select(vec![
        "[",
        "]",
        "=",
        ":",
        "\n",
        "\r",
        "\"",
        "'",
        "{",
        "}",
        ",",
        "\\",
        "\\u0000",
        "null",
        "true",
        "1e999",
        "#",
        ";",
        "%",
        "\u{feff}",
        "[basic]",
        "ak",
        "sk=",
        "\u{0}",
        "é",
        "\"mode\":\"AKSK\",",
        "\"authEncrypt\":true,",
        "[[[[[[[[[[[[[[[[",
    ]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<usize>(), text).prop_map(|(at, text)| Damage::Insert(at, text.as_bytes().to_vec())),
        (any::<usize>(), prop::collection::vec(any::<u8>(), 1..4)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        any::<usize>().prop_map(Damage::CutOff),
    ]
}

fn damaged(text: &str, pieces: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for piece in pieces {
        let place = |at: usize| at % (bytes.len() + 1);
        match piece {
            Damage::Set(at, byte) => {
                let at = place(*at);
                if let Some(here) = bytes.get_mut(at) {
                    *here = *byte;
                }
            }
            Damage::Insert(at, more) => {
                let at = place(*at);
                bytes.splice(at..at, more.iter().copied());
            }
            Damage::Remove(at, length) => {
                let at = place(*at);
                let end = (at + length).min(bytes.len());
                bytes.drain(at..end);
            }
            Damage::CutOff(at) => bytes.truncate(place(*at)),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_bytes_in_a_profile(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,60}([\\[\\]=:#\nak-s]{0,40})") {
        read_as(PROFILE_PATH, bytes.clone());
        read_as("/h/token", bytes);
        read_as(PROFILE_PATH, text.into_bytes());
    }

    #[test]
    fn any_bytes_in_a_koocli_file(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[\\[\\]{}:,\"a-e0-9\\\\ ]{0,80}") {
        read_as(KOOCLI_PATH, bytes);
        read_as(KOOCLI_PATH, text.into_bytes());
    }

    #[test]
    fn a_damaged_profile(pieces in prop::collection::vec(damage(), 1..6)) {
        let shown = read_as(PROFILE_PATH, damaged(PROFILE, &pieces));
        prop_assert!(!shown.contains(MARKER), "{shown}");
    }

    #[test]
    fn a_damaged_koocli_file(pieces in prop::collection::vec(damage(), 1..6)) {
        let shown = read_as(KOOCLI_PATH, damaged(KOOCLI, &pieces));
        prop_assert!(!shown.contains(MARKER), "{shown}");
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let shown = read_as(KOOCLI_PATH, "[".repeat(200_000).into_bytes());
    assert!(shown.contains("Malformed"), "{shown}");
    let shown = read_as(KOOCLI_PATH, format!("{{\"x\":{}", "{\"x\":".repeat(200_000)).into_bytes());
    assert!(shown.contains("Malformed") || shown.contains("TooLarge") || shown.contains("larger"), "{shown}");
}

#[test]
fn the_undamaged_files_are_read() {
    assert!(read_as(PROFILE_PATH, PROFILE.into()).contains("temporary access key HPUA****"));
    assert!(read_as(KOOCLI_PATH, KOOCLI.into()).contains("temporary access key HPUA****"));
}
