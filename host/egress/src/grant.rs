//! What a provider may do on the network: what its manifest asked for and its operator granted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chela_credentials::Secret;
use chela_manifest::{Downloads, Inject, ProviderId};
use url::Url;

/// What one provider may do on the network. Empty means none.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The provider, for the audit log.
    pub provider: ProviderId,
    /// The endpoints, by the name that a component knows them by.
    pub endpoints: BTreeMap<String, EndpointGrant>,
    /// Where absolute URLs may point.
    pub downloads: Downloads,
}

/// One endpoint.
#[derive(Clone, Debug)]
pub struct EndpointGrant {
    /// The URL that paths are put under: http or https, a host, perhaps a port and a path, and nothing else.
    pub base: Url,
    /// Whether the operator, not the manifest, named the base URL. Only such a host and port may be on this machine or in
    /// a private network, and only such a request carries no product's `User-Agent`.
    pub named_by_operator: bool,
    /// Whether the operator said that the credential may go in clear text over the public Internet.
    pub plain_http_credential: bool,
    /// The credential, where there is one. It goes to this base URL and nowhere else.
    pub credential: Option<CredentialGrant>,
}

/// A credential that is bound to one endpoint.
#[derive(Clone)]
pub struct CredentialGrant {
    /// Its name in the manifest.
    pub name: String,
    /// How it goes into a request.
    pub inject: Inject,
    /// Its value.
    pub secret: Arc<Secret>,
}

impl fmt::Debug for CredentialGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialGrant")
            .field("name", &self.name)
            .field("inject", &self.inject)
            .finish_non_exhaustive()
    }
}
