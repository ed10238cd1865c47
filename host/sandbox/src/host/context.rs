//! `chela:provider/context`: what a component may know about the provider it runs as.

use super::HostState;
use crate::bindings::imports::chela::provider::context::Host;

impl Host for HostState {
    async fn provider_id(&mut self) -> wasmtime::Result<String> {
        Ok(self.provider.id.to_string())
    }

    async fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.provider.settings.get(&name).cloned())
    }

    async fn credential_present(&mut self, name: String) -> wasmtime::Result<bool> {
        Ok(self.provider.credentials_present.contains(&name))
    }

    async fn endpoint_replaced(&mut self, endpoint: String) -> wasmtime::Result<bool> {
        Ok(self.provider.replaced_endpoints.contains(&endpoint))
    }
}
