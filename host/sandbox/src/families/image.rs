//! Making and changing pictures: `chela:provider/image`.

pub use crate::bindings::image::exports::chela::provider::image::{
    Background, Format, GenerateRequest, Options,
};

use chela_egress::Blob;
use chela_manifest::Family;

use crate::bindings::image::exports::chela::provider::image as wit;
use crate::component::serves;
use crate::error::CallError;
use crate::families::{NamedValue, Usage};
use crate::host::HostState;
use crate::instance::Instance;

/// A request for pictures from pictures. The fields are those of `image.edit-request` in `wit/image.wit`.
#[derive(Clone, Debug)]
pub struct EditRequest {
    /// The provider's id of the model.
    pub model: String,
    /// What to change; never blank.
    pub prompt: String,
    /// The pictures to start from, at least one.
    pub images: Vec<Blob>,
    /// Where to paint.
    pub mask: Option<Blob>,
    /// How it is to come out.
    pub options: Options,
}

/// A picture that was made.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its bytes.
    pub media: Blob,
    /// The prompt as the provider rewrote it.
    pub revised_prompt: Option<String>,
    /// The seed, where the provider tells.
    pub seed: Option<u64>,
    /// What the contract has no word for, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Response {
    /// The pictures; a component that gives none has not kept the contract, and the caller checks.
    pub pictures: Vec<Picture>,
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
    /// Draws pictures from words.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn generate_image(mut self, request: GenerateRequest) -> Result<Response, CallError> {
        let pre = serves(Family::Image, self.component().pre().image.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let made = provider
                .chela_provider_image()
                .call_generate(&mut *store, &request)
                .await?;
            made.map(|response| lift(response, store.data_mut()))
                .transpose_failure()
        })
        .await
    }

    /// Changes pictures.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn edit_image(mut self, request: EditRequest) -> Result<Response, CallError> {
        let pre = serves(Family::Image, self.component().pre().image.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let state = store.data_mut();
            let request = wit::EditRequest {
                model: request.model.clone(),
                prompt: request.prompt.clone(),
                images: state.lend_all(&request.images)?,
                mask: request
                    .mask
                    .clone()
                    .map(|mask| state.lend(mask))
                    .transpose()?,
                options: request.options.clone(),
            };
            let made = provider
                .chela_provider_image()
                .call_edit(&mut *store, &request)
                .await?;
            made.map(|response| lift(response, store.data_mut()))
                .transpose_failure()
        })
        .await
    }
}

use super::TransposeFailure as _;

fn lift(response: wit::Response, state: &mut HostState) -> wasmtime::Result<Response> {
    let pictures = response
        .pictures
        .into_iter()
        .map(|picture| {
            Ok(Picture {
                media: state.take(picture.media)?,
                revised_prompt: picture.revised_prompt,
                seed: picture.seed,
                extra: picture.extra,
            })
        })
        .collect::<wasmtime::Result<_>>()?;
    Ok(Response {
        pictures,
        model: response.model,
        usage: response.usage,
        request_id: response.request_id,
        ignored: response.ignored,
        extra: response.extra,
    })
}
