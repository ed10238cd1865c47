//! What a server says when it does not do what it was asked, in the terms of the contract.

use crate::{Failure, FailureKind};
use serde_json::Value;

/// The most characters of a server's own words that go into a message.
const EXCERPT: usize = 300;

/// A response that is no success: its status and what its body says.
///
/// | status | kind |
/// |---|---|
/// | 401 | `auth` |
/// | 402 | `quota` |
/// | 403 | `permission` |
/// | 404, 410 | `not-found` |
/// | 408 | `timeout` |
/// | 429 | `rate-limited`, or `quota` where the code says that the account is spent |
/// | other 4xx | `invalid-request`; `content-filtered`, `quota` or `auth` where the code says so |
/// | 5xx | `unavailable` |
/// | others | `bad-response` |
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// The status code.
    pub status: u16,
    /// The field `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The body, or as much of it as was read.
    pub body: &'a [u8],
}

impl Refusal<'_> {
    /// The failure it amounts to. Bodies of the common shapes give message and code: `{"error": {"message", "type", "code",
    /// "status"}}`, `{"error": "…", "code"}`, `{"detail"}`, `{"message", "category"}`; of anything else a short excerpt is quoted.
    pub fn failure(&self) -> Failure {
        let words = match serde_json::from_slice(self.body) {
            Ok(value) => Words::of(&value),
            Err(_) => Words {
                message: self.excerpt(),
                ..Words::default()
            },
        };
        let kind = words.kind(self.status);
        let message = match words.message {
            Some(message) => format!("the server answered {}: {message}", self.status),
            None => format!("the server answered {}", self.status),
        };
        Failure {
            code: words.code,
            request_id: words.request_id,
            ..Failure::new(kind, message).with_status(self.status)
        }
    }

    fn excerpt(&self) -> Option<String> {
        if is_page(self.content_type, self.body) {
            return Some(match page_title(self.body) {
                Some(title) => format!("a web page, \"{title}\""),
                None => "a web page".to_owned(),
            });
        }
        excerpt(&String::from_utf8_lossy(self.body))
    }
}

/// The error in a JSON answer that came with a success: `{"error": …}`. Streams carry such values too.
///
/// Its kind follows from the code alone, and is [`FailureKind::BadResponse`] when that says nothing.
pub fn error_in(value: &Value) -> Option<Failure> {
    let error = value.get("error")?;
    if !(error.is_object() || error.is_string()) {
        return None;
    }
    let words = Words::of(value);
    let kind = words.kind(words.status.unwrap_or(0));
    let message = match words.message {
        Some(message) => format!("the server answered with an error: {message}"),
        None => "the server answered with an error".to_owned(),
    };
    Some(Failure {
        code: words.code,
        request_id: words.request_id,
        ..Failure::new(kind, message)
    })
}

/// The failure of an answer that was to be JSON.
pub(super) fn unreadable(
    content_type: Option<&str>,
    body: &[u8],
    error: &serde_json::Error,
) -> Failure {
    let what = if is_page(content_type, body) {
        "the server answered with a web page where JSON was expected".to_owned()
    } else if body.iter().all(u8::is_ascii_whitespace) {
        "the server answered with an empty body where JSON was expected".to_owned()
    } else {
        format!("the answer cannot be read: {error}")
    };
    Failure::bad_response(what)
}

/// A media type without its parameters, in lower case.
pub(super) fn essence(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn is_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let declared = content_type.map(essence);
    if declared
        .as_deref()
        .is_some_and(|kind| kind == "text/html" || kind == "application/xhtml+xml")
    {
        return true;
    }
    let start = body.trim_ascii_start();
    let begins =
        |with: &[u8]| start.len() >= with.len() && start[..with.len()].eq_ignore_ascii_case(with);
    begins(b"<!doctype html") || begins(b"<html")
}

fn page_title(body: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(body);
    // Same length as the page, so that positions hold.
    let folded = page.to_ascii_lowercase();
    let start = folded.find("<title")?;
    let start = start + folded[start..].find('>')? + 1;
    let end = start + folded[start..].find("</title")?;
    excerpt(&page[start..end])
}

/// A server's own words on one line: no control characters, not too long, no full stop.
fn excerpt(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut length = 0;
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if length == EXCERPT {
                line.push('…');
                return Some(line);
            }
            line.push(c);
            length += 1;
        }
        length += 1;
        if length >= EXCERPT {
            line.push('…');
            return Some(line);
        }
    }
    if line.ends_with('.') && !line.ends_with("..") {
        line.pop();
    }
    (!line.is_empty()).then_some(line)
}

/// What an error body says.
#[derive(Debug, Default)]
struct Words {
    message: Option<String>,
    code: Option<String>,
    /// The broader word beside the code, such as `invalid_request_error`.
    class: Option<String>,
    /// A numeric code that is an HTTP status.
    status: Option<u16>,
    /// The provider's id for the request, where the body says it.
    request_id: Option<String>,
}

