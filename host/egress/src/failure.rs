//! What the client library's errors mean. Their own text is not passed on: it holds the URL, and with it a credential that
//! goes in the query.

use std::error::Error;
use std::io;

use crate::body::BlobError;
use crate::connect::Refused;
use crate::limits::CONNECT_TIMEOUT;
use crate::proxy::Proxy;
use crate::{Denial, EgressError};

/// What was being done when an error came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Sending the request and waiting for the head of the answer.
    Head,
    /// Reading the body of the answer.
    Body,
}

/// The error of the client library in the terms of egress.
pub(crate) fn of_client(
    error: reqwest::Error,
    host: &str,
    stage: Stage,
    proxy: Option<&Proxy>,
) -> EgressError {
    let error = error.without_url();
    if let Some(Refused(rule)) = cause(&error) {
        return Denial::new(*rule, host).into();
    }
    if let Some(BlobError(source)) = cause(&error) {
        return EgressError::Storage {
            action: "read a file that is being sent",
            source: io::Error::new(source.kind(), source.to_string()),
        };
    }
    let host = host.to_owned();
    let http: Option<&hyper::Error> = cause(&error);
    let bad = |problem: &str| EgressError::BadResponse {
        host: host.clone(),
        problem: problem.to_owned(),
    };
    if stage == Stage::Body {
        return bad(
            if error.is_decode() && http.is_none() && cause::<h2::Error>(&error).is_none() {
                "it is not in the content coding it says, or was cut short"
            } else {
                "it was cut short"
            },
        );
    }
    if http.is_some_and(hyper::Error::is_parse) {
        return bad("it is not HTTP, or its header is too large");
    }
    let problem = match proxy {
        None => unavailable(&error),
        Some(proxy) => {
            let problem = tunnel(&error).map_or_else(|| unavailable(&error), str::to_owned);
            format!("through the proxy {}: {problem}", proxy.shown())
        }
    };
    EgressError::Unavailable { host, problem }
}

/// What a proxy says in place of connecting. The library's types for it are not to be had, so its words are looked for; tests hold them in
/// place.
fn tunnel(error: &reqwest::Error) -> Option<&'static str> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if text.starts_with("tunnel error: ") {
            return match text.trim_start_matches("tunnel error: ") {
                "proxy authorization required" => Some(PROXY_AUTHENTICATION),
                "unsuccessful" => Some("the proxy refuses to connect"),
                "unexpected end of file" => Some("the proxy closed before it had connected"),
                _ => None,
            };
        }
        next = error.source();
    }
    None
}

/// What 407 means, from a tunnel and as an answer to a plain request.
pub(crate) const PROXY_AUTHENTICATION: &str = "the proxy wants a user name and a password";

/// Why there is no answer, in words that hold nothing of the request.
fn unavailable(error: &reqwest::Error) -> String {
    if let Some(tls) = cause::<rustls::Error>(error) {
        return format!("no trusted TLS connection ({tls})");
    }
    if error.is_connect() && error.is_timeout() {
        return format!("no connection within {} seconds", CONNECT_TIMEOUT.as_secs());
    }
    if error.is_dns() {
        return "its name cannot be resolved".to_owned();
    }
    let text = match cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused",
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) => "the connection was reset",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "there is no route to it"
        }
        Some(io::ErrorKind::TimedOut) => "the connection timed out",
        _ if error.is_connect() => "no connection",
        _ => "the connection was closed before an answer",
    };
    text.to_owned()
}

/// The innermost cause of that type. An I/O error hides what it wraps from the chain, so it is opened.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut found = None;
    let mut next = Some(error);
    while let Some(error) = next {
        found = error.downcast_ref::<E>().or(found);
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    found
}
