//! The chain with sources of another crate: order, waiting, shadowed sources, and that no network source is asked needlessly.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use huaweicloud_auth::source::{CredentialSource, LoadFuture};
use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{
    AccessKey, CredentialChain, Credentials, Environment, Error, ErrorKind, InvalidCredential, LoadedCredentials,
    Lookup, NotUnicode, OsEnvironment, Secret, SourceLocation, Token, Warning,
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

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
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
    Ok(LoadedCredentials::new(Credentials::token(token), SourceLocation::Other("remote".to_owned())).into())
}

fn sdk() -> FakeEnvironment {
    FakeEnvironment::new().with_var("HUAWEICLOUD_SDK_AK", "AK").with_var("HUAWEICLOUD_SDK_SK", "sk")
}

#[test]
fn a_remote_source_is_asked_when_no_local_one_has_anything() {
    let (source, asked) = remote(a_token);
    let chain = CredentialChain::default_chain(None).push(source);
    let resolved = chain.resolve(&FakeEnvironment::new()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.credentials.source, SourceLocation::Other("remote".to_owned()));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_remote_source_is_not_asked_after_a_winner() {
    let (source, asked) = remote(a_token);
    let resolved = CredentialChain::default_chain(None).push(source).resolve(&sdk()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.credentials.source, SourceLocation::SdkVariables);
    assert!(resolved.shadowed.is_empty());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_local_source_of_another_crate_is_a_conflict() {
    let (mut source, asked) = remote(a_token);
    source.local = true;
    let resolved = CredentialChain::default_chain(None).push(source).resolve(&sdk()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.shadowed[0].source, SourceLocation::Other("remote".to_owned()));
    assert!(!resolved.shadowed[0].same);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn half_a_pair_behind_the_winner_is_a_conflict() {
    for (name, missing) in [("HW_ACCESS_KEY", "HW_SECRET_KEY"), ("HW_SECRET_KEY", "HW_ACCESS_KEY")] {
        let env = sdk().with_var(name, "half-ZQ9X");
        let resolved = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap().unwrap();
        assert_eq!(resolved.credentials.source, SourceLocation::SdkVariables);
        let told: Vec<String> = resolved.shadowed.iter().map(ToString::to_string).collect();
        let expected = format!(
            "other credentials are not used: environment variables HW_ACCESS_KEY and HW_SECRET_KEY, where {name} is set but {missing} is not"
        );
        assert_eq!(told, [expected]);
    }
}

#[test]
fn a_broken_source_ends_the_search() {
    let (source, asked) = remote(a_token);
    let broken = FakeEnvironment::new().with_var("HUAWEICLOUD_SDK_AK", "AK");
    let error = CredentialChain::default_chain(None).push(source).resolve(&broken).now_or_never().unwrap().unwrap_err();
    assert!(error.is_invalid() && !error.is_not_found());
    assert_eq!((error.kind(), error.source_location()), (ErrorKind::Incomplete, Some(&SourceLocation::SdkVariables)));
    assert_eq!(error.reasons().count(), 0);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn every_source_is_listed_with_its_reason() {
    let (source, _) = remote(|| Ok(Lookup::not_found("no machine".to_owned())));
    let chain = CredentialChain::default_chain(None).push(source);
    let error = chain.resolve(&FakeEnvironment::new()).now_or_never().unwrap().unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.reasons().count(), 7);
    assert_eq!(error.reasons().last(), Some(("remote", "no machine")));
    for (name, reason) in error.reasons() {
        assert!(error.to_string().contains(&format!("\n  {name}: {reason}\n")), "{error}");
    }
    assert!(error.to_string().ends_with(&format!("{}.", error.hint())));
}

#[test]
fn an_empty_chain_says_what_to_do() {
    let error = CredentialChain::new().resolve(&FakeEnvironment::new()).now_or_never().unwrap().unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().ends_with(error.hint()));
}

#[test]
fn it_can_wait_on_another_thread() {
    fn sendable<T: Send + Sync>(value: T) -> T {
        value
    }
    let chain = sendable(CredentialChain::default_chain(None));
    let env = sendable(OsEnvironment);
    drop(sendable_future(chain.resolve(&env)));
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
    let mut found = LoadedCredentials::new(Credentials::access_key(key.clone()), SourceLocation::Explicit);
    found.warnings.push(Warning::FederatedLoginIgnored { setting: "idp_id" });
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
    let env = FakeEnvironment::new().with_var("HW_AUTH_TOKEN", format!("t{MARKER}")).with_file("/f", MARKER);
    let signed = huaweicloud_auth::sign::sign(&key, &request, env.now()).unwrap();
    let contents = env.read_file("/f".as_ref(), 9).unwrap();
    let resolved = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap().unwrap();
    let credentials = [Credentials::token(token.clone()), Credentials::access_key(key.clone())];
    let mut shown =
        format!("{token:?}{key:?}{found:?}{request:?}{signed:?}{env:?}{contents:?}{resolved:?}{credentials:?}");
    shown += &format!("{token:#?}{key:#?}{found:#?}{request:#?}{signed:#?}{env:#?}{contents:#?}{resolved:#?}");
    shown += &signed.headers().map(|header| format!("{header:?}")).collect::<String>();
    for credentials in &credentials {
        shown += &credentials.summary();
    }
    for problem in refused {
        let error = Error::invalid_value(SourceLocation::Explicit, "NAME", problem);
        shown += &format!("{problem}{problem:?}{error}{error:?}{error:#?}");
    }
    shown += &format!("{:?}", NotUnicode);
    assert!(!shown.contains(MARKER), "{shown}");
    assert!(shown.contains("HPUA****"));
}
