//! The chain with sources of another crate: order, waiting, conflicts, and that no network source is asked needlessly.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use huaweicloud_auth::source::{CredentialSource, LookFuture};
use huaweicloud_auth::testing::{MemorySystem, now_or_never};
use huaweicloud_auth::{
    AccessKey, Chain, Credentials, Error, ErrorKind, Found, InvalidCredential, Lookup, NotUnicode, Note, OsSystem,
    Secret, Source, System, Token,
};

/// Stands for a source such as the ECS metadata: asynchronous, and counting how often it is asked.
struct Remote {
    answer: fn() -> Result<Lookup, Error>,
    asked: Arc<AtomicUsize>,
    local: bool,
}

impl CredentialSource for Remote {
    fn name(&self) -> String {
        "remote".to_owned()
    }

    fn is_local(&self) -> bool {
        self.local
    }

    fn look<'a>(&'a self, _system: &'a dyn System) -> LookFuture<'a> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            (self.answer)()
        })
    }
}

fn remote(answer: fn() -> Result<Lookup, Error>) -> (Remote, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (Remote { answer, asked: Arc::clone(&asked), local: false }, asked)
}

fn a_token() -> Result<Lookup, Error> {
    let token = Token::new(Secret::new("made-up".to_owned())).unwrap();
    Ok(Found::new(Credentials::token(token), Source::Other("remote".to_owned())).into())
}

fn sdk() -> MemorySystem {
    MemorySystem::new().with_env("HUAWEICLOUD_SDK_AK", "AK").with_env("HUAWEICLOUD_SDK_SK", "sk")
}

