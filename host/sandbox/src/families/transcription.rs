//! Speech to text: `chela:provider/transcription`.

pub use crate::bindings::transcription::exports::chela::provider::transcription::{
    Response, Segment, Timestamps,
};

use chela_egress::Blob;
use chela_manifest::Family;

use crate::bindings::transcription::exports::chela::provider::transcription as wit;
use crate::component::serves;
use crate::error::CallError;
use crate::families::NamedValue;
use crate::instance::Instance;

/// A request. The fields are those of `transcription.request` in `wit/transcription.wit`.
#[derive(Clone, Debug)]
pub struct Request {
    /// The provider's id of the model.
    pub model: String,
    /// The recording, or a film with sound.
    pub audio: Blob,
    /// The language spoken, as a BCP 47 tag.
    pub language: Option<String>,
    /// Words, names or a style to expect.
    pub prompt: Option<String>,
    /// How finely to time the text.
    pub timestamps: Timestamps,
    /// Whether to tell speakers apart.
    pub diarize: bool,
    /// How many speakers to expect; set only with `diarize`.
    pub speaker_count: Option<u32>,
    /// Further request fields, as JSON text.
    pub extra: Vec<NamedValue>,
}

impl Instance {
    /// Writes down what is said.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn transcribe(mut self, request: Request) -> Result<Response, CallError> {
        let pre = serves(
            Family::Transcription,
            self.component().pre().transcription.as_ref(),
        )?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let request = wit::Request {
                model: request.model.clone(),
                audio: store.data_mut().lend(request.audio.clone())?,
                language: request.language.clone(),
                prompt: request.prompt.clone(),
                timestamps: request.timestamps,
                diarize: request.diarize,
                speaker_count: request.speaker_count,
                extra: request.extra.clone(),
            };
            provider
                .chela_provider_transcription()
                .call_transcribe(store, &request)
                .await
        })
        .await
    }
}
