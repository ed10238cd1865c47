//! Providers that speak the Messages API of Anthropic.
//!
//! Which model takes what stands in the manifests (`providers/*.toml`) and is read in `settings`.
#![forbid(unsafe_code)]

mod catalogue;
mod messages;
mod settings;
mod usage;

use chela_sdk::http::{self, RequestBuilder};
use chela_sdk::model::{ModelInfo, Request};
use chela_sdk::{EventStream, Model, Result};

/// The version of the API that is spoken here: <https://docs.claude.com/en/api/versioning>.
const VERSION: &str = "2023-06-01";

/// The provider that the host runs this component as.
pub struct Provider;

impl Model for Provider {
    fn start(request: Request) -> Result<impl EventStream> {
        messages::start(&request)
    }

    fn list_models() -> Result<Vec<ModelInfo>> {
        catalogue::list()
    }
}

chela_sdk::register!(Provider: model);

/// A request with the field that every request has.
fn versioned(request: RequestBuilder<'_>) -> RequestBuilder<'_> {
    request.header("anthropic-version", VERSION)
}

fn endpoint() -> http::Endpoint<'static> {
    http::endpoint("api")
}

#[cfg(test)]
mod tests;
