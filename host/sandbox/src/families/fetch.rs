//! Reading a page: `chela:provider/fetch`.

pub use crate::bindings::fetch::exports::chela::provider::fetch::{Format, Request, Response};

use crate::component::serves;
use crate::error::CallError;
use crate::instance::Instance;
use chela_manifest::Family;

impl Instance {
    /// Reads a page.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn fetch(mut self, request: Request) -> Result<Response, CallError> {
        let pre = serves(Family::Fetch, self.component().pre().fetch.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_fetch()
                .call_fetch(store, &request)
                .await
        })
        .await
    }
}
