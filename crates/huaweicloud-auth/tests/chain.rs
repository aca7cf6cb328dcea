//! The chain with sources of another crate: order, waiting, shadowed sources, and that no network source is asked
//! needlessly.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use huaweicloud_auth::source::KooCliSource;
use huaweicloud_auth::testing::FakeEnvironment;
use huaweicloud_auth::{
    AccessKey, CredentialChain, CredentialSource, Credentials, DeferredCredentials, Environment, Error, ErrorKind,
    FileError, InvalidCredential, LoadFuture, LoadedCredentials, Lookup, NotUnicode, OsEnvironment, Secret,
    ShadowedSource, SourceLocation, Token, Warning, load_credentials,
};

/// A source such as the server metadata: asynchronous, and counting how often it is asked.
#[derive(Clone)]
struct Remote {
    response: fn() -> Result<Lookup, Error>,
    asked: Arc<AtomicUsize>,
    shadowed: Option<ShadowedSource>,
}

impl CredentialSource for Remote {
    fn name(&self) -> String {
        "remote".to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            (self.response)()
        })
    }

    fn shadowed_by(&self, _used: Option<&Credentials>, _env: &dyn Environment) -> Option<ShadowedSource> {
        self.shadowed.clone()
    }
}

fn remote(response: fn() -> Result<Lookup, Error>) -> (Remote, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (Remote { response, asked: Arc::clone(&asked), shadowed: None }, asked)
}

fn location() -> SourceLocation {
    SourceLocation::Other("remote".to_owned())
}

fn a_token() -> Result<Lookup, Error> {
    let token = Token::new(Secret::new("example".to_owned())).unwrap();
    Ok(LoadedCredentials::new(Credentials::token(token), location()).into())
}

fn sdk() -> FakeEnvironment {
    FakeEnvironment::new().with_var("HUAWEICLOUD_SDK_AK", "AK").with_var("HUAWEICLOUD_SDK_SK", "sk")
}

#[test]
fn a_remote_source_is_asked_when_no_local_one_has_credentials() {
    let (source, asked) = remote(a_token);
    let chain = CredentialChain::default_chain(None).push(source);
    let resolved = chain.resolve(&FakeEnvironment::new()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.location, location());
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_remote_source_is_not_asked_after_a_winner() {
    let (source, asked) = remote(a_token);
    let chain = CredentialChain::default_chain(None).push(source);
    let resolved = chain.resolve(&sdk()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.location, SourceLocation::SdkVariables);
    assert!(resolved.shadowed.is_empty());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_source_at_the_front_wins_and_shadows_the_others() {
    let (source, _) = remote(a_token);
    let chain = CredentialChain::default_chain(None).push_front(source);
    let resolved = chain.resolve(&sdk()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.location, location());
    assert_eq!(resolved.shadowed, [ShadowedSource::new(SourceLocation::SdkVariables)]);
}

#[test]
fn a_source_of_another_crate_can_report_that_it_is_shadowed() {
    let (mut source, asked) = remote(a_token);
    source.shadowed = Some(ShadowedSource::new(location()));
    let chain = CredentialChain::default_chain(None).push(source);
    let resolved = chain.resolve(&sdk()).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.shadowed, [ShadowedSource::new(location())]);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

/// Defers to a remote source, whose result is this one.
struct Deferring(Remote);

impl CredentialSource for Deferring {
    fn name(&self) -> String {
        "deferring".to_owned()
    }

    fn load<'a>(&'a self, _env: &'a dyn Environment) -> LoadFuture<'a> {
        let deferred = DeferredCredentials::new(self.0.clone(), location(), "a token to come");
        Box::pin(std::future::ready(Ok(deferred.into())))
    }
}

#[test]
fn a_deferred_source_is_chosen_at_once_and_asked_later() {
    let (source, asked) = remote(a_token);
    let chain = CredentialChain::new().push(Deferring(source));
    let env = FakeEnvironment::new();
    let resolved = chain.resolve(&env).now_or_never().unwrap().unwrap();
    assert_eq!((resolved.location.clone(), resolved.summary.as_str()), (location(), "a token to come"));
    assert!(resolved.credentials.is_none());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let loaded = resolved.load(&env).now_or_never().unwrap().unwrap();
    assert_eq!(loaded.credentials.summary(), "token");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn half_a_pair_after_the_winner_is_reported() {
    for (name, missing) in [("HW_ACCESS_KEY", "HW_SECRET_KEY"), ("HW_SECRET_KEY", "HW_ACCESS_KEY")] {
        let env = sdk().with_var(name, "half-ZQ9X");
        let resolved = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap().unwrap();
        assert_eq!(resolved.location, SourceLocation::SdkVariables);
        let messages: Vec<String> = resolved.shadowed.iter().map(ToString::to_string).collect();
        let expected = format!(
            "unused credentials found: environment variables HW_ACCESS_KEY and HW_SECRET_KEY ({name} is set but {missing} is not)"
        );
        assert_eq!(messages, [expected]);
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

/// A machine whose KooCLI file is encrypted, as KooCLI writes it.
fn encrypted_koocli() -> FakeEnvironment {
    let config = r#"{"authEncrypt":"true","current":"default","profiles":[{"name":"default","mode":"AKSK",
        "accessKeyId":"HPUA0000000000000001","secretAccessKey":"example"}]}"#;
    FakeEnvironment::new().with_home("/home/user").with_file("/home/user/.hcloud/config.json", config)
}

#[test]
fn a_file_that_cannot_be_read_is_passed_over_and_reported() {
    let (source, asked) = remote(a_token);
    let env = encrypted_koocli().with_file_error("/home/user/.huaweicloud/credentials", FileError::PermissionDenied);
    let chain = CredentialChain::default_chain(None).push(source);
    let resolved = chain.resolve(&env).now_or_never().unwrap().unwrap();
    assert_eq!((resolved.location.clone(), asked.load(Ordering::Relaxed)), (location(), 1));
    let kinds: Vec<ErrorKind> = resolved.skipped.iter().map(Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::Unreadable, ErrorKind::Encrypted]);
    let notes: Vec<String> = resolved.notes().collect();
    assert!(notes[0].starts_with("skipped profile file /home/user/.huaweicloud/credentials"), "{notes:?}");
    assert!(notes[1].contains("cli-auth-encrypt=false"), "{notes:?}");
    // Without another source, each is listed with what to do about it.
    let error = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap().unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("cli-auth-encrypt=false"), "{error}");
    let error = load_credentials(&KooCliSource, &env).now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encrypted);
}

