//! Connections: who may make which, and how a name becomes an address.
//!
//! Every provider has clients of its own, so that a connection that was made for one never serves another; and within a
//! provider one for each [`Reach`], so that a connection that was judged under one is not reused under another. A client asks
//! [`Judging`] for addresses and connects to what it gets from there, so that what was judged is what is connected to. Where a
//! proxy connects, what can be judged here is judged before it hears of the request ([`Clients::judge_through`]).
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "egress is the one crate that resolves names and opens sockets"
)]

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use chela_manifest::Origin;
use reqwest::dns::{Addrs, Name, Resolve};
use tokio::time::timeout;
use url::Host;

use crate::judge::{Destination, Reach, is_local_name, is_private_name, judge_addresses};
use crate::limits::{CONNECT_TIMEOUT, MAX_RESPONSE_HEADER_BYTES, RESOLVE_TIMEOUT};
use crate::proxy::{Proxies, Proxy};
use crate::tls::{Trust, config_without_trust};
use crate::{Denial, EgressError, Rule};

/// What a [`Resolver`] gives back: the addresses of a name, or why there are none.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Turns names into addresses. It is not trusted: whatever it answers is judged.
pub trait Resolver: Send + Sync {
    /// The addresses of `name`.
    fn resolve(&self, name: &str) -> Resolving;
}

/// The resolver of the operating system, hosts file and search domains included. It runs beside the runtime's own thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: &str) -> Resolving {
        let name = name.to_owned();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that gives out what was judged and nothing else.
struct Judging {
    resolver: Arc<dyn Resolver>,
    reach: Reach,
    /// Where the reach goes beyond the public Internet: the one name it holds for.
    only: Option<String>,
    /// The host of the proxy. It is the operator's choice, and may be anywhere.
    proxy: Option<String>,
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> reqwest::dns::Resolving {
        let name = name.as_str();
        if self.proxy.as_deref() == Some(name) {
            let resolving = self.resolver.resolve(name);
            return Box::pin(async move {
                let resolved = resolving.await?.into_iter();
                let addresses: Addrs =
                    Box::new(resolved.map(|address| SocketAddr::new(address, 0)));
                Ok(addresses)
            });
        }
        let (reach, local) = (self.reach, is_local_name(name));
        if reach == Reach::Public && local {
            return Box::pin(async { Err(Refused(Rule::LocalName).into()) });
        }
        if self.only.as_deref().is_some_and(|only| only != name) {
            return Box::pin(async { Err(Refused(Rule::DownloadForeign).into()) });
        }
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let resolved = resolving.await?;
            let judged = judge_addresses(reach, &resolved).map_err(Refused)?;
            if judged.is_empty() {
                return Err(
                    io::Error::new(io::ErrorKind::NotFound, "the name has no address").into(),
                );
            }
            // The client fills in the port.
            let addresses: Addrs = Box::new(
                judged
                    .into_iter()
                    .map(|address| SocketAddr::new(address, 0)),
            );
            Ok(addresses)
        })
    }
}

/// The rule that refused every address of a name. Found again in the client's error.
#[derive(Debug, thiserror::Error)]
#[error("refused by {0}")]
pub(crate) struct Refused(pub(crate) Rule);

/// The clients of one provider, made when they are first needed.
pub(crate) struct Clients {
    trust: Arc<Trust>,
    resolver: Arc<dyn Resolver>,
    proxies: Arc<Proxies>,
    made: Mutex<Vec<(Key, reqwest::Client)>>,
}

/// What a client may be used for.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    reach: Reach,
    secure: bool,
    /// The one origin it is for, where its reach goes beyond the public Internet.
    only: Option<Origin>,
    /// The proxy it goes through.
    proxy: Option<String>,
}

impl Clients {
    pub(crate) fn new(
        trust: Arc<Trust>,
        resolver: Arc<dyn Resolver>,
        proxies: Arc<Proxies>,
    ) -> Self {
        Self {
            trust,
            resolver,
            proxies,
            made: Mutex::default(),
        }
    }

    /// The proxy that a destination is reached through.
    pub(crate) fn proxy(&self, destination: &Destination) -> Option<Arc<Proxy>> {
        self.proxies.of(&destination.url)
    }

