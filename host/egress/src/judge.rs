//! The judge of destinations: a grant and a target in, a destination or the rule that refuses it out.
//!
//! There are two judges, because a name has no address yet when a request is judged. [`judge_target`] decides what can
//! be decided from the text: the endpoint and its path, or the URL and its origin, and the address where the host is
//! one. What it lets through carries a [`Reach`], which the connector asks about every address it is about to use.
//! [`judge`] runs both for given addresses; it opens no socket, and the conformance vectors run it.

use std::net::IpAddr;

use chela_manifest::{Downloads, Inject, Origin};
use url::{Host, Url};

use crate::address::AddressKind;
use crate::limits::MAX_URL_BYTES;
use crate::path::judge_path;
use crate::{Denial, EndpointGrant, Grant, Method, Rule, Target};

/// Bytes of a host name, at most, with the dot that may end it (RFC 1035 section 2.3.4).
const MAX_HOST_BYTES: usize = 254;

/// Which addresses a connection may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// Public ones.
    Public,
    /// The one that the operator wrote as base URL, or those behind the name that the operator wrote there.
    Named,
    /// The same, but for this machine and private networks only, because a credential goes along in clear text.
    NamedInClear,
}

impl Reach {
    /// Judges an address. `literal` says that the address itself stands in the URL.
    ///
    /// An address that the operator wrote is taken at its word, but for what is no host. A name is not: others answer for
    /// what it resolves to. So behind a name that the operator wrote are public addresses and private networks, and
    /// never a metadata service or anything else that no provider is at.
    pub(crate) fn judge(self, address: IpAddr, literal: bool) -> Result<(), Rule> {
        let kind = AddressKind::of(address);
        let Some(refused_by) = kind.refused_by() else {
            return match self {
                Self::NamedInClear => Err(Rule::CredentialInClear),
                Self::Public | Self::Named => Ok(()),
            };
        };
        let allowed = match self {
            Self::Public => false,
            // Linux connects the unspecified address to this machine, and people write it for that.
            Self::Named => kind.is_own_network() || (literal && kind.is_one_host()),
            Self::NamedInClear => {
                kind.is_own_network()
                    || (literal
                        && matches!(kind, AddressKind::Unspecified | AddressKind::LinkLocal))
            }
        };
        if allowed { Ok(()) } else { Err(refused_by) }
    }
}

/// By what right a request goes where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// Below the endpoint of that name.
    Endpoint(String),
    /// To a download origin.
    Download,
}

/// A destination that was judged. Its URL has no credential, no user information and no fragment.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) url: Url,
    pub(crate) origin: Origin,
    pub(crate) via: Via,
    pub(crate) rule: Rule,
    pub(crate) reach: Reach,
    /// Whether the endpoint's credential goes along.
    pub(crate) credential: bool,
    /// Whether the host and port are the operator's choice.
    pub(crate) named_by_operator: bool,
}

/// Judges a target.
pub(crate) fn judge_target(
    grant: &Grant,
    method: Method,
    has_body: bool,
    target: &Target,
) -> Result<Destination, Denial> {
    match target {
        Target::Endpoint {
            endpoint,
            path,
            query,
        } => judge_endpoint(grant, endpoint, path, query),
        Target::Url(text) => {
            if text.len() > MAX_URL_BYTES {
                return Err(Rule::UrlLength.into());
            }
            let url = Url::parse(text).map_err(|_| Denial::from(Rule::UrlSyntax))?;
            judge_url(grant, method, has_body, url)
        }
    }
}

fn judge_endpoint(
    grant: &Grant,
    name: &str,
    path: &str,
    query: &[(String, String)],
) -> Result<Destination, Denial> {
    let Some(endpoint) = grant.endpoints.get(name) else {
        return Err(Rule::UnknownEndpoint.into());
    };
    let refuse = |rule| Denial::new(rule, format!("endpoint `{name}`"));
    // No encoding makes them shorter. What is too long before it is encoded is not encoded.
    let written = query.iter().fold(path.len(), |sum, (name, value)| {
        sum.saturating_add(name.len() + value.len() + "?=".len())
    });
    if written > MAX_URL_BYTES {
        return Err(refuse(Rule::UrlLength));
    }
    judge_path(path).map_err(refuse)?;
    if let Some(owned) = owned_parameter(endpoint)
        && query
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(owned))
    {
        return Err(refuse(Rule::QueryOwned));
    }
    let mut url = endpoint.base.clone();
    let base_path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base_path}{path}"));
    if !query.is_empty() {
        url.set_query(Some(&encode_query(query)));
    }
    judge_below(name, endpoint, url)
}

