//! What a component asks for. Plain values, not judged yet.

use std::fmt;

use bytes::Bytes;

use crate::Blob;

/// Request methods (RFC 9110 section 9, and PATCH of RFC 5789). A method that is not listed cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn to_http(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Head => reqwest::Method::HEAD,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Header fields to add; see [`crate::limits`] for how many.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Below an endpoint, with its credential.
    Endpoint {
        /// The endpoint's name in the manifest.
        endpoint: String,
        /// A path below the endpoint's base URL; see [`crate::judge_path`].
        path: String,
        /// Names and values of the query, unencoded.
        query: Vec<(String, String)>,
    },
    /// An absolute URL: GET, no body, no credential, and only where the manifest declares downloads.
    Url(String),
}

/// A request body.
#[derive(Clone, Debug)]
pub enum Body {
    /// No body.
    None,
    /// The parts one after the other. The caller sets `Content-Type`.
    Parts(Vec<Part>),
    /// A multipart form (RFC 7578). Egress sets `Content-Type`.
    Form(Vec<FormField>),
}

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Part {
    /// These bytes.
    Bytes(Bytes),
    /// The bytes of a blob.
    Blob(Blob),
    /// The bytes of a blob in base64 (RFC 4648 section 4, padded, no line breaks).
    Base64(Blob),
}

/// One field of a multipart form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// The field's name.
    pub name: String,
    /// The file name to send. For a blob without one here, the blob's own.
    pub file_name: Option<String>,
    /// The media type to send. For a blob without one here, the blob's own.
    pub mime_type: Option<String>,
    /// The value.
    pub value: Part,
}
