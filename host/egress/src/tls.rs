//! TLS: rustls with ring, the roots of the operating system, nothing to switch off.

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

/// Whom to trust. The roots are loaded when the first TLS connection is made, once for all providers.
///
/// Loading follows `SSL_CERT_FILE` and `SSL_CERT_DIR` as OpenSSL does: an operator says with these whom the machine trusts.
pub(crate) struct Trust {
    extra: Vec<CertificateDer<'static>>,
    roots: OnceCell<Result<Arc<RootCertStore>, String>>,
}

impl Trust {
    /// The roots of the operating system, and these besides (DER).
    pub(crate) fn new(extra: Vec<Vec<u8>>) -> Self {
        Self {
            extra: extra.into_iter().map(CertificateDer::from).collect(),
            roots: OnceCell::new(),
        }
    }

    /// A configuration of its own for each client: what a server hands out to resume a session, and to be recognised by,
    /// stays with the provider that it was handed to.
    pub(crate) async fn config(&self) -> Result<ClientConfig, String> {
        let roots = self
            .roots
            .get_or_init(|| async {
                let extra = self.extra.clone();
                match tokio::task::spawn_blocking(move || load(extra)).await {
                    Ok(roots) => roots.map(Arc::new),
                    Err(error) => Err(format!("loading root certificates failed: {error}")),
                }
            })
            .await
            .clone()?;
        Ok(config(roots))
    }
}

fn load(extra: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in extra {
        roots
            .add(certificate)
            .map_err(|error| format!("an additional root certificate cannot be used: {error}"))?;
    }
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    if roots.is_empty() {
        let because = native
            .errors
            .first()
            .map(|error| format!(": {error}"))
            .unwrap_or_default();
        return Err(format!(
            "this machine has no root certificates to know servers by{because}"
        ));
    }
    Ok(roots)
}

/// A configuration for clients that only speak plain http. It trusts nobody, so that no TLS connection comes of it.
pub(crate) fn config_without_trust() -> ClientConfig {
    config(Arc::new(RootCertStore::empty()))
}

fn config(roots: Arc<RootCertStore>) -> ClientConfig {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()));
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .expect("ring offers the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}