/// Judges a URL that is meant to be below an endpoint: built from a path, or given by a redirect.
pub(crate) fn judge_below(
    name: &str,
    endpoint: &EndpointGrant,
    url: Url,
) -> Result<Destination, Denial> {
    let refuse = |rule| Denial::new(rule, format!("endpoint `{name}`"));
    let base = &endpoint.base;
    if !is_plain(base) || base.query().is_some() || base.fragment().is_some() {
        return Err(refuse(Rule::BaseUrl));
    }
    let origin = Origin::from_url(base).ok_or_else(|| refuse(Rule::BaseUrl))?;
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(refuse(Rule::UrlLength));
    }
    // The path was judged before it was put under the base. This holds whatever a URL parser makes of it.
    if Origin::from_url(&url).as_ref() != Some(&origin)
        || !is_plain(&url)
        || path_below(base, &url).is_none()
    {
        return Err(refuse(Rule::PathClimbs));
    }
    let credential = endpoint.credential.is_some();
    let in_clear = credential && !origin.is_secure() && !endpoint.plain_http_credential;
    let reach = match (endpoint.named_by_operator, in_clear) {
        (true, true) => Reach::NamedInClear,
        (true, false) => Reach::Named,
        (false, true) => return Err(refuse(Rule::CredentialInClear)),
        (false, false) => Reach::Public,
    };
    judge_host(&url, reach).map_err(|rule| Denial::new(rule, origin.to_string()))?;
    Ok(Destination {
        url,
        origin,
        via: Via::Endpoint(name.to_owned()),
        rule: Rule::Endpoint,
        reach,
        credential,
        named_by_operator: endpoint.named_by_operator,
    })
}

/// Judges an absolute URL: what a component found in an answer, or where a redirect leads.
pub(crate) fn judge_url(
    grant: &Grant,
    method: Method,
    has_body: bool,
    mut url: Url,
) -> Result<Destination, Denial> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Rule::UrlScheme.into());
    }
    // Longer names than RFC 1035 has would only make the record long.
    if url
        .host_str()
        .is_some_and(|host| host.len() > MAX_HOST_BYTES)
    {
        return Err(Rule::UrlSyntax.into());
    }
    let Some(origin) = Origin::from_url(&url) else {
        return Err(Rule::UrlSyntax.into());
    };
    let refuse = |rule| Denial::new(rule, origin.to_string());
    if !is_plain(&url) {
        return Err(refuse(Rule::UrlUserInfo));
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(refuse(Rule::UrlLength));
    }
    if method != Method::Get {
        return Err(refuse(Rule::DownloadMethod));
    }
    if has_body {
        return Err(refuse(Rule::DownloadBody));
    }
    let named = || {
        let of_operator = |endpoint: &&EndpointGrant| {
            endpoint.named_by_operator && Origin::from_url(&endpoint.base).as_ref() == Some(&origin)
        };
        grant.endpoints.values().find(of_operator).is_some()
    };
    let (rule, named) = match &grant.downloads {
        Downloads::None => return Err(refuse(Rule::DownloadNone)),
        Downloads::Public => (Rule::DownloadPublic, false),
        origins @ Downloads::Origins(_) if origins.allows(&url) => (Rule::DownloadOrigin, named()),
        Downloads::Origins(_) => return Err(refuse(Rule::DownloadForeign)),
    };
    let reach = if named { Reach::Named } else { Reach::Public };
    judge_host(&url, reach).map_err(refuse)?;
    url.set_fragment(None);
    Ok(Destination {
        url,
        origin,
        via: Via::Download,
        rule,
        reach,
        credential: false,
        named_by_operator: named,
    })
}

/// Judges what of a host can be judged before it is resolved. A resolver is never asked about an address, in whatever
/// spelling it was written, so addresses are judged here.
fn judge_host(url: &Url, reach: Reach) -> Result<(), Rule> {
    match url.host() {
        Some(Host::Ipv4(address)) => reach.judge(address.into(), true),
        Some(Host::Ipv6(address)) => reach.judge(address.into(), true),
        Some(Host::Domain(name)) if reach == Reach::Public && is_local_name(name) => {
            Err(Rule::LocalName)
        }
        Some(Host::Domain(name)) if is_metadata_name(name) => Err(Rule::MetadataName),
        Some(Host::Domain(_)) => Ok(()),
        None => Err(Rule::UrlSyntax),
    }
}

