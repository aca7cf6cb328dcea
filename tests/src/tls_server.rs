//! A TLS server on a loopback socket, with a certificate that no system trusts.

use std::net::TcpListener;

pub use rcgen;
use rcgen::CertificateParams;

/// Starts a TLS server with a certificate of its own authority. Returns the authority's certificate and the server's address.
pub fn tls_server() -> (String, String) {
    tls_server_with(|_| {})
}

/// Starts a TLS server as above, with changes to its certificate.
pub fn tls_server_with(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    use rcgen::{BasicConstraints, CertifiedIssuer, IsCa, KeyPair};
    use std::io::{Read as _, Write as _};

    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut certificate);
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let config = std::sync::Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    // The thread ends with the test process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut session = rustls::ServerConnection::new(std::sync::Arc::clone(&config)).unwrap();
            let mut tls = rustls::Stream::new(&mut session, &mut stream);
            if tls.read(&mut [0; 8192]).is_ok() {
                let response = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{\"exist\":true}";
                let _ = tls.write_all(response.as_bytes());
                session.send_close_notify();
                let _ = session.complete_io(&mut stream);
            }
        }
    });
    (authority.pem(), url)
}
