//! Proxies: which one, if any, a request goes through.
//!
//! A proxy makes the connection in place of this process, so the address that is connected to cannot be judged here. What can be is
//! judged all the same, before the proxy hears of the request (`judge_through` in `connect`): literals, names by what they resolve to
//! here, names of private networks and of metadata services. ARCHITECTURE.md says what is weaker then.
//!
//! The variables are those of curl and of Go's `net/http`: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` by the scheme of the URL,
//! `NO_PROXY` for what is reached without, each in lower case first.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::judge::is_local_name;

/// The schemes of proxies, with their usual ports. `socks5` is told the judged address, `socks5h` the name.
const SCHEMES: [(&str, u16); 4] = [
    ("http", 80),
    ("https", 443),
    ("socks5", 1080),
    ("socks5h", 1080),
];

/// Which proxies there are, and what is reached without them. None by default.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Arc<Proxy>>,
    https: Option<Arc<Proxy>>,
    except: Vec<Exception>,
}

/// A variable that names no proxy. Never its value: a password may be in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("environment variable {variable} names no proxy: {problem}")]
pub struct ProxyError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Proxies {
    /// The proxies that an environment names. An empty value is none.
    ///
    /// Where `REQUEST_METHOD` is set, this is a CGI program, and `HTTP_PROXY` is what a client wrote into its request: it is not
    /// looked at then.
    ///
    /// # Errors
    ///
    /// [`ProxyError`] for a value that is no `http`, `https`, `socks5` or `socks5h` URL with a host.
    pub fn of_variables<'v>(
        variable: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<Self, ProxyError> {
        let value = |name: &str| {
            variable(name)
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let first = |names: &[&'static str]| -> Result<Option<Arc<Proxy>>, ProxyError> {
            let found = names
                .iter()
                .find_map(|name| value(name).map(|text| (*name, text)));
            found
                .map(|(name, text)| Proxy::read(name, text).map(Arc::new))
                .transpose()
        };
        let all = first(&["all_proxy", "ALL_PROXY"])?;
        let of_http: &[&str] = match value("REQUEST_METHOD") {
            None => &["http_proxy", "HTTP_PROXY"],
            Some(_) => &["http_proxy"],
        };
        let except = ["no_proxy", "NO_PROXY"].into_iter().find_map(value);
        Ok(Self {
            http: first(of_http)?.or_else(|| all.clone()),
            https: first(&["https_proxy", "HTTPS_PROXY"])?.or(all),
            except: except.map(exceptions).unwrap_or_default(),
        })
    }

    /// The proxy that a URL is reached through. This machine is always reached without: a proxy elsewhere has a `localhost` of its own.
    pub(crate) fn of(&self, url: &Url) -> Option<Arc<Proxy>> {
        let proxy = match url.scheme() {
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        }?;
        let port = url.port_or_known_default();
        let direct = match url.host()? {
            Host::Ipv4(address) => self.excepts_address(address.into(), port),
            Host::Ipv6(address) => self.excepts_address(address.into(), port),
            Host::Domain(name) => {
                is_local_name(name) || self.except.iter().any(|one| one.holds_name(name, port))
            }
        };
        (!direct).then(|| Arc::clone(proxy))
    }

    fn excepts_address(&self, address: IpAddr, port: Option<u16>) -> bool {
        let address = address.to_canonical();
        address.is_loopback()
            || address.is_unspecified()
            || self
                .except
                .iter()
                .any(|one| one.holds_address(address, port))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http)
            .field("https", &self.https)
            .finish_non_exhaustive()
    }
}