/// RFC 6761 section 6.3: `localhost` and the names below it, whatever a resolver says of them.
pub(crate) fn is_local_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Names of metadata services: Google's (long, short and bare), Amazon's, Alibaba's, Tencent's, Oracle's. What they resolve to is refused too, but
/// behind a proxy it is the proxy that resolves.
fn is_metadata_name(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "metadata",
        "metadata.goog",
        "metadata.google.internal",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata.tencentyun.com",
        "metadata.oraclecloud.internal",
        "metadata.azure.internal",
    ];
    let name = name.strip_suffix('.').unwrap_or(name);
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names that no public resolver knows: those without a dot, and those below the top-level names that RFC 6762 (section 3 and appendix G), RFC 8375
/// and ICANN set apart for private networks.
pub(crate) fn is_private_name(name: &str) -> bool {
    const TOP: [&str; 8] = [
        "internal",
        "local",
        "lan",
        "intranet",
        "private",
        "corp",
        "home",
        "localdomain",
    ];
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    match name.rsplit_once('.') {
        None => true,
        Some((below, top)) => {
            TOP.contains(&top) || (top == "arpa" && (below == "home" || below.ends_with(".home")))
        }
    }
}

fn is_plain(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// The path of `url` below the path of `base`; none when it is beside it.
pub(crate) fn path_below<'a>(base: &Url, url: &'a Url) -> Option<&'a str> {
    let below = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
    (below.is_empty() || below.starts_with('/')).then_some(below)
}

/// The query parameter that the credential of an endpoint owns.
pub(crate) fn owned_parameter(endpoint: &EndpointGrant) -> Option<&str> {
    match &endpoint.credential.as_ref()?.inject {
        Inject::Query { name } => Some(name),
        Inject::Header { .. } => None,
    }
}

/// Everything but the unreserved characters of RFC 3986 section 2.3 is percent-encoded, a space as `%20`: every server
/// reads that in the same way.
const QUERY_RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A query of the given names and values.
pub(crate) fn encode_query(query: &[(String, String)]) -> String {
    let mut encoded = String::new();
    for (name, value) in query {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.extend(percent_encoding::utf8_percent_encode(name, QUERY_RESERVED));
        encoded.push('=');
        encoded.extend(percent_encoding::utf8_percent_encode(value, QUERY_RESERVED));
    }
    encoded
}

/// What would become of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would be sent.
    Allowed {
        /// The rule that allows it.
        rule: Rule,
        /// The URL it goes to, without what a credential adds.
        url: String,
        /// Whether the endpoint's credential goes along.
        credential: bool,
        /// The addresses that a connection may be made to.
        addresses: Vec<IpAddr>,
    },
    /// It would not.
    Denied(Rule),
}

/// Judges a request as [`crate::ProviderEgress::send`] would if its host resolved to `resolved`, without sending anything.
/// For a host that is an address, `resolved` is not looked at.
pub fn judge(
    grant: &Grant,
    method: Method,
    has_body: bool,
    target: &Target,
    resolved: &[IpAddr],
) -> Verdict {
    let destination = match judge_target(grant, method, has_body, target) {
        Ok(destination) => destination,
        Err(denial) => return Verdict::Denied(denial.rule),
    };
    let addresses = match destination.url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(_)) => match judge_addresses(destination.reach, resolved) {
            Ok(addresses) => addresses,
            Err(rule) => return Verdict::Denied(rule),
        },
        None => return Verdict::Denied(Rule::UrlSyntax),
    };
    Verdict::Allowed {
        rule: destination.rule,
        url: destination.url.into(),
        credential: destination.credential,
        addresses,
    }
}

/// The addresses among `resolved` that may be connected to; when there are none, the rule that refuses the first. A name
/// with no address at all is not refused here: that is for the resolver to say.
pub(crate) fn judge_addresses(reach: Reach, resolved: &[IpAddr]) -> Result<Vec<IpAddr>, Rule> {
    let mut refused = None;
    let mut allowed = Vec::with_capacity(resolved.len());
    for &address in resolved {
        match reach.judge(address, false) {
            Ok(()) => allowed.push(address),
            Err(rule) => refused = refused.or(Some(rule)),
        }
    }
    match refused {
        Some(rule) if allowed.is_empty() => Err(rule),
        _ => Ok(allowed),
    }
}