#[test]
fn a_remote_source_is_asked_when_no_local_one_has_anything() {
    let (source, asked) = remote(a_token);
    let chain = Chain::standard(None).then(source);
    let resolved = now_or_never(chain.resolve(&MemorySystem::new())).unwrap().unwrap();
    assert_eq!(resolved.found.source, Source::Other("remote".to_owned()));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_remote_source_is_not_asked_after_a_winner() {
    let (source, asked) = remote(a_token);
    let resolved = now_or_never(Chain::standard(None).then(source).resolve(&sdk())).unwrap().unwrap();
    assert_eq!(resolved.found.source, Source::SdkVariables);
    assert!(resolved.conflicts.is_empty());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_local_source_of_another_crate_is_a_conflict() {
    let (mut source, asked) = remote(a_token);
    source.local = true;
    let resolved = now_or_never(Chain::standard(None).then(source).resolve(&sdk())).unwrap().unwrap();
    assert_eq!(resolved.conflicts[0].source, Source::Other("remote".to_owned()));
    assert!(!resolved.conflicts[0].same);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn half_a_pair_behind_the_winner_is_a_conflict() {
    for (name, missing) in [("HW_ACCESS_KEY", "HW_SECRET_KEY"), ("HW_SECRET_KEY", "HW_ACCESS_KEY")] {
        let system = sdk().with_env(name, "half-ZQ9X");
        let resolved = now_or_never(Chain::standard(None).resolve(&system)).unwrap().unwrap();
        assert_eq!(resolved.found.source, Source::SdkVariables);
        let told: Vec<String> = resolved.conflicts.iter().map(ToString::to_string).collect();
        let expected = format!(
            "other credentials are not used: environment variables HW_ACCESS_KEY and HW_SECRET_KEY, where {name} is set but {missing} is not"
        );
        assert_eq!(told, [expected]);
    }
}

#[test]
fn a_broken_source_ends_the_search() {
    let (source, asked) = remote(a_token);
    let broken = MemorySystem::new().with_env("HUAWEICLOUD_SDK_AK", "AK");
    let error = now_or_never(Chain::standard(None).then(source).resolve(&broken)).unwrap().unwrap_err();
    assert!(error.is_broken() && !error.is_not_found());
    assert_eq!((error.kind(), error.origin()), (ErrorKind::Incomplete, Some(&Source::SdkVariables)));
    assert_eq!(error.reasons().count(), 0);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn every_source_is_listed_with_its_reason() {
    let (source, _) = remote(|| Ok(Lookup::NotHere("no machine".to_owned())));
    let chain = Chain::standard(None).then(source);
    let error = now_or_never(chain.resolve(&MemorySystem::new())).unwrap().unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.reasons().count(), 7);
    assert_eq!(error.reasons().last(), Some(("remote", "no machine")));
    for (name, reason) in error.reasons() {
        assert!(error.to_string().contains(&format!("\n  {name}: {reason}\n")), "{error}");
    }
    assert!(error.to_string().ends_with(&format!("{}.", error.advice())));
}

#[test]
fn an_empty_chain_says_what_to_do() {
    let error = now_or_never(Chain::empty().resolve(&MemorySystem::new())).unwrap().unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().ends_with(error.advice()));
}

#[test]
fn it_can_wait_on_another_thread() {
    fn sendable<T: Send + Sync>(value: T) -> T {
        value
    }
    let chain = sendable(Chain::standard(None));
    let system = sendable(OsSystem);
    drop(sendable_future(chain.resolve(&system)));
    sendable(a_token().unwrap().found());

    fn sendable_future<F: Future + Send>(future: F) -> F {
        future
    }
}

#[test]
fn nothing_public_shows_a_secret() {
    const MARKER: &str = "ZQ9X";
    let secret = |text: &str| Secret::new(format!("{text}{MARKER}"));
    let token = Token::new(secret("token")).unwrap();
    let key = AccessKey::new(format!("HPUA{MARKER}00000001"), secret("sk"), Some(secret("st"))).unwrap();
    let mut found = Found::new(Credentials::access_key(key.clone()), Source::Given);
    found.notes.push(Note::FederatedLoginIgnored { setting: "idp_id" });
    let with_break = |text: &str| Secret::new(format!("{text} {MARKER}"));
    let refused: Vec<InvalidCredential> = vec![
        Token::new(with_break("token")).unwrap_err(),
        AccessKey::new(format!("a {MARKER}"), secret("sk"), None).unwrap_err(),
        AccessKey::new("AK", with_break("sk"), None).unwrap_err(),
        AccessKey::new("AK", secret("sk"), Some(with_break("st"))).unwrap_err(),
        Credentials::token(token.clone()).with_project_id(format!("a {MARKER}")).unwrap_err(),
    ];
    let request = huaweicloud_auth::sign::Request {
        method: "GET",
        host: "h",
        path: "/",
        query: "q=ZQ9X",
        headers: &[("x-mine", MARKER)],
        body: MARKER.as_bytes(),
        scope: huaweicloud_auth::sign::Scope::None,
    };
    let system = MemorySystem::new().with_env("HW_AUTH_TOKEN", format!("t{MARKER}")).with_file("/f", MARKER);
    let signed = huaweicloud_auth::sign::sign(&key, &request, system.now()).unwrap();
    let contents = system.read_file("/f".as_ref(), 9).unwrap();
    let resolved = now_or_never(Chain::standard(None).resolve(&system)).unwrap().unwrap();
    let credentials = [Credentials::token(token.clone()), Credentials::access_key(key.clone())];
    let mut shown =
        format!("{token:?}{key:?}{found:?}{request:?}{signed:?}{system:?}{contents:?}{resolved:?}{credentials:?}");
    shown += &format!("{token:#?}{key:#?}{found:#?}{request:#?}{signed:#?}{system:#?}{contents:#?}{resolved:#?}");
    shown += &signed.headers().map(|header| format!("{header:?}")).collect::<String>();
    for credentials in &credentials {
        shown += &credentials.summary();
    }
    for problem in refused {
        let error = Error::invalid_value(Source::Given, "NAME", problem);
        shown += &format!("{problem}{problem:?}{error}{error:?}{error:#?}");
    }
    shown += &format!("{:?}", NotUnicode);
    assert!(!shown.contains(MARKER), "{shown}");
    assert!(shown.contains("HPUA****"));
}