#[test]
fn a_source_can_be_skipped_by_its_id() {
    let broken = FakeEnvironment::new().with_var("HUAWEICLOUD_SDK_AK", "AK").with_var("HW_AUTH_TOKEN", "a b");
    let (source, _) = remote(a_token);
    let chain = CredentialChain::default_chain(None).push(source).skip("sdk").skip("token");
    let resolved = chain.resolve(&broken).now_or_never().unwrap().unwrap();
    assert_eq!(resolved.location, location());
    assert!(resolved.shadowed.is_empty() && resolved.skipped.is_empty());
    assert_eq!(chain.ids().collect::<Vec<_>>(), ["token", "sdk", "terraform", "profile", "koocli"]);
    let chain = CredentialChain::default_chain(None).skip("koocli");
    let error = chain.resolve(&FakeEnvironment::new()).now_or_never().unwrap().unwrap_err();
    assert_eq!(error.reasons().last(), Some(("KooCLI file", "skipped, as requested")));
    // A source that is skipped is not reported as unused either.
    let env = sdk().with_var("HW_ACCESS_KEY", "AK2").with_var("HW_SECRET_KEY", "sk2");
    let chain = CredentialChain::default_chain(None).skip("terraform");
    assert!(chain.resolve(&env).now_or_never().unwrap().unwrap().shadowed.is_empty());
}

#[test]
fn an_empty_variable_counts_as_not_set_and_is_reported() {
    for name in [
        "HW_AUTH_TOKEN",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "HUAWEICLOUD_SDK_PROJECT_ID",
        "HUAWEICLOUD_SDK_DOMAIN_ID",
        "HW_ACCESS_KEY",
        "HW_SECRET_KEY",
    ] {
        let env = sdk().with_var(name, "");
        let resolved = CredentialChain::default_chain(None).resolve(&env).now_or_never().unwrap().unwrap();
        assert_eq!(resolved.location, SourceLocation::SdkVariables, "{name}");
        let expected = format!("{name} is set but empty, so it is ignored");
        assert_eq!(resolved.notes().collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn every_source_is_listed_with_its_reason() {
    let (source, _) = remote(|| Ok(Lookup::not_found("no machine")));
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
fn everything_can_move_to_another_thread() {
    fn sendable<T: Send + Sync>(value: T) -> T {
        value
    }
    let chain = sendable(CredentialChain::default_chain(None));
    let env = sendable(OsEnvironment);
    drop(sendable_future(chain.resolve(&env)));
    drop(sendable(a_token()));

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
    let mut loaded = LoadedCredentials::new(Credentials::access_key(key.clone()), SourceLocation::Explicit);
    loaded.warnings.push(Warning::FederatedLoginIgnored { setting: "idp_id" });
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
        format!("{token:?}{key:?}{loaded:?}{request:?}{signed:?}{env:?}{contents:?}{resolved:?}{credentials:?}");
    shown += &format!("{token:#?}{key:#?}{loaded:#?}{request:#?}{signed:#?}{env:#?}{contents:#?}{resolved:#?}");
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
