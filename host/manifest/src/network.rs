//! What a manifest asks of the network: endpoints, downloads, credentials.

use serde::{Serialize, Serializer};
use url::Url;

use crate::OriginPattern;

/// A place that requests go to. A component names the endpoint and a path under it; the host supplies the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Endpoint {
    /// The URL that paths are put under, without query, fragment or user information. Plain http only to this machine.
    ///
    /// None in templates, and where there is no usual place so that the operator has to configure `baseUrl`. One at the origin of the
    /// endpoint that `baseUrl` is for moves along with it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "url_text")]
    pub base: Option<Url>,
    /// Environment variables that may hold another base URL, in the order they are asked. One that is set counts as the operator's
    /// word, as `baseUrl` in the configuration does, which wins over it.
    #[serde(rename = "base-env", skip_serializing_if = "Vec::is_empty")]
    pub base_env: Vec<String>,
    /// The name of the credential that is attached to every request to this endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

#[expect(clippy::ref_option, reason = "the shape that serialize_with asks for")]
fn url_text<S: Serializer>(url: &Option<Url>, serializer: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(Url::as_str).serialize(serializer)
}

/// Where a component may download from by absolute URL: GET only, no credential.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Downloads {
    /// From nowhere.
    #[default]
    None,
    /// From every public address over http or https; never from a private one. Written `origins = ["public"]`.
    Public,
    /// From these origins.
    Origins(Vec<OriginPattern>),
}

impl Downloads {
    /// Whether a download from that URL was asked for. The address behind the name is judged apart from this.
    pub fn allows(&self, url: &Url) -> bool {
        match self {
            Self::None => false,
            Self::Public => {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
            }
            Self::Origins(patterns) => patterns.iter().any(|pattern| pattern.matches(url)),
        }
    }

    /// Whether nothing may be downloaded.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

impl Serialize for Downloads {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Section<'a, T> {
            origins: &'a [T],
        }
        match self {
            Self::None => Section::<&str> { origins: &[] }.serialize(serializer),
            Self::Public => Section {
                origins: &["public"],
            }
            .serialize(serializer),
            Self::Origins(origins) => Section { origins }.serialize(serializer),
        }
    }
}

/// A credential: where the host may look for it and how it goes into a request. No component ever sees its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// Environment variables that may hold it, in the order they are asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Whether the provider is of no use without it. True unless the manifest says otherwise.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub required: bool,
    /// How it goes into a request.
    pub inject: Inject,
}

/// How a credential goes into a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Inject {
    /// As a header field.
    Header {
        /// The field's name.
        #[serde(rename = "header")]
        name: String,
        /// The field's value, with `{}` where the credential goes.
        format: String,
    },
    /// As a parameter of the query.
    Query {
        /// The parameter's name.
        #[serde(rename = "query")]
        name: String,
    },
}

/// Header fields that only the host sets, in lower case: neither a component nor a credential.
#[rustfmt::skip]
const HOST_HEADERS: &[&str] = &[
    // Where the request goes and how it is framed: whoever sets these can make two requests out of one.
    "host", "connection", "keep-alive", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect",
    "http2-settings",
    // Who is asking: the host answers for that, with the endpoint's credential and nothing else.
    "cookie", "cookie2",
    // What is decoded: the host decodes, and counts and strips what it decoded.
    "accept-encoding",
    // On whose behalf.
    "forwarded", "via",
];

/// Prefixes of such fields.
const HOST_HEADER_PREFIXES: &[&str] = &["proxy-", "x-forwarded-"];

/// Whether only the host sets the header field of that name, which is given in lower case. What a manifest may name for a
/// credential and what egress lets through is judged by this one list.
pub fn is_host_header(lower: &str) -> bool {
    HOST_HEADERS.contains(&lower)
        || HOST_HEADER_PREFIXES
            .iter()
            .any(|prefix| lower.starts_with(prefix))
}
