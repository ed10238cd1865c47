//! Vectors for texts: `chela:provider/embedding`.

pub use crate::bindings::embedding::exports::chela::provider::embedding::{
    InputType, Request, Response,
};

use crate::component::serves;
use crate::error::CallError;
use crate::instance::Instance;
use chela_manifest::Family;

impl Instance {
    /// Embeds. The caller checks the number and the length of what comes back.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn embed(mut self, request: Request) -> Result<Response, CallError> {
        let pre = serves(Family::Embedding, self.component().pre().embedding.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_embedding()
                .call_embed(store, &request)
                .await
        })
        .await
    }
}
