//! Which header fields a component may send.

use chela_manifest::{Inject, is_host_header};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::Rule;
use crate::limits::{MAX_REQUEST_HEADER_BYTES, MAX_REQUEST_HEADERS};

/// Fields that describe a body, which go with it when a redirect drops it (RFC 9110 section 15.4).
const ABOUT_A_BODY: &[&str] = &["digest", "content-digest", "repr-digest", "last-modified"];

/// Fields of a component that a redirect takes to another origin: those that say what answer is understood.
const SAFE_ELSEWHERE: &[&str] = &["accept", "accept-language"];

/// Judges the header fields of a request and gives them back in the client's form.
///
/// `owned` is how the credential of the endpoint is attached; `form` whether the body is a multipart form, whose
/// `Content-Type` holds a boundary that only the host knows.
///
/// # Errors
///
/// The [`Rule`] that a field breaks.
pub(crate) fn judge_headers(
    headers: &[(String, String)],
    owned: Option<&Inject>,
    form: bool,
) -> Result<HeaderMap, Rule> {
    let bytes = || -> usize {
        let lengths = headers.iter().map(|(name, value)| name.len() + value.len());
        lengths.sum()
    };
    if headers.len() > MAX_REQUEST_HEADERS || bytes() > MAX_REQUEST_HEADER_BYTES {
        return Err(Rule::HeaderSize);
    }
    let mut judged = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Rule::HeaderName)?;
        judge_name(&name, owned, form)?;
        let value = HeaderValue::from_str(value)
            .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
            .map_err(|_| Rule::HeaderValue)?;
        judged.append(name, value);
    }
    Ok(judged)
}

fn judge_name(name: &HeaderName, owned: Option<&Inject>, form: bool) -> Result<(), Rule> {
    let lower = name.as_str();
    if let Some(Inject::Header { name: owner, .. }) = owned
        && owner.eq_ignore_ascii_case(lower)
    {
        return Err(Rule::HeaderOwned);
    }
    // `Authorization` is the credential's, whether the endpoint has one or not.
    if is_host_header(lower) || lower == "authorization" || (form && lower == "content-type") {
        return Err(Rule::HeaderForbidden);
    }
    Ok(())
}

/// Whether a credential may own the field: one that only the host sets is nobody's.
pub(crate) fn can_be_owned(name: &HeaderName) -> bool {
    !is_host_header(name.as_str())
}

/// Removes the fields that describe a body, for a hop that has none.
pub(crate) fn without_body(headers: &mut HeaderMap) {
    retain(headers, |name| {
        !name.starts_with("content-") && !ABOUT_A_BODY.contains(&name)
    });
}

/// Removes everything that another origin has no business with.
pub(crate) fn only_safe_elsewhere(headers: &mut HeaderMap) {
    retain(headers, |name| SAFE_ELSEWHERE.contains(&name));
}

fn retain(headers: &mut HeaderMap, keep: impl Fn(&str) -> bool) {
    let gone: Vec<HeaderName> = headers
        .keys()
        .filter(|name| !keep(name.as_str()))
        .cloned()
        .collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(name: &str, value: &str) -> Result<HeaderMap, Rule> {
        let owned = Inject::Header {
            name: "X-Api-Key".to_owned(),
            format: "{}".to_owned(),
        };
        judge_headers(&[(name.to_owned(), value.to_owned())], Some(&owned), false)
    }

    #[test]
    fn ordinary_fields_pass() {
        for (name, value) in [
            ("Accept", "text/event-stream"),
            ("content-type", "application/json"),
            ("OpenAI-Beta", "a\tb"),
            ("x", ""),
            ("x-name", "schön"),
        ] {
            assert!(judge(name, value).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_the_host_sets_does_not() {
        for name in [
            "Host",
            "hOsT",
            "Connection",
            "Keep-Alive",
            "Content-Length",
            "Transfer-Encoding",
            "TE",
            "Trailer",
            "Upgrade",
            "Expect",
            "Cookie",
            "Accept-Encoding",
            "Forwarded",
            "Via",
            "X-Forwarded-For",
            "X-FORWARDED-HOST",
            "Proxy-Authorization",
            "proxy-connection",
            "Authorization",
            "HTTP2-Settings",
            "Cookie2",
        ] {
            assert_eq!(
                judge(name, "x").unwrap_err(),
                Rule::HeaderForbidden,
                "{name}"
            );
        }
        assert_eq!(judge("x-API-key", "x").unwrap_err(), Rule::HeaderOwned);
    }

    #[test]
    fn a_credential_owns_no_field_that_a_manifest_may_not_name() {
        let can = |name| can_be_owned(&HeaderName::from_static(name));
        assert!(can("authorization") && can("x-api-key"));
        for name in [
            "host",
            "http2-settings",
            "cookie",
            "cookie2",
            "proxy-authorization",
        ] {
            assert!(!can(name), "{name}");
        }
    }

    #[test]
    fn names_and_values_cannot_end_a_line() {
        for name in [
            "",
            " ",
            "a b",
            "a:",
            "a\r\nb",
            "a\0",
            "ä",
            ":authority",
            "a\n",
        ] {
            assert_eq!(judge(name, "x").unwrap_err(), Rule::HeaderName, "{name:?}");
        }
        for value in ["a\r\nHost: evil", "a\nb", "a\rb", "a\0b", "\u{7f}", "\u{1}"] {
            assert_eq!(
                judge("x", value).unwrap_err(),
                Rule::HeaderValue,
                "{value:?}"
            );
        }
    }

    #[test]
    fn count_and_size_are_capped() {
        let field = |n: usize| ("x".to_owned(), "y".repeat(n));
        assert!(judge_headers(&vec![field(1); MAX_REQUEST_HEADERS], None, false).is_ok());
        let many = vec![field(1); MAX_REQUEST_HEADERS + 1];
        assert_eq!(
            judge_headers(&many, None, false).unwrap_err(),
            Rule::HeaderSize
        );
        assert!(judge_headers(&[field(MAX_REQUEST_HEADER_BYTES - 1)], None, false).is_ok());
        let large = [field(MAX_REQUEST_HEADER_BYTES)];
        assert_eq!(
            judge_headers(&large, None, false).unwrap_err(),
            Rule::HeaderSize
        );
    }

    #[test]
    fn a_form_brings_its_own_content_type() {
        let headers = [("Content-Type".to_owned(), "multipart/form-data".to_owned())];
        assert!(judge_headers(&headers, None, false).is_ok());
        assert_eq!(
            judge_headers(&headers, None, true).unwrap_err(),
            Rule::HeaderForbidden
        );
    }

    #[test]
    fn a_hop_drops_what_it_must() {
        let mut headers = HeaderMap::new();
        for name in [
            "accept",
            "content-type",
            "content-language",
            "x-key",
            "accept-language",
            "digest",
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("v"));
        }
        without_body(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "accept-language", "x-key"]);
        only_safe_elsewhere(&mut headers);
        assert!(!headers.contains_key("x-key") && headers.contains_key("accept"));
    }
}
