//! TLS of our own HTTP client: set up here with a typed error, because the library's own way panics on a system without CA
//! certificates (design trap P18).

use crate::error::Error;

/// Adds TLS to the builder. Where no TLS can be `needed`, the system's CA certificates are not even read.
pub(crate) fn configure(builder: reqwest::ClientBuilder, needed: bool) -> Result<reqwest::ClientBuilder, Error> {
    #[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
    return match rustls_config(needed) {
        Ok(config) => Ok(builder.tls_backend_preconfigured(config)),
        Err(error) => Err(Error::new(crate::ErrorKind::Setup, format!("TLS cannot be set up: {error}"))
            .with_help("Install the system's CA certificates (often a package named ca-certificates).")
            .with_source(error)),
    };
    #[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc")))]
    {
        let _ = needed;
        Ok(builder)
    }
}

/// The system's CA certificates, and ring where both providers are built in.
#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
fn rustls_config(system_certificates: bool) -> Result<rustls::ClientConfig, rustls::Error> {
    use rustls_platform_verifier::BuilderVerifierExt as _;

    #[cfg(feature = "rustls-ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "rustls-ring"))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let builder = rustls::ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions()?;
    let builder = if system_certificates {
        builder.with_platform_verifier()?
    } else {
        builder.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
