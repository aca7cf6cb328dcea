//! Sets up TLS for the HTTP client with a typed error: reqwest's own setup panics on a system without CA certificates
//! (`docs/design/generator-traps.md#p18`).

use crate::error::{Error, ErrorKind};

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

    #[cfg(feature = "rustls-ring")]
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[cfg(not(feature = "rustls-ring"))]
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());

    let own: Vec<CertificateDer<'static>> = match own_ca {
        None => Vec::new(),
        Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| not_pem())?,
    };
    if own_ca.is_some() && own.is_empty() {
        return Err(not_pem());
    }
    let failed = |error: rustls::Error| {
        Error::new(ErrorKind::Config, format!("TLS cannot be set up: {error}"))
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
    let own = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| not_pem())?;
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

fn not_pem() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        "the CA certificates are invalid: expected PEM text with at least one certificate",
    )
}
