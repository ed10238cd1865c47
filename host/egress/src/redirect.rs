//! Redirects (RFC 9110 section 15.4): each hop is a request of its own, judged from zero.
//!
//! A hop that stays below the endpoint it came from keeps the credential. Every other hop is judged as an absolute URL would be,
//! which needs a declared download origin, GET and no body, and never has a credential.

use std::collections::HashSet;

use chela_manifest::Origin;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use crate::body::Plan;
use crate::headers::{only_safe_elsewhere, without_body};
use crate::judge::{Destination, Via, judge_below, judge_url, owned_parameter, path_below};
use crate::limits::MAX_REDIRECTS;
use crate::path::judge_path;
use crate::redact::Redactor;
use crate::{Denial, Grant, Method, Rule};

/// One request of what may become several.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) destination: Destination,
    pub(crate) method: Method,
    /// The fields of the component that go along.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Plan>,
}

/// Why a redirect was not followed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is not allowed.
    Denied(Denial),
    /// It makes no sense.
    Nonsense(&'static str),
}

impl From<Denial> for Stop {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// Where a request has been.
#[derive(Default)]
pub(crate) struct Trail {
    seen: HashSet<(Method, Url)>,
    hops: u32,
}

impl Trail {
    /// Which hop comes next; 0 before the first.
    pub(crate) fn hops(&self) -> u32 {
        self.hops
    }

    fn add(&mut self, from: &Hop, to: &Hop) -> Result<(), Stop> {
        if self.hops == MAX_REDIRECTS {
            return Err(Stop::Nonsense("it redirects too often"));
        }
        self.hops += 1;
        self.seen
            .insert((from.method, from.destination.url.clone()));
        if self.seen.contains(&(to.method, to.destination.url.clone())) {
            return Err(Stop::Nonsense("it redirects in a circle"));
        }
        Ok(())
    }
}

/// What follows an answer with this status and these fields: the next hop, or none when it is the answer.
pub(crate) fn next_hop(
    grant: &Grant,
    redactor: Option<&Redactor>,
    trail: &mut Trail,
    from: &Hop,
    status: u16,
    fields: &HeaderMap,
) -> Result<Option<Hop>, Stop> {
    let Some((method, keeps_body)) = redirected(status, from.method) else {
        return Ok(None);
    };
    let Some(mut url) = location(&from.destination.url, fields)? else {
        return Ok(None);
    };
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Denial::from(Rule::UrlUserInfo).into());
    }
    if from.destination.origin.is_secure() && url.scheme() == "http" {
        return Err(Denial::from(Rule::RedirectDowngrade).into());
    }
    let body = if keeps_body { from.body.clone() } else { None };
    let mut headers = from.headers.clone();
    if body.is_none() && from.body.is_some() {
        without_body(&mut headers);
    }
    let destination = match below_same_endpoint(grant, from, &mut url)? {
        Some(destination) => destination,
        None => {
            let place =
                Origin::from_url(&url).map_or_else(String::new, |origin| origin.to_string());
            if body.is_some() {
                // A server that is asked in the wrong place often leads to another path of its own.
                let same = Origin::from_url(&url).as_ref() == Some(&from.destination.origin);
                let rule = if same {
                    Rule::RedirectElsewhere
                } else {
                    Rule::RedirectBody
                };
                return Err(Denial::new(rule, place).into());
            }
            if holds_credential(grant, redactor, &url) {
                return Err(Denial::from(Rule::RedirectCredential).into());
            }
            let destination = judge_url(grant, method, false, url).map_err(|denial| {
                // Nobody asked for a download: it is the server that leads away.
                match (&from.destination.via, denial.rule) {
                    (
                        Via::Endpoint(_),
                        Rule::DownloadNone | Rule::DownloadForeign | Rule::DownloadMethod,
                    ) => Denial::new(Rule::RedirectElsewhere, place),
                    _ => denial,
                }
            })?;
            let same = from.destination.via == Via::Download
                && destination.origin == from.destination.origin;
            if !same {
                only_safe_elsewhere(&mut headers);
            }
            destination
        }
    };
    let hop = Hop {
        destination,
        method,
        headers,
        body,
    };
    trail.add(from, &hop)?;
    Ok(Some(hop))
}

