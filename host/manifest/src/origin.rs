//! Origins, and patterns that allow some.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use url::{Host, Url};

use crate::ManifestError;

/// Scheme, host and port: what decides whether two URLs belong to the same server (RFC 6454).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    scheme: &'static str,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an http or https URL with a host; none for any other URL.
    pub fn from_url(url: &Url) -> Option<Self> {
        let scheme = scheme(url)?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        Some(Self {
            scheme,
            host: host.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.scheme
    }

    /// The host as a URL writes it: a name in lower-case ASCII, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own when the URL names none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether requests to it travel over TLS.
    pub fn is_secure(&self) -> bool {
        self.scheme == "https"
    }
}

impl fmt::Display for Origin {
    /// The port is left out where it is the scheme's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_origin(f, self.scheme, false, &self.host, self.port)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An origin that a manifest asks for, or all origins one label below a name: `https://*.cdn.acme.example`.
///
/// - The scheme is https. Plain http is allowed to this machine only (`localhost`, 127.0.0.0/8, `[::1]`): what is downloaded
///   in the clear from anywhere else can be replaced on the way.
/// - `*` stands for exactly one whole label, the leading one, as in a TLS certificate. It does not stand for no label.
/// - What follows `*.` has two labels at least, and is none of the suffixes that are known here to be shared by strangers (`co.uk`,
///   `github.io`, …): such a pattern would allow everyone. The list is not complete; who grants a wildcard reads it.
/// - A pattern has no user information, path, query or fragment, and spells its host the way a URL does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginPattern {
    scheme: &'static str,
    /// Whether one more label stands before the host.
    wildcard: bool,
    host: String,
    port: u16,
}

/// Suffixes under which anyone can have a name. Country suffixes of two labels are found by rule.
const SHARED_SUFFIXES: &[&str] = &[
    "amazonaws.com",
    "appspot.com",
    "azureedge.net",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudapp.net",
    "cloudfront.net",
    "core.windows.net",
    "deno.dev",
    "digitaloceanspaces.com",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "githubusercontent.com",
    "gitlab.io",
    "herokuapp.com",
    "hf.space",
    "netlify.app",
    "ngrok.app",
    "ngrok.io",
    "on.aws",
    "onrender.com",
    "pages.dev",
    "r2.dev",
    "r2.cloudflarestorage.com",
    "railway.app",
    "replit.app",
    "run.app",
    "s3.amazonaws.com",
    "storage.googleapis.com",
    "trycloudflare.com",
    "vercel.app",
    "web.app",
    "workers.dev",
];

impl OriginPattern {
    /// Whether the URL's origin is allowed. Path and query of the URL do not matter; user information in it refuses it.
    pub fn matches(&self, url: &Url) -> bool {
        let Some(origin) = Origin::from_url(url) else {
            return false;
        };
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        if origin.scheme != self.scheme || origin.port != self.port {
            return false;
        }
        if !self.wildcard {
            return origin.host == self.host;
        }
        origin
            .host
            .strip_suffix(&self.host)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty() && !label.contains('.'))
    }

    /// Reads a pattern; what is wrong and what to write instead when it is none.
    pub(crate) fn read(text: &str) -> Result<Self, (String, String)> {
        let refuse = |problem: &str, help: &str| Err((problem.to_owned(), help.to_owned()));
        if matches!(text, "*" | "*://*" | "https://*" | "http://*") {
            return refuse(
                "would allow every host there is",
                "name the hosts, such as \"https://cdn.acme.example\" or \"https://*.cdn.acme.example\"; \
                 a provider whose job is to fetch any public page writes origins = [\"public\"]",
            );
        }
        if text.eq_ignore_ascii_case("public") {
            let problem = if text == "public" {
                "stands beside other origins"
            } else {
                "is misspelled"
            };
            return refuse(
                problem,
                "write origins = [\"public\"], and nothing beside it",
            );
        }
        let example =
            "write scheme://host or scheme://host:port, such as \"https://cdn.acme.example\"";
        if !text.is_ascii() {
            return refuse(
                "holds characters that are not ASCII",
                "write the host in its ASCII form, such as \"https://xn--bcher-kva.example\"",
            );
        }
        let Some((given_scheme, authority)) = text.split_once("://") else {
            return refuse(
                "has no scheme",
                &format!("write \"https://{}\"", text.trim_matches('/')),
            );
        };
        let scheme = match given_scheme {
            "https" => "https",
            "http" => "http",
            _ => return refuse("has a scheme that is neither https nor http", example),
        };
        if authority.contains('@') {
            return refuse(
                "holds user information",
                "take out what stands before the `@`: no credential goes to an origin",
            );
        }
        if let Some(at) = authority.find(['/', '\\', '?', '#']) {
            let origin = &authority[..at];
            return refuse(
                "holds a path, a query or a fragment, and an origin has none",
                &format!("write \"{scheme}://{origin}\"; it allows every path of that host"),
            );
        }
        let (wildcard, rest) = match authority.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, authority),
        };
        if rest.contains('*') {
            return refuse(
                "has a `*` that is not the whole leading label",
                "write `*.` at the start of the host and nowhere else, such as \"https://*.cdn.acme.example\"",
            );
        }
        let url = match Url::parse(&format!("{scheme}://{rest}/")) {
            Ok(url) => url,
            Err(error) => return refuse(&format!("is not an origin: {error}"), example),
        };
        let Some(Origin { host, port, .. }) = Origin::from_url(&url) else {
            return refuse("has no host", example);
        };
        // What a URL reader rewrites (capitals, %61, 2130706433) must not read differently to a person who reviews it.
        let plain = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let default_port = format!("{host}:{port}");
        if rest != plain && rest != default_port {
            return refuse(
                "does not spell its host or port the way a URL does",
                &format!("write \"{scheme}://{plain}\""),
            );
        }
        if host.ends_with('.') {
            return refuse(
                "ends its host with a dot",
                &format!("write \"{scheme}://{}\"", host.trim_end_matches('.')),
            );
        }
        if wildcard {
            check_wildcard(&url, &host)?;
        }
        if scheme == "http" && (wildcard || !is_loopback(&url)) {
            return refuse(
                "is plain http to another machine, so what is downloaded could be replaced on the way",
                &format!("write \"https://{authority}\""),
            );
        }
        Ok(Self {
            scheme,
            wildcard,
            host,
            port,
        })
    }
}