impl Words {
    fn of(value: &Value) -> Self {
        // Some servers wrap the error in a list.
        let value = value
            .as_array()
            .and_then(|list| list.first())
            .unwrap_or(value);
        let inner = match value
            .get("error")
            .or_else(|| value.get("errors").and_then(|list| list.get(0)))
            .or_else(|| value.get("detail").filter(|detail| detail.is_object()))
        {
            Some(inner) if inner.is_object() || inner.is_string() => inner,
            _ => value,
        };
        let message = match inner {
            Value::String(text) => excerpt(text),
            _ => [
                "message",
                "detail",
                "msg",
                "err_msg",
                "error",
                "error_description",
                "title",
            ]
            .iter()
            .find_map(|name| inner.get(name).and_then(sentence))
            .or_else(|| value.get("message").and_then(sentence)),
        };
        let number = inner
            .get("code")
            .and_then(Value::as_u64)
            .or_else(|| value.get("code").and_then(Value::as_u64));
        let named = |name: &str| {
            [inner, value]
                .into_iter()
                .find_map(|place| place.get(name).and_then(Value::as_str).and_then(excerpt))
        };
        let class = named("type").filter(|class| class != "error");
        let code = named("code")
            .or_else(|| named("err_code"))
            .or_else(|| named("status"))
            .or_else(|| named("category"))
            .or_else(|| class.clone())
            .or_else(|| number.map(|n| n.to_string()));
        let status = number
            .and_then(|number| u16::try_from(number).ok())
            .filter(|status| (400..600).contains(status));
        Self {
            message,
            code,
            class,
            status,
            request_id: named("request_id"),
        }
    }

    fn kind(&self, status: u16) -> FailureKind {
        let told = [&self.code, &self.class]
            .into_iter()
            .flatten()
            .find_map(|code| kind_of_code(code));
        let wrong_key = || self.message.as_deref().is_some_and(says_the_key_is_wrong);
        match status {
            401 => FailureKind::Auth,
            402 => FailureKind::Quota,
            404 | 410 => FailureKind::NotFound,
            408 => FailureKind::Timeout,
            // Two kinds of "no" that a caller treats differently share these statuses.
            429 => told
                .filter(|kind| *kind == FailureKind::Quota)
                .unwrap_or(FailureKind::RateLimited),
            403 => told
                .filter(|kind| matches!(kind, FailureKind::Quota | FailureKind::ContentFiltered))
                .unwrap_or(FailureKind::Permission),
            400..500 => match told {
                Some(
                    kind @ (FailureKind::Quota | FailureKind::ContentFiltered | FailureKind::Auth),
                ) => kind,
                _ if wrong_key() => FailureKind::Auth,
                _ => FailureKind::InvalidRequest,
            },
            500..600 => FailureKind::Unavailable,
            _ => told.unwrap_or(FailureKind::BadResponse),
        }
    }
}

/// A message that is text, or the list of faults that validators give (`[{"loc": […], "msg": "…"}]`), or an object that holds one.
fn sentence(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => excerpt(text),
        Value::Array(list) => sentence(list.first()?),
        Value::Object(fields) => {
            let said = ["message", "msg", "detail", "error"]
                .iter()
                .find_map(|name| fields.get(*name).and_then(sentence))?;
            let place = fields
                .get("loc")
                .and_then(Value::as_array)
                .and_then(|place| place.last())
                .and_then(Value::as_str);
            Some(place.map_or_else(|| said.clone(), |place| format!("{place}: {said}")))
        }
        _ => None,
    }
}

fn kind_of_code(code: &str) -> Option<FailureKind> {
    let code = code.to_ascii_lowercase();
    Some(match code.as_str() {
        "insufficient_quota"
        | "quota_exceeded"
        | "insufficient_credits"
        | "insufficient_balance"
        | "payment_required"
        | "billing_hard_limit_reached"
        | "billing_not_active"
        | "billing_error"
        | "credits_exhausted" => FailureKind::Quota,
        "content_filter"
        | "content_filtered"
        | "content_policy_violation"
        | "moderation_blocked"
        | "image_content_policy_violation" => FailureKind::ContentFiltered,
        "invalid_api_key" | "api_key_invalid" | "authentication_error" | "unauthenticated" => {
            FailureKind::Auth
        }
        "permission_error" | "permission_denied" => FailureKind::Permission,
        "not_found" | "not_found_error" | "model_not_found" => FailureKind::NotFound,
        "rate_limit_error" | "rate_limit_exceeded" | "rate_limited" | "resource_exhausted" => {
            FailureKind::RateLimited
        }
        "invalid_request_error" | "invalid_argument" | "context_length_exceeded" => {
            FailureKind::InvalidRequest
        }
        "server_error"
        | "api_error"
        | "overloaded_error"
        | "overloaded"
        | "internal_server_error"
        | "service_unavailable"
        | "unavailable" => FailureKind::Unavailable,
        "timeout" | "timeout_error" | "deadline_exceeded" => FailureKind::Timeout,
        _ => return None,
    })
}

/// Two large providers answer a wrong key with 400 and say so in words alone.
fn says_the_key_is_wrong(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("api key")
        && ["incorrect", "not valid", "invalid"]
            .iter()
            .any(|word| message.contains(word))
}

#[cfg(test)]
mod tests;
