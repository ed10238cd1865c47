//! Making film: `chela:provider/video`.

pub use crate::bindings::video::exports::chela::provider::video::{Job, Progress, ReferenceRole};

use chela_egress::Blob;
use chela_manifest::Family;

use super::TransposeFailure as _;
use crate::bindings::video::exports::chela::provider::video as wit;
use crate::component::serves;
use crate::error::CallError;
use crate::families::{AspectRatio, Dimensions, Failure, NamedValue, Usage};
use crate::host::HostState;
use crate::instance::Instance;

/// Media to work from.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What it is to the film.
    pub role: ReferenceRole,
    /// The media.
    pub media: Blob,
}

/// A request. The fields are those of `video.request` in `wit/video.wit`.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The provider's id of the model.
    pub model: String,
    /// What to film; never blank.
    pub prompt: String,
    /// Media to work from.
    pub references: Vec<Reference>,
    /// Size in pixels.
    pub size: Option<Dimensions>,
    /// Aspect ratio.
    pub aspect_ratio: Option<AspectRatio>,
    /// A resolution class in the manifest's spelling.
    pub resolution: Option<String>,
    /// Length in seconds.
    pub duration: Option<f64>,
    /// Whether it is to have sound.
    pub audio: Option<bool>,
    /// Whether it is to carry the provider's watermark.
    pub watermark: Option<bool>,
    /// What decides about chance.
    pub seed: Option<u64>,
    /// Further request fields, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// A film that was made.
#[derive(Clone, Debug)]
pub struct Clip {
    /// The film.
    pub media: Blob,
    /// Length in seconds, where the provider tells.
    pub duration: Option<f64>,
    /// Size in pixels, where the provider tells.
    pub size: Option<Dimensions>,
    /// The seed, where the provider tells.
    pub seed: Option<u64>,
    /// What the contract has no word for, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Response {
    /// The films.
    pub clips: Vec<Clip>,
    /// The model as the provider names it.
    pub model: Option<String>,
    /// What was consumed.
    pub usage: Option<Usage>,
    /// The provider's id for this request.
    pub request_id: Option<String>,
    /// What the contract has no word for, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// How a job stands.
#[derive(Clone, Debug)]
pub enum State {
    /// It waits for its turn.
    Queued(Progress),
    /// It is worked on.
    Running(Progress),
    /// It is done.
    Done(Response),
    /// It will not be done.
    Failed(Failure),
}

impl Instance {
    /// Hands in a job.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn submit_video(mut self, request: Request) -> Result<Job, CallError> {
        let pre = serves(Family::Video, self.component().pre().video.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let request = request.lower(store.data_mut())?;
            provider
                .chela_provider_video()
                .call_submit(store, &request)
                .await
        })
        .await
    }

    /// Asks once how a job stands.
    ///
    /// # Errors
    ///
    /// The question's own failure, or the limit that was hit. A job that failed is [`State::Failed`].
    pub async fn poll_video(mut self, token: &str) -> Result<State, CallError> {
        let pre = serves(Family::Video, self.component().pre().video.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            let state = provider
                .chela_provider_video()
                .call_poll(&mut *store, token)
                .await?;
            state
                .map(|state| lift(state, store.data_mut()))
                .transpose_failure()
        })
        .await
    }

    /// Asks the provider to stop a job.
    ///
    /// # Errors
    ///
    /// The provider's failure (`unsupported` where its API cannot), or the limit that was hit.
    pub async fn cancel_video(mut self, token: &str) -> Result<(), CallError> {
        let pre = serves(Family::Video, self.component().pre().video.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_video()
                .call_cancel(store, token)
                .await
        })
        .await
    }
}

impl Request {
    fn lower(&self, state: &mut HostState) -> wasmtime::Result<wit::Request> {
        let references = self
            .references
            .iter()
            .map(|reference| {
                let media = state.lend(reference.media.clone())?;
                Ok(wit::Reference {
                    role: reference.role,
                    media,
                })
            })
            .collect::<wasmtime::Result<_>>()?;
        Ok(wit::Request {
            model: self.model.clone(),
            prompt: self.prompt.clone(),
            references,
            size: self.size,
            aspect_ratio: self.aspect_ratio,
            resolution: self.resolution.clone(),
            duration: self.duration,
            audio: self.audio,
            watermark: self.watermark,
            seed: self.seed,
            extra: self.extra.clone(),
        })
    }
}

fn lift(state: wit::State, host: &mut HostState) -> wasmtime::Result<State> {
    Ok(match state {
        wit::State::Queued(progress) => State::Queued(progress),
        wit::State::Running(progress) => State::Running(progress),
        wit::State::Failed(failure) => State::Failed(failure),
        wit::State::Done(response) => {
            let clips = response
                .clips
                .into_iter()
                .map(|clip| {
                    Ok(Clip {
                        media: host.take(clip.media)?,
                        duration: clip.duration,
                        size: clip.size,
                        seed: clip.seed,
                        extra: clip.extra,
                    })
                })
                .collect::<wasmtime::Result<_>>()?;
            State::Done(Response {
                clips,
                model: response.model,
                usage: response.usage,
                request_id: response.request_id,
                extra: response.extra,
            })
        }
    })
}