/// The method of the next hop and whether the body goes along; none when the status is no redirect that is followed. What
/// becomes of POST after 301 and 302 is what all clients have always done, and RFC 9110 allows it.
fn redirected(status: u16, method: Method) -> Option<(Method, bool)> {
    match (status, method) {
        (301 | 302, Method::Post) => Some((Method::Get, false)),
        (303, Method::Head) => Some((Method::Head, false)),
        (303, _) => Some((Method::Get, false)),
        (301 | 302 | 307 | 308, method) => Some((method, true)),
        _ => None,
    }
}

/// The URL of the `Location` field; none when there is no such field.
fn location(base: &Url, fields: &HeaderMap) -> Result<Option<Url>, Stop> {
    let mut locations = fields.get_all(LOCATION).iter();
    let Some(location) = locations.next() else {
        return Ok(None);
    };
    if locations.any(|other| other != location) {
        return Err(Stop::Nonsense("it redirects to two places at once"));
    }
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_| Stop::Nonsense("it redirects to what is no URL"))?;
    let url = base
        .join(location)
        .map_err(|_| Stop::Nonsense("it redirects to what is no URL"))?;
    Ok(Some(url))
}

/// The destination, when the hop stays below the endpoint it came from.
fn below_same_endpoint(
    grant: &Grant,
    from: &Hop,
    url: &mut Url,
) -> Result<Option<Destination>, Denial> {
    let Via::Endpoint(name) = &from.destination.via else {
        return Ok(None);
    };
    let Some(endpoint) = grant.endpoints.get(name) else {
        return Ok(None);
    };
    if url.origin() != endpoint.base.origin() {
        return Ok(None);
    }
    let Some(path) = path_below(&endpoint.base, url) else {
        return Ok(None);
    };
    judge_path(path).map_err(|rule| Denial::new(rule, format!("endpoint `{name}`")))?;
    if let Some(owned) = owned_parameter(endpoint) {
        remove_parameter(url, owned);
    }
    judge_below(name, endpoint, url.clone()).map(Some)
}

/// Takes a parameter out of a query: the server repeats the credential, which is attached again anyway.
fn remove_parameter(url: &mut Url, name: &str) {
    let Some(query) = url.query() else { return };
    let is_other = |pair: &&str| {
        let given = url::form_urlencoded::parse(pair.as_bytes()).next();
        given.is_none_or(|(given, _)| !given.eq_ignore_ascii_case(name))
    };
    let kept: Vec<&str> = query.split('&').filter(is_other).collect();
    let kept = (!kept.is_empty()).then(|| kept.join("&"));
    url.set_query(kept.as_deref());
}

