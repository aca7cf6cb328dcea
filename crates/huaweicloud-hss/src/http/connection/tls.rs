//! Sets up TLS for the HTTP client with a typed error: reqwest's own setup panics on a system without CA certificates
//! (`docs/design/generator-traps.md#p18`).

use crate::error::{Error, ErrorKind};

/// Installs this crate's TLS provider (ring or aws-lc-rs) as the default of the whole process, if there is none yet.
///
/// This crate does not need it. Programs that use `reqwest` or `rustls` themselves may: the features of all crates of a
/// program add up, and without a default, `reqwest::Client::new` panics if no crate enables its feature `rustls`, and
/// `rustls::ClientConfig::builder` if the program has two providers. Call it first in `main`. It does nothing if this
/// crate is built without rustls.
pub fn install_default_crypto_provider() {
    #[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster.
        let _ = provider().install_default();
    }
}

/// Returns the provider: ring if both features are on.
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
fn provider() -> rustls::crypto::CryptoProvider {
    #[cfg(feature = "rustls-ring")]
    return rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "rustls-ring"))]
    return rustls::crypto::aws_lc_rs::default_provider();
}

/// Adds TLS to the builder. If it is not `needed`, the system's CA certificates are not read.
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    needed: bool,
    own_ca: Option<&[u8]>,
) -> Result<reqwest::ClientBuilder, Error> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    use std::sync::Arc;

    let provider = Arc::new(provider());
    let mut own: Vec<CertificateDer<'static>> = Vec::new();
    for certificate in own_ca.map(without_byte_order_mark).into_iter().flat_map(CertificateDer::pem_slice_iter) {
        let damaged = |reason: &str| {
            let number = own.len() + 1;
            Error::invalid_input(format!("the CA certificates are invalid: certificate {number} is damaged: {reason}"))
                .with_help("Replace or remove this certificate.")
        };
        let certificate = certificate.map_err(|error| damaged(&error.to_string()))?;
        rustls::RootCertStore::empty().add(certificate.clone()).map_err(|error| damaged(&error.to_string()))?;
        own.push(certificate);
    }
    if own_ca.is_some() && own.is_empty() {
        return Err(not_pem());
    }
    let failed = |error: rustls::Error| {
        // The reason that the library knows of, else its own.
        let reason = missing_certificates(&|name| std::env::var_os(name)).unwrap_or_else(|| error.to_string());
        Error::new(ErrorKind::Config, format!("TLS cannot be set up: {reason}"))
            .with_help("Install the system's CA certificates (often a package named ca-certificates).")
            .with_source(error)
    };
    let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().map_err(failed)?;
    let config = if needed {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(own, provider).map_err(failed)?;
        // rustls calls it dangerous, but the verifier is the system's, with the given certificates added.
        config.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    } else {
        config.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

/// Adds the given CA certificates to those that the system's TLS library trusts.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls-ring", feature = "rustls-aws-lc"))))]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    _needed: bool,
    own_ca: Option<&[u8]>,
) -> Result<reqwest::ClientBuilder, Error> {
    let Some(pem) = own_ca else { return Ok(builder) };
    let own = reqwest::Certificate::from_pem_bundle(without_byte_order_mark(pem)).map_err(|_| not_pem())?;
    if own.is_empty() { Err(not_pem()) } else { Ok(builder.tls_certs_merge(own)) }
}

/// Without TLS nothing is set up, and certificates cannot be used.
#[cfg(not(feature = "tls"))]
pub(crate) fn configure(
    builder: reqwest::ClientBuilder,
    _needed: bool,
    own_ca: Option<&[u8]>,
) -> Result<reqwest::ClientBuilder, Error> {
    if own_ca.is_some() { Err(not_pem()) } else { Ok(builder) }
}

/// Removes the mark that some editors put at the beginning of a file.
#[cfg(feature = "tls")]
fn without_byte_order_mark(pem: &[u8]) -> &[u8] {
    pem.strip_prefix("\u{feff}".as_bytes()).unwrap_or(pem)
}

/// Names the variables that replace the system's CA certificates, if they are set: without any certificate, they name
/// nothing.
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
fn missing_certificates(variable: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Option<String> {
    let set = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(|name| {
        let path = std::path::PathBuf::from(variable(name)?);
        let reason = match std::fs::metadata(&path) {
            Ok(_) => "has no certificates".to_owned(),
            Err(error) => error.to_string(),
        };
        Some(format!("environment variable {name} names {}: {reason}", path.display()))
    });
    let set: Vec<String> = set.collect();
    (!set.is_empty()).then(|| set.join("; "))
}

fn not_pem() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "the CA certificates are invalid: expected PEM text with at least one certificate",
    )
}

#[cfg(all(test, feature = "rustls-ring"))]
mod tests {
    use super::*;

    /// Without the default, `reqwest` panics here.
    #[test]
    fn with_a_default_provider_the_program_can_use_reqwest_and_rustls_itself() {
        install_default_crypto_provider();
        install_default_crypto_provider();
        drop(reqwest::Client::new());
        drop(rustls::ClientConfig::builder());
    }
}