/// One proxy.
pub(crate) struct Proxy {
    /// Its URL without user name and password.
    url: Url,
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

impl Proxy {
    fn read(variable: &'static str, text: &str) -> Result<Self, ProxyError> {
        let refuse = |problem| ProxyError { variable, problem };
        let text = Zeroizing::new(if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        });
        let mut url = Url::parse(&text).map_err(|_| refuse("it is not a URL"))?;
        if SCHEMES.iter().all(|(scheme, _)| *scheme != url.scheme()) {
            return Err(refuse(
                "its scheme is none of http, https, socks5 and socks5h",
            ));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(refuse("it has no host"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it has more behind the port"));
        }
        let decoded = |text: &str| {
            let bytes = percent_encoding::percent_decode_str(text);
            Zeroizing::new(bytes.decode_utf8_lossy().into_owned())
        };
        let (user, password) = (
            decoded(url.username()),
            decoded(url.password().unwrap_or_default()),
        );
        let plain = url.set_username("").and(url.set_password(None));
        plain.map_err(|()| refuse("it is not a URL"))?;
        Ok(Self {
            url,
            user,
            password,
        })
    }

    /// Scheme, host and port: all of it that may be shown.
    pub(crate) fn shown(&self) -> String {
        let usual = SCHEMES
            .iter()
            .find(|(scheme, _)| *scheme == self.url.scheme())
            .map_or(80, |(_, port)| *port);
        let port = self.url.port().unwrap_or(usual);
        format!("{}://{}:{port}", self.url.scheme(), self.host())
    }

    /// Its host as the client library asks a resolver for it.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the connection to the proxy itself is TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the proxy is told names, because the operator says that names are resolved there and not here.
    pub(crate) fn resolves(&self) -> bool {
        self.url.scheme() == "socks5h"
    }

    /// The proxy in the client library's form, for everything a client sends.
    pub(crate) fn to_client(&self) -> reqwest::Result<reqwest::Proxy> {
        let proxy = reqwest::Proxy::all(self.url.clone())?;
        Ok(if self.user.is_empty() && self.password.is_empty() {
            proxy
        } else {
            proxy.basic_auth(&self.user, &self.password)
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// One entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exception {
    what: Excepted,
    /// Only at this port.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Excepted {
    Everything,
    /// The addresses that agree in so many bits.
    Network(IpAddr, u32),
    /// That name and all below it.
    Name(String),
}

/// Reads `NO_PROXY`: names, addresses and networks, between commas or blanks, each perhaps with a port. A leading dot or `*.` says no more
/// than the name alone. What is none of these is a name that no URL has.
fn exceptions(text: &str) -> Vec<Exception> {
    text.split([',', ' ', '\t'])
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(exception)
        .collect()
}

fn exception(entry: &str) -> Exception {
    let at_any_port = |what| Exception { what, port: None };
    if entry == "*" {
        return at_any_port(Excepted::Everything);
    }
    if let Some(what) = network(entry) {
        return at_any_port(what);
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.parse().ok()),
        _ => (entry, None),
    };
    if let Some(what) = network(name) {
        return Exception { what, port };
    }
    let name = name.trim_start_matches("*.").trim_matches('.');
    Exception {
        what: Excepted::Name(name.to_ascii_lowercase()),
        port,
    }
}

/// An address, or a network in CIDR notation (RFC 4632).
fn network(text: &str) -> Option<Excepted> {
    let address = |text: &str| {
        let text = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
            .unwrap_or(text);
        text.parse::<IpAddr>().ok()
    };
    let bits = |address: &IpAddr| if address.is_ipv4() { 32 } else { 128 };
    if let Some(address) = address(text) {
        let canonical = address.to_canonical();
        return Some(Excepted::Network(canonical, bits(&canonical)));
    }
    let (base, length) = text.split_once('/')?;
    let base = address(base)?;
    let length = length
        .parse()
        .ok()
        .filter(|length| *length <= bits(&base))?;
    Some(Excepted::Network(base, length))
}

impl Exception {
    fn is_at(&self, port: Option<u16>) -> bool {
        self.port.is_none() || self.port == port
    }

    fn holds_name(&self, name: &str, port: Option<u16>) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.is_at(port)
            && match &self.what {
                Excepted::Everything => true,
                Excepted::Network(..) => false,
                Excepted::Name(excepted) => {
                    let below = name.strip_suffix(excepted.as_str());
                    !excepted.is_empty()
                        && below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
                }
            }
    }

    fn holds_address(&self, address: IpAddr, port: Option<u16>) -> bool {
        self.is_at(port)
            && match &self.what {
                Excepted::Everything => true,
                Excepted::Network(base, length) => same_network(*base, address, *length),
                Excepted::Name(_) => false,
            }
    }
}

/// Whether two addresses agree in the first `length` bits.
fn same_network(base: IpAddr, address: IpAddr, length: u32) -> bool {
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let differs = base.to_bits() ^ address.to_bits();
            differs.checked_shr(32 - length).unwrap_or_default() == 0
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let differs = base.to_bits() ^ address.to_bits();
            differs.checked_shr(128 - length).unwrap_or_default() == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, ProxyError> {
        Proxies::of_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        })
    }