/// Whether a URL repeats a credential: in any spelling, or, for one that is too short to be told from other text, as the whole
/// value of a parameter.
fn holds_credential(grant: &Grant, redactor: Option<&Redactor>, url: &Url) -> bool {
    if redactor.is_some_and(|redactor| redactor.finds(url.as_str())) {
        return true;
    }
    let secrets = || {
        grant
            .endpoints
            .values()
            .filter_map(|endpoint| endpoint.credential.as_ref())
    };
    url.query_pairs().any(|(_, value)| {
        secrets().any(|credential| !value.is_empty() && value == credential.secret.expose())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_after_each_status() {
        use Method::{Delete, Get, Head, Patch, Post, Put};
        for (status, before, after) in [
            (301, Get, Some((Get, true))),
            (301, Post, Some((Get, false))),
            (302, Post, Some((Get, false))),
            (302, Put, Some((Put, true))),
            (303, Post, Some((Get, false))),
            (303, Delete, Some((Get, false))),
            (303, Head, Some((Head, false))),
            (307, Post, Some((Post, true))),
            (308, Patch, Some((Patch, true))),
            (300, Get, None),
            (304, Get, None),
            (305, Get, None),
            (306, Get, None),
            (200, Get, None),
            (201, Post, None),
        ] {
            assert_eq!(redirected(status, before), after, "{status} {before}");
        }
    }

    /// A provider that reads public pages, and those of one site of the operator's.
    fn reader() -> Grant {
        let site = crate::EndpointGrant {
            base: Url::parse("http://127.0.0.1:8080").unwrap(),
            named_by_operator: true,
            plain_http_credential: false,
            credential: None,
        };
        Grant {
            provider: "page".parse().unwrap(),
            endpoints: [("site".to_owned(), site)].into(),
            downloads: chela_manifest::Downloads::Public,
        }
    }

    /// Where a page leads with that `Location`. A path is one below the site, anything else a URL.
    fn led(from: &str, location: &str) -> Result<String, Rule> {
        let grant = reader();
        let target = if from.starts_with('/') {
            crate::Target::Endpoint {
                endpoint: "site".into(),
                path: from.into(),
                query: Vec::new(),
            }
        } else {
            crate::Target::Url(from.into())
        };
        let from = Hop {
            destination: crate::judge::judge_target(&grant, Method::Get, false, &target).unwrap(),
            method: Method::Get,
            headers: HeaderMap::new(),
            body: None,
        };
        let fields = [(LOCATION, location.parse().unwrap())]
            .into_iter()
            .collect();
        match next_hop(&grant, None, &mut Trail::default(), &from, 302, &fields) {
            Ok(hop) => Ok(hop.expect("it is a redirect").destination.url.into()),
            Err(Stop::Denied(denial)) => Err(denial.rule),
            Err(Stop::Nonsense(why)) => panic!("{why}"),
        }
    }

    #[test]
    fn a_public_page_leads_to_public_pages_alone() {
        for (from, location, to) in [
            (
                "https://a.example/",
                "https://b.example/x",
                Ok("https://b.example/x"),
            ),
            ("http://a.example/", "//b.example/", Ok("http://b.example/")),
            ("https://a.example/", "/b#c", Ok("https://a.example/b")),
            (
                "https://a.example/",
                "http://a.example/",
                Err(Rule::RedirectDowngrade),
            ),
            (
                "http://a.example/",
                "http://10.0.0.1/",
                Err(Rule::AddressPrivate),
            ),
            (
                "http://a.example/",
                "http://169.254.169.254/",
                Err(Rule::AddressMetadata),
            ),
            (
                "http://a.example/",
                "http://localhost/",
                Err(Rule::LocalName),
            ),
            (
                "http://a.example/",
                "file:///etc/passwd",
                Err(Rule::UrlScheme),
            ),
            // What the operator named is for those who name it, not for a stranger's page.
            (
                "http://a.example/",
                "http://127.0.0.1:8080/x",
                Err(Rule::AddressLoopback),
            ),
            ("/", "/x", Ok("http://127.0.0.1:8080/x")),
            ("/", "http://127.0.0.1:8081/", Err(Rule::AddressLoopback)),
            ("/", "https://b.example/", Ok("https://b.example/")),
        ] {
            assert_eq!(
                led(from, location),
                to.map(str::to_owned),
                "{from} {location}"
            );
        }
    }

    #[test]
    fn the_parameter_of_a_credential_is_taken_out_however_it_is_written() {
        for (before, after) in [
            ("https://a.example/?key=1", "https://a.example/"),
            ("https://a.example/?a=b&KEY=1&c", "https://a.example/?a=b&c"),
            (
                "https://a.example/?%6bey=1&keys=2",
                "https://a.example/?keys=2",
            ),
            ("https://a.example/", "https://a.example/"),
        ] {
            let mut url = Url::parse(before).unwrap();
            remove_parameter(&mut url, "key");
            assert_eq!(url.as_str(), after);
        }
    }
}