fn check_wildcard(url: &Url, host: &str) -> Result<(), (String, String)> {
    let help = "name the host itself, or put `*.` before a name that is the provider's own, such as \
                \"https://*.cdn.acme.example\"";
    if !matches!(url.host(), Some(Host::Domain(_))) {
        return Err(("has a `*` before an address".to_owned(), help.to_owned()));
    }
    if !host.contains('.') {
        return Err((
            format!("would allow every host under `.{host}`"),
            help.to_owned(),
        ));
    }
    let labels: Vec<&str> = host.split('.').collect();
    let country_suffix = matches!(
        labels[..],
        ["ac" | "co" | "com" | "edu" | "go" | "gov" | "ne" | "net" | "or" | "org", country] if country.len() == 2
    );
    if country_suffix || SHARED_SUFFIXES.contains(&host) {
        return Err((
            format!("would allow strangers: anyone can have a name under `.{host}`"),
            help.to_owned(),
        ));
    }
    Ok(())
}

impl FromStr for OriginPattern {
    type Err = ManifestError;

    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Origin`] with what to write instead.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text).map_err(|(problem, help)| ManifestError::Origin {
            given: text.chars().filter(|c| !c.is_control()).take(128).collect(),
            problem,
            help,
        })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_origin(f, self.scheme, self.wildcard, &self.host, self.port)
    }
}

impl Serialize for OriginPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether the URL's host is this machine by its spelling: `localhost`, 127.0.0.0/8 or `[::1]`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn scheme(url: &Url) -> Option<&'static str> {
    match url.scheme() {
        "https" => Some("https"),
        "http" => Some("http"),
        _ => None,
    }
}

fn write_origin(
    f: &mut fmt::Formatter<'_>,
    scheme: &str,
    wildcard: bool,
    host: &str,
    port: u16,
) -> fmt::Result {
    let star = if wildcard { "*." } else { "" };
    let default = if scheme == "https" { 443 } else { 80 };
    if port == default {
        write!(f, "{scheme}://{star}{host}")
    } else {
        write!(f, "{scheme}://{star}{host}:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_pattern_allows_its_origin_and_no_other() {
        let exact: OriginPattern = "https://cdn.acme.example".parse().unwrap();
        assert!(exact.matches(&url("https://cdn.acme.example/a/b?c")));
        assert!(exact.matches(&url("https://CDN.acme.example:443/")));
        for other in [
            "http://cdn.acme.example/",
            "https://cdn.acme.example:8443/",
            "https://x.cdn.acme.example/",
            "https://acme.example/",
            "https://cdn.acme.example./",
            "https://user@cdn.acme.example/",
            "https://cdn.acme.example.evil.example/",
            "https://evilcdn.acme.example/",
            "ftp://cdn.acme.example/",
            "data:text/plain,https://cdn.acme.example",
        ] {
            assert!(!exact.matches(&url(other)), "{other}");
        }
    }

    #[test]
    fn a_wildcard_is_one_label() {
        let wild: OriginPattern = "https://*.cdn.acme.example:8443".parse().unwrap();
        assert!(wild.matches(&url("https://a.cdn.acme.example:8443/x")));
        assert!(wild.matches(&url("https://a-b.cdn.acme.example:8443/x")));
        for other in [
            "https://cdn.acme.example:8443/",
            "https://a.b.cdn.acme.example:8443/",
            "https://acdn.acme.example:8443/",
            "https://a.cdn.acme.example/",
            "https://.cdn.acme.example:8443/",
        ] {
            assert!(!wild.matches(&url(other)), "{other}");
        }
        assert_eq!(wild.to_string(), "https://*.cdn.acme.example:8443");
    }

    #[test]
    fn what_is_refused_and_what_is_said() {
        for (given, problem, help) in [
            ("*", "every host there is", "origins = [\"public\"]"),
            (
                "https://*",
                "every host there is",
                "https://*.cdn.acme.example",
            ),
            (
                "https://*.com",
                "every host under `.com`",
                "the provider's own",
            ),
            ("https://*.co.uk", "strangers", "name the host itself"),
            ("https://*.github.io", "strangers", "name the host itself"),
            (
                "https://*.10.0.0.1",
                "before an address",
                "name the host itself",
            ),
            (
                "https://a.*.acme.example",
                "not the whole leading label",
                "`*.` at the start",
            ),
            (
                "https://*cdn.acme.example",
                "not the whole leading label",
                "`*.` at the start",
            ),
            (
                "cdn.acme.example",
                "has no scheme",
                "\"https://cdn.acme.example\"",
            ),
            (
                "ftp://cdn.acme.example",
                "neither https nor http",
                "scheme://host",
            ),
            (
                "https://user:pw@acme.example",
                "user information",
                "before the `@`",
            ),
            (
                "https://acme.example/v1",
                "a path",
                "\"https://acme.example\"",
            ),
            (
                "https://acme.example?x",
                "a path, a query",
                "\"https://acme.example\"",
            ),
            (
                "https://acme.example#x",
                "fragment",
                "\"https://acme.example\"",
            ),
            (
                "https://acme.example\\x",
                "a path",
                "\"https://acme.example\"",
            ),
            (
                "http://cdn.acme.example",
                "plain http",
                "\"https://cdn.acme.example\"",
            ),
            ("http://10.0.0.1", "plain http", "\"https://10.0.0.1\""),
            (
                "https://2130706433",
                "does not spell",
                "\"https://127.0.0.1\"",
            ),
            (
                "https://ACME.example",
                "does not spell",
                "\"https://acme.example\"",
            ),
            (
                "https://acme.example:",
                "does not spell",
                "\"https://acme.example\"",
            ),
            ("https://bücher.example", "not ASCII", "xn--"),
            ("https://", "not an origin", "scheme://host"),
            (
                "https://acme.example.",
                "ends its host with a dot",
                "\"https://acme.example\"",
            ),
            (
                "https://acme.example:99999",
                "not an origin",
                "scheme://host",
            ),
            ("Public", "misspelled", "origins = [\"public\"]"),
        ] {
            let error = given.parse::<OriginPattern>().unwrap_err();
            let (said, hint) = (error.problem(), error.hint().unwrap());
            assert!(said.contains(problem), "{given}: {said}");
            assert!(hint.contains(help), "{given}: {hint}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for text in [
            "https://a.example",
            "https://*.a.example",
            "https://a.example:1",
            "http://localhost:8188",
            "http://[::1]",
            "http://127.0.0.2:80",
        ] {
            let pattern: OriginPattern = text.parse().unwrap();
            assert_eq!(
                pattern.to_string().parse::<OriginPattern>().unwrap(),
                pattern
            );
        }
    }

    #[test]
    fn origins_of_urls() {
        assert_eq!(
            Origin::from_url(&url("https://a.example/v1"))
                .unwrap()
                .to_string(),
            "https://a.example"
        );
        assert_eq!(
            Origin::from_url(&url("http://[::1]:80/"))
                .unwrap()
                .to_string(),
            "http://[::1]"
        );
        assert_eq!(
            Origin::from_url(&url("http://a.example:8080"))
                .unwrap()
                .port(),
            8080
        );
        assert!(Origin::from_url(&url("file:///etc/passwd")).is_none());
    }
}
