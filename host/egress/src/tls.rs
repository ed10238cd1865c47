//! TLS: rustls with ring, the roots of the operating system or of the operator, nothing to switch off.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::sync::OnceCell;

/// Whose certificates are accepted: what the operating system trusts, unless the operator says otherwise.
#[derive(Clone, Default)]
pub struct Roots(Option<RootCertStore>);

/// The operator names certificates to trust, and none can be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("environment variable {variable} names {path}, which {problem}")]
pub struct RootsError {
    /// The variable.
    pub variable: &'static str,
    /// What it names.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Roots {
    /// Those of a file in PEM, and of all files of folders. They take the place of the operating system's, as with OpenSSL. With neither, the
    /// operating system's.
    ///
    /// # Errors
    ///
    /// [`RootsError`] for a file that cannot be read or holds no certificate, and for folders without one.
    pub fn read(file: Option<&Path>, folders: &[PathBuf]) -> Result<Self, RootsError> {
        if file.is_none() && folders.is_empty() {
            return Ok(Self::default());
        }
        let mut roots = RootCertStore::empty();
        let mut add = |variable, file: Option<&Path>, folder: Option<&Path>| {
            let found = rustls_native_certs::load_certs_from_paths(file, folder);
            let (added, _) = roots.add_parsable_certificates(found.certs);
            if added > 0 {
                return Ok(());
            }
            let because = found.errors.first().and_then(|error| match &error.kind {
                rustls_native_certs::ErrorKind::Io { inner, .. } => Some(inner.kind()),
                _ => None,
            });
            let path = file.or(folder).unwrap_or(Path::new("")).display();
            Err(RootsError {
                variable,
                path: format!("`{path}`"),
                problem: match because {
                    Some(kind) => format!("cannot be read: {kind}"),
                    None => "holds no certificate in PEM form".to_owned(),
                },
            })
        };
        if let Some(file) = file {
            add(FILE, Some(file), None)?;
        }
        for folder in folders {
            match add(FOLDERS, None, Some(folder)) {
                // Distributions name a file and a folder of which one is empty.
                Err(_) if file.is_some() => {}
                added => added?,
            }
        }
        Ok(Self(Some(roots)))
    }
}

/// The variable that names a file of certificates.
const FILE: &str = "SSL_CERT_FILE";
/// The variable that names folders of certificates.
const FOLDERS: &str = "SSL_CERT_DIR";

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Roots")
            .field(&self.0.as_ref().map(RootCertStore::len))
            .finish()
    }
}

/// Whom to trust. The roots of the operating system are loaded when the first TLS connection is made, once for all providers.
pub(crate) struct Trust {
    named: Roots,
    extra: Vec<CertificateDer<'static>>,
    roots: OnceCell<Result<Arc<RootCertStore>, String>>,
}

impl Trust {
    /// These roots, and others besides (DER).
    pub(crate) fn new(named: Roots, extra: Vec<Vec<u8>>) -> Self {
        Self {
            named,
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
                let (named, extra) = (self.named.clone(), self.extra.clone());
                match tokio::task::spawn_blocking(move || load(named, extra)).await {
                    Ok(roots) => roots.map(Arc::new),
                    Err(error) => Err(format!("loading root certificates failed: {error}")),
                }
            })
            .await
            .clone()?;
        Ok(config(roots))
    }
}

fn load(named: Roots, extra: Vec<CertificateDer<'static>>) -> Result<RootCertStore, String> {
    let is_named = named.0.is_some();
    let mut roots = named.0.unwrap_or_else(RootCertStore::empty);
    for certificate in extra {
        roots
            .add(certificate)
            .map_err(|error| format!("an additional root certificate cannot be used: {error}"))?;
    }
    if is_named {
        return Ok(roots);
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
