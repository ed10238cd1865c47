//! What a component may know about the provider it runs as. One component can serve many.

use crate::{Failure, Result};
use serde::de::DeserializeOwned;

#[cfg(target_arch = "wasm32")]
use crate::bindings::base::chela::provider::context as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::context as host;

/// The id of the provider this instance runs as, such as `groq`.
pub fn provider_id() -> String {
    host::provider_id()
}

/// A setting of the provider: of the manifest's `[settings]`, or of the operator's configuration, which wins.
///
/// # Errors
///
/// [`FailureKind::InvalidRequest`](crate::FailureKind::InvalidRequest) when it is set to a value of another kind.
pub fn setting<T: DeserializeOwned>(name: &str) -> Result<Option<T>> {
    let Some(text) = host::setting(name) else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Failure::invalid_request(format!("the setting `{name}` cannot be used: {error}"))
    })
}

/// A setting as JSON text, for a component that has a JSON reader of its own and no room for a second one.
pub fn setting_text(name: &str) -> Option<String> {
    host::setting(name)
}

/// Whether a credential of that name in the manifest is there. Its value is for the host alone.
pub fn credential_present(name: &str) -> bool {
    host::credential_present(name)
}

/// Whether the operator replaced the base URL of that endpoint, so that a server of the operator's own answers. Such a server
/// gets no field that only the provider itself understands.
pub fn endpoint_replaced(endpoint: &str) -> bool {
    host::endpoint_replaced(endpoint)
}
