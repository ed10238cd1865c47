//! Searching the web: `chela:provider/search`.

pub use crate::bindings::search::exports::chela::provider::search::{
    Freshness, Hit, Request, Response,
};

use crate::bindings::search::SearchProvider;
use crate::component::serves;
use crate::error::CallError;
use crate::instance::Instance;
use chela_manifest::Family;

impl Instance {
    /// Searches.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn search(mut self, request: Request) -> Result<Response, CallError> {
        let pre = serves(Family::Search, self.component().pre().search.as_ref())?;
        self.run(async |store| {
            let provider: SearchProvider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_search()
                .call_search(store, &request)
                .await
        })
        .await
    }
}