    fn through(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = proxies(variables).unwrap();
        proxies
            .of(&Url::parse(url).unwrap())
            .map(|proxy| proxy.shown())
    }

    #[test]
    fn the_scheme_of_the_url_picks_the_variable_and_lower_case_goes_first() {
        let variables = [
            ("https_proxy", "http://one:1"),
            ("HTTPS_PROXY", "http://two:2"),
            ("HTTP_PROXY", "three:3"),
            ("ALL_PROXY", "socks5h://four"),
        ];
        for (given, url, expected) in [
            (&variables[..], "https://a.example/", Some("http://one:1")),
            (&variables[1..], "https://a.example/", Some("http://two:2")),
            (
                &variables[2..],
                "https://a.example/",
                Some("socks5h://four:1080"),
            ),
            (&variables[..], "http://a.example/", Some("http://three:3")),
            (
                &variables[3..],
                "http://a.example/",
                Some("socks5h://four:1080"),
            ),
            (&[("https_proxy", " ")], "https://a.example/", None),
            (&[], "https://a.example/", None),
        ] {
            assert_eq!(through(given, url).as_deref(), expected, "{given:?} {url}");
        }
        let cgi = [("HTTP_PROXY", "http://one:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(through(&cgi, "http://a.example/"), None);
    }

    #[test]
    fn what_is_excepted_is_reached_without() {
        let entries = "a.example, .b.example *.c.example,10.0.0.0/8,192.0.2.7,[2001:db8::1],d.example:8443,fd00::/8";
        for (url, direct) in [
            ("https://a.example/", true),
            ("https://A.EXAMPLE./", true),
            ("https://x.a.example/", true),
            ("https://xa.example/", false),
            ("https://b.example/", true),
            ("https://x.c.example/", true),
            ("https://d.example/", false),
            ("https://d.example:8443/", true),
            ("https://10.255.0.1/", true),
            ("https://11.0.0.1/", false),
            ("https://[::ffff:10.1.1.1]/", true),
            ("https://192.0.2.7:99/", true),
            ("https://192.0.2.8/", false),
            ("https://[2001:db8::1]/", true),
            ("https://[2001:db8::2]/", false),
            ("https://[fd00::2]/", true),
            // Always.
            ("https://localhost/", true),
            ("https://x.localhost:1/", true),
            ("https://127.9.9.9/", true),
            ("https://[::1]/", true),
            ("https://0.0.0.0/", true),
        ] {
            let given = [("https_proxy", "http://p:1"), ("no_proxy", entries)];
            assert_eq!(through(&given, url).is_none(), direct, "{url}");
        }
        let all = [("https_proxy", "http://p:1"), ("NO_PROXY", "*")];
        assert_eq!(through(&all, "https://a.example/"), None);
    }

    #[test]
    fn what_names_no_proxy_is_told_without_its_value() {
        for value in [
            "ftp://user:hunter2@p:1",
            "http://user:hunter2@",
            "http://user:hunter2@p:1/path",
            "socks4://user:hunter2@p",
            "http://user:hunter2@p:99999",
        ] {
            let error = proxies(&[("HTTPS_PROXY", value)]).unwrap_err();
            assert_eq!(error.variable, "HTTPS_PROXY");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxies = proxies(&[("all_proxy", "http://us%40er:hunter%32@p.example:3128")]).unwrap();
        let proxy = proxies
            .of(&Url::parse("https://a.example").unwrap())
            .unwrap();
        assert_eq!((&**proxy.user, &**proxy.password), ("us@er", "hunter2"));
        let shown = format!("{proxies:?} {proxy:?} {}", proxy.shown());
        assert!(!shown.contains("hunter") && shown.contains("http://p.example:3128"));
    }

    proptest! {
        #[test]
        fn whatever_the_variables_hold_nothing_panics(proxy in "\\PC{0,40}", except in "\\PC{0,60}", host in "[a-z0-9.:\\[\\]]{1,20}") {
            let given = [("all_proxy", proxy.as_str()), ("no_proxy", except.as_str())];
            if let (Ok(proxies), Ok(url)) = (proxies(&given), Url::parse(&format!("https://{host}/"))) {
                let _ = proxies.of(&url);
            }
        }

        #[test]
        fn cidr_of_any_length_holds_its_own_base(address: u32, length in 0u32..=32) {
            let base = IpAddr::from(std::net::Ipv4Addr::from_bits(address));
            prop_assert!(same_network(base, base, length));
        }
    }
}
