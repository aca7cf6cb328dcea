//! The file parsers on arbitrary bytes and on damaged valid files: a result or an error, never a panic, never a secret.
//!
//! Each parser gets 100,000 cases, the same in every run. `PARSER_CASES` sets another number.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt as _;
use huaweicloud_auth::source::{KooCliSource, ProfileSource, TokenFileSource};
use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{CredentialSource, Lookup};

/// Part of every secret. The AKs go without: damage may leave any four of their characters in front, which are shown.
const MARKER: &str = "ZQ9X";
const PROFILE: &str = "# comment\n[global]\nak = HSTB0000000000000002\nsk = sk00ZQ9X2\n\n[basic]\nak = HPUA0000000000000001\n\
    sk: sk00ZQ9X1\nsecurity_token = st00ZQ9X1\nproject_id = p\ndomain_id = d\niam_endpoint = https://iam.example\n; end\n";
const KOOCLI: &str = r#"{"authEncrypt":"false","current":"default","profiles":[
    {"name":"default","mode":"AKSK","accessKeyId":"HPUA0000000000000001","secretAccessKey":"sk00ZQ9X1","securityToken":"st00ZQ9X1",
     "region":"cn-north-4","projectId":"p","domainId":"d","readTimeout":10},
    {"name":"sso","mode":"SSO","accessKeyId":"","ssoAuth":{"stsToken":{"accessKeyId":"HSTB0000000000000002",
     "secretAccessKey":"sk00ZQ9X2","securityToken":"st00ZQ9X2"}}}]}"#;

const PROFILE_PATH: &str = "/h/.huaweicloud/credentials";
const KOOCLI_PATH: &str = "/h/.hcloud/config.json";
const TOKEN_PATH: &str = "/h/token";

/// Reads the bytes as this kind of file and returns all that would be shown.
fn read_with(source: &dyn CredentialSource, path: &str, bytes: Vec<u8>) -> String {
    let env = FakeEnvironment::new().with_home("/h").with_file(path, bytes);
    let result = source.load(&env).now_or_never().unwrap();
    let mut shown = format!("{result:?}\n");
    match result {
        Ok(Lookup::Found(loaded)) => shown += &loaded.credentials.summary(),
        Ok(_) => {}
        Err(error) => shown += &error.to_string(),
    }
    shown
}

/// Pieces that mean something in one of the files. None moves a piece of text elsewhere: a secret turned into a profile
/// name would rightly be shown.
const PIECES: &[&[u8]] = &[
    b"[",
    b"]",
    b"=",
    b":",
    b"\n",
    b"\r",
    b"\"",
    b"'",
    b"{",
    b"}",
    b",",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"#",
    b";",
    b"%",
    b"\xef\xbb\xbf",
    b"[basic]",
    b"ak",
    b"sk=",
    b"\0",
    b"\xc3\xa9",
    b"\xff",
    b"\x80",
    b"\"mode\":\"AKSK\",",
    b"\"authEncrypt\":true,",
    b"[[[[[[[[[[[[[[[[",
];

/// A small generator of numbers (xorshift), so that the cases cost next to nothing and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.below(256) as u8).collect()
    }

    /// The text with one to five pieces of damage; one case in eight is made of nothing but pieces or bytes.
    fn damaged(&mut self, text: &str) -> Vec<u8> {
        match self.below(16) {
            0 => return self.bytes(80),
            1 => return (0..self.below(40)).flat_map(|_| PIECES[self.below(PIECES.len())].to_vec()).collect(),
            _ => {}
        }
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(5) {
            let at = self.below(bytes.len() + 1);
            match self.below(5) {
                0 => {
                    let byte = self.below(256) as u8;
                    if let Some(here) = bytes.get_mut(at) {
                        *here = byte;
                    }
                }
                1 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
                2 => drop(bytes.splice(at..at, self.bytes(3))),
                3 => drop(bytes.drain(at..(at + 1 + self.below(40)).min(bytes.len()))),
                _ if self.below(4) == 0 => bytes.truncate(at),
                _ => {}
            }
        }
        bytes
    }
}

/// Gives a parser all its cases, which begin with this text. A case that fails is printed completely.
fn fuzz(source: &dyn CredentialSource, path: &str, text: &str) {
    let cases = std::env::var("PARSER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut read = 0;
    for case in 0..cases {
        let bytes = chance.damaged(text);
        let shown = catch_unwind(AssertUnwindSafe(|| read_with(source, path, bytes.clone())));
        let Ok(shown) = shown else { panic!("case {case} made it panic: {:?}", String::from_utf8_lossy(&bytes)) };
        assert!(!shown.contains(MARKER), "case {case} shows a secret: {shown}");
        read += usize::from(shown.starts_with("Ok"));
    }
    // Were all of them refused, or none, the damage would be of no use.
    assert!((cases / 100..cases * 99 / 100).contains(&read), "{read} of {cases} were read");
}

#[test]
fn a_damaged_profile() {
    fuzz(&ProfileSource, PROFILE_PATH, PROFILE);
}

#[test]
fn a_damaged_koocli_file() {
    fuzz(&KooCliSource, KOOCLI_PATH, KOOCLI);
}

#[test]
fn a_damaged_token_file() {
    fuzz(&TokenFileSource::new(Some(TOKEN_PATH.into())), TOKEN_PATH, "tk00ZQ9X0123456789abcdef\n");
}

#[test]
fn deep_nesting_is_an_error() {
    let shown = read_with(&KooCliSource, KOOCLI_PATH, "[".repeat(200_000).into_bytes());
    assert!(shown.contains("Malformed"), "{shown}");
    let shown = read_with(&KooCliSource, KOOCLI_PATH, format!("{{\"x\":{}", "{\"x\":".repeat(200_000)).into_bytes());
    assert!(shown.contains("Malformed") || shown.contains("TooLarge") || shown.contains("larger"), "{shown}");
}

#[test]
fn the_undamaged_files_are_read() {
    assert!(read_with(&ProfileSource, PROFILE_PATH, PROFILE.into()).contains("temporary access key HPUA****"));
    assert!(read_with(&KooCliSource, KOOCLI_PATH, KOOCLI.into()).contains("temporary access key HPUA****"));
}
