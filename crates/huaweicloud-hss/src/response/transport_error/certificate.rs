//! The error for a server whose certificate is not accepted: the real cause, and what removes it.

#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
pub(super) use with_rustls::certificate_error;

/// Returns `None`: the text of the TLS library has to do.
#[cfg(not(any(feature = "rustls-ring", feature = "rustls-aws-lc")))]
pub(super) fn certificate_error(_cause: &(dyn std::error::Error + 'static)) -> Option<crate::error::Error> {
    None
}

#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc"))]
mod with_rustls {
    use std::error::Error as StdError;
    use std::time::{Duration, UNIX_EPOCH};

    use rustls::CertificateError;
    use rustls::pki_types::UnixTime;

    use crate::error::{Error, ErrorKind};
    use crate::response::redact::sanitize;

    /// The last second that an HTTP date can have: the end of the year 9999.
    const MAX_SECONDS: u64 = 253_402_300_799;

    /// Returns the error if this is a refused certificate. A retry does not change it.
    pub(in super::super) fn certificate_error(cause: &(dyn StdError + 'static)) -> Option<Error> {
        let tls = cause.downcast_ref::<rustls::Error>()?;
        let rustls::Error::InvalidCertificate(problem) = tls else { return None };
        let is_early = matches!(problem, CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. });
        let (what, help) = match problem {
            CertificateError::NotValidYetContext { time, not_before } => (
                format!(
                    "the service's certificate is not valid yet: it is valid from {}, and this machine's clock shows {}",
                    date(*not_before),
                    date(*time)
                ),
                "Nothing was sent. Set the clock.",
            ),
            CertificateError::ExpiredContext { time, not_after } => (
                format!(
                    "the service's certificate has expired: it was valid until {}, and this machine's clock shows {}",
                    date(*not_after),
                    date(*time)
                ),
                "Nothing was sent. Set the clock if it is wrong; if it is right, the server needs a new certificate.",
            ),
            CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => (
                "the service's certificate cannot be used: it is the certificate of a CA itself (CaUsedAsEndEntity)"
                    .to_owned(),
                "Nothing was sent. The server needs a certificate that is not one of a CA (basicConstraints CA:FALSE).",
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
                format!("the service cannot be reached: {}", sanitize(&tls.to_string())),
                "Nothing was sent. Check the endpoint and the proxy settings: the certificate is for another host.",
            ),
            _ => (
                format!("the service cannot be reached: {}", sanitize(&tls.to_string())),
                "Nothing was sent. Check the endpoint, the proxy settings and the trusted certificate authorities.",
            ),
        };
        let error = Error::new(ErrorKind::Unreachable, what).with_help(help).permanent();
        Some(if is_early { error.with_clock_skew() } else { error })
    }

    fn date(time: UnixTime) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(time.as_secs().min(MAX_SECONDS)))
    }

    #[cfg(test)]
    mod tests {
        use std::sync::Arc;

        use super::*;

        #[test]
        fn each_problem_has_its_own_remedy() {
            let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            let ca = rustls::OtherError(Arc::new(std::io::Error::other("CaUsedAsEndEntity")));
            for (problem, part, is_clock_skew) in [
                (
                    CertificateError::NotValidYetContext { time: at(0), not_before: at(86_400) },
                    "it is valid from Fri, 02 Jan 1970 00:00:00 GMT, and this machine's clock shows Thu, 01 Jan 1970 \
                     00:00:00 GMT. Nothing was sent. Set the clock.",
                    true,
                ),
                (
                    CertificateError::ExpiredContext { time: at(u64::MAX), not_after: at(0) },
                    "it was valid until Thu, 01 Jan 1970 00:00:00 GMT, and this machine's clock shows Fri, 31 Dec 9999 \
                     23:59:59 GMT. Nothing was sent. Set the clock if it is wrong",
                    false,
                ),
                (CertificateError::Other(ca), "basicConstraints CA:FALSE", false),
                (CertificateError::NotValidForName, "the certificate is for another host", false),
                (CertificateError::UnknownIssuer, "UnknownIssuer. Nothing was sent.", false),
            ] {
                let error = certificate_error(&rustls::Error::InvalidCertificate(problem)).unwrap();
                assert!(error.to_string().contains(part), "{error}");
                assert_eq!((error.is_clock_skew(), error.is_transient()), (is_clock_skew, false), "{error}");
            }
        }
    }
}