    /// Judges a destination that a proxy will connect to, as far as it can be judged from here. Literals were judged with the URL.
    ///
    /// A name is refused when one of its addresses is, because it is the proxy that picks among them. One that cannot be resolved here, as on
    /// networks that leave that to their proxy, passes unless only private networks have such names.
    ///
    /// # Errors
    ///
    /// [`EgressError::Denied`].
    pub(crate) async fn judge_through(
        &self,
        destination: &Destination,
        proxy: &Proxy,
    ) -> Result<(), EgressError> {
        let refuse = |rule| Err(Denial::new(rule, destination.origin.to_string()).into());
        // It would cross the network up to the proxy, and the proxy.
        if destination.reach == Reach::NamedInClear {
            return refuse(Rule::ProxyInClear);
        }
        let Some(Host::Domain(name)) = destination.url.host() else {
            return Ok(());
        };
        let resolved = if proxy.resolves() {
            Vec::new()
        } else {
            let resolving = timeout(RESOLVE_TIMEOUT, self.resolver.resolve(name));
            resolving
                .await
                .ok()
                .and_then(Result::ok)
                .unwrap_or_default()
        };
        if resolved.is_empty() && destination.reach == Reach::Public && is_private_name(name) {
            return refuse(Rule::PrivateName);
        }
        let refused = resolved
            .iter()
            .find_map(|address| destination.reach.judge(*address, false).err());
        refused.map_or(Ok(()), refuse)
    }

    /// The client for a destination.
    ///
    /// # Errors
    ///
    /// [`EgressError::Unavailable`] when a TLS connection is needed and no root certificate can be loaded.
    pub(crate) async fn client(
        &self,
        destination: &Destination,
        proxy: Option<&Proxy>,
    ) -> Result<reqwest::Client, EgressError> {
        let key = Key {
            reach: destination.reach,
            secure: destination.origin.is_secure() || proxy.is_some_and(Proxy::is_secure),
            only: (destination.reach != Reach::Public).then(|| destination.origin.clone()),
            proxy: proxy.map(Proxy::shown),
        };
        if let Some(client) = self.made(&key) {
            return Ok(client);
        }
        // Without TLS, no roots: loading them costs more than a request.
        let tls = if key.secure {
            self.trust
                .config()
                .await
                .map_err(|problem| EgressError::Unavailable {
                    host: host_and_port(&destination.origin),
                    problem,
                })?
        } else {
            config_without_trust()
        };
        let judging = Judging {
            resolver: Arc::clone(&self.resolver),
            reach: key.reach,
            only: key.only.as_ref().map(|origin| origin.host().to_owned()),
            proxy: proxy.map(|proxy| proxy.host().to_owned()),
        };
        let client = build(judging, tls, proxy).map_err(|_| EgressError::Unavailable {
            host: host_and_port(&destination.origin),
            problem: "no connection can be made through the proxy as it is named".to_owned(),
        })?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have been faster; one client is enough.
        if let Some((_, client)) = made.iter().find(|(other, _)| *other == key) {
            return Ok(client.clone());
        }
        made.push((key, client.clone()));
        Ok(client)
    }

    fn made(&self, key: &Key) -> Option<reqwest::Client> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter()
            .find(|(other, _)| other == key)
            .map(|(_, client)| client.clone())
    }
}

fn build(
    judging: Judging,
    tls: rustls::ClientConfig,
    proxy: Option<&Proxy>,
) -> reqwest::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        // A redirect is a new request, judged from zero (redirect.rs). The library would follow ten of them and take
        // the credential along.
        .redirect(reqwest::redirect::Policy::none())
        // The library would read the variables by itself, and judge nothing.
        .no_proxy()
        // Every request is counted, and repeated by whoever knows whether it may be.
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(Arc::new(judging))
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(8)
        .http2_max_header_list_size(
            u32::try_from(MAX_RESPONSE_HEADER_BYTES).expect("it is a small constant"),
        )
        .tls_backend_preconfigured(tls);
    match proxy {
        Some(proxy) => builder.proxy(proxy.to_client()?),
        None => builder,
    }
    .build()
}

/// Host and port for a message.
pub(crate) fn host_and_port(origin: &Origin) -> String {
    format!("{}:{}", origin.host(), origin.port())
}
