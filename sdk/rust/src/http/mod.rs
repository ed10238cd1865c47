//! HTTP by endpoint, with the host's hands.
//!
//! A component does not spell hosts: `provider.toml` declares endpoints, and a request names one and a path below it. The
//! host adds the base URL and the credential, judges the destination and follows redirects.
//!
//! ```no_run
//! # fn main() -> chela_sdk::Result<()> {
//! let answer: serde_json::Value = chela_sdk::http::endpoint("api")
//!     .post("/chat/completions")
//!     .json(&serde_json::json!({ "model": "m-1", "messages": [] }))
//!     .send()?
//!     .json()?;
//! # Ok(())
//! # }
//! ```

mod blobs;
mod date;
mod form;
mod query;
mod refusal;
mod request;
mod response;

pub use blobs::Blobs;
pub use form::Form;
pub use query::query_pairs;
pub use refusal::{Refusal, error_in};
pub use request::RequestBuilder;
pub use response::Response;

pub use crate::bindings::base::chela::provider::http::{
    Body, FormField, Header, Method, Part, QueryParameter, Target,
};

use crate::bindings::base::chela::provider::http::EndpointTarget;

/// An endpoint of the manifest, by its name there.
pub fn endpoint(name: &str) -> Endpoint<'_> {
    Endpoint { name }
}

/// Asks for an absolute URL, such as a result to download.
///
/// GET only and without a credential. The URL's origin has to be one of the manifest's `[downloads] origins`.
pub fn download<'a>(url: impl Into<String>) -> RequestBuilder<'a> {
    RequestBuilder::new(Method::Get, Target::Url(url.into()))
}

/// Waits before the next request: for a server that prepares what it was given and has to be asked until it is ready.
///
/// The host waits at most 30 s at a time and never past the call's deadline. In `cargo test` nothing waits; `testing::pauses`
/// tells what would have been waited for.
pub fn pause(milliseconds: u32) {
    transport::pause(milliseconds);
}

/// An endpoint of the manifest.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'n> {
    name: &'n str,
}

impl Endpoint<'_> {
    /// A GET below the endpoint's base URL.
    pub fn get<'a>(self, path: impl Into<String>) -> RequestBuilder<'a> {
        self.request(Method::Get, path)
    }

    /// A POST below the endpoint's base URL.
    pub fn post<'a>(self, path: impl Into<String>) -> RequestBuilder<'a> {
        self.request(Method::Post, path)
    }

    /// A PUT below the endpoint's base URL.
    pub fn put<'a>(self, path: impl Into<String>) -> RequestBuilder<'a> {
        self.request(Method::Put, path)
    }

    /// A PATCH below the endpoint's base URL.
    pub fn patch<'a>(self, path: impl Into<String>) -> RequestBuilder<'a> {
        self.request(Method::Patch, path)
    }

    /// A DELETE below the endpoint's base URL.
    pub fn delete<'a>(self, path: impl Into<String>) -> RequestBuilder<'a> {
        self.request(Method::Delete, path)
    }

    /// A request of any method. The path holds neither a query nor a fragment.
    pub fn request<'a>(self, method: Method, path: impl Into<String>) -> RequestBuilder<'a> {
        let target = EndpointTarget {
            endpoint: self.name.to_owned(),
            path: path.into(),
            query: Vec::new(),
        };
        RequestBuilder::new(method, Target::Endpoint(target))
    }
}

/// Who carries a request: the host, or what stands in for it in `cargo test`.
mod transport {
    #[cfg(target_arch = "wasm32")]
    pub(super) use crate::bindings::base::chela::provider::http::{Response, pause, send};
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) use crate::testing::wire::{Response, pause, send};
}
