//! Text to speech: `chela:provider/speech`.

pub use crate::bindings::speech::exports::chela::provider::speech::{Format, Request, Voice};

use chela_egress::Blob;
use chela_manifest::Family;

use super::TransposeFailure as _;
use crate::component::serves;
use crate::error::CallError;
use crate::families::{NamedValue, Usage};
use crate::instance::Instance;

/// What came out.
#[derive(Clone, Debug)]
pub struct Response {
    /// The sound.
    pub media: Blob,
    /// Samples a second, where it is known.
    pub sample_rate: Option<u32>,
    /// Length in seconds, where it is known.
    pub duration: Option<f64>,
    /// The voice that spoke.
    pub voice: Option<String>,
    /// The model as the provider names it.
    pub model: Option<String>,
    /// What was consumed.
    pub usage: Option<Usage>,
    /// The provider's id for this request.
    pub request_id: Option<String>,
    /// Options that had no part in this, by their names in the request.
    pub ignored: Vec<String>,
    /// What the contract has no word for, as JSON text.
    pub extra: Vec<NamedValue>,
}

impl Instance {
    /// Speaks.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn synthesize(mut self, request: Request) -> Result<Response, CallError> {
        let pre = serves(Family::Speech, self.component().pre().speech.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let made = provider
                .chela_provider_speech()
                .call_synthesize(&mut *store, &request)
                .await?;
            made.map(|response| {
                Ok(Response {
                    media: store.data_mut().take(response.media)?,
                    sample_rate: response.sample_rate,
                    duration: response.duration,
                    voice: response.voice,
                    model: response.model,
                    usage: response.usage,
                    request_id: response.request_id,
                    ignored: response.ignored,
                    extra: response.extra,
                })
            })
            .transpose_failure()
        })
        .await
    }

    /// The provider's voices.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn list_voices(mut self) -> Result<Vec<Voice>, CallError> {
        let pre = serves(Family::Speech, self.component().pre().speech.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_speech()
                .call_list_voices(store)
                .await
        })
        .await
    }
}
