//! A request, built up and sent.

use super::{Blobs, Body, Form, Header, Method, Part, QueryParameter, Response, Target, transport};
use crate::bindings::base::chela::provider::http::Request;
use crate::{Failure, Result};
use serde::Serialize;
use serde_json::Value;

/// A request in the making. `'a` is how long the blobs in its body are borrowed.
#[derive(Debug)]
#[must_use = "nothing goes out before `send`"]
pub struct RequestBuilder<'a> {
    request: Request<'a>,
    /// What went wrong while building, told by `send`.
    fault: Option<Failure>,
}

impl<'a> RequestBuilder<'a> {
    pub(super) fn new(method: Method, target: Target) -> Self {
        Self {
            request: Request {
                method,
                target,
                headers: Vec::new(),
                body: Body::None,
            },
            fault: None,
        }
    }

    /// Adds `name=value` to the query. The host percent-encodes both.
    ///
    /// A [`download`](super::download) takes its URL as it is; a query added to it fails in [`send`](Self::send).
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        match &mut self.request.target {
            Target::Endpoint(target) => {
                target.query.push(QueryParameter {
                    name: name.into(),
                    value: value.into(),
                });
            }
            Target::Url(_) => {
                self.fault = Some(Failure::internal("a query was added to an absolute URL"));
            }
        }
        self
    }

    /// Adds a header field. The host refuses those it owns, `Authorization` and the endpoint's credential among them.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.headers.push(Header {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    /// Sends a value as JSON.
    pub fn json(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.content("application/json", vec![Part::Bytes(bytes)]),
            Err(error) => {
                self.fault = Some(Failure::internal(format!(
                    "the request cannot be written as JSON: {error}"
                )));
                self
            }
        }
    }

    /// Sends a value as JSON with media in it: the host puts the bytes of `blobs` in base64 where their markers stand, and
    /// they do not pass through the component.
    pub fn json_with_blobs(mut self, value: &Value, blobs: &Blobs<'a>) -> Self {
        match blobs.splice(value) {
            Ok(parts) => self.content("application/json", parts),
            Err(failure) => {
                self.fault = Some(failure);
                self
            }
        }
    }

    /// Sends a multipart form.
    pub fn form(mut self, form: Form<'a>) -> Self {
        self.request.body = Body::Form(form.into_fields());
        self
    }

    /// Sends parts one after the other, under that `Content-Type`.
    pub fn content(self, content_type: impl Into<String>, parts: Vec<Part<'a>>) -> Self {
        let mut this = self.header("content-type", content_type);
        this.request.body = Body::Parts(parts);
        this
    }

    /// Sends the request and waits for a response that says success (2xx).
    ///
    /// # Errors
    ///
    /// What the host could not send or would not; any other status, as [`Refusal`](super::Refusal) reads it.
    pub fn send(self) -> Result<Response> {
        self.send_any()?.error_for_status()
    }

    /// Sends the request and waits for a response of any status.
    ///
    /// # Errors
    ///
    /// What the host could not send or would not.
    pub fn send_any(self) -> Result<Response> {
        match self.fault {
            Some(failure) => Err(failure),
            None => transport::send(&self.request).map(Response::new),
        }
    }
}
