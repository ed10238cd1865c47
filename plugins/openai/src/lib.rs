//! OpenAI with all that it does: models in either of its two dialects, pictures, vectors, transcripts, speech and film.
//!
//! Chat completions, pictures and vectors are those of `chela-openai-dialect`, which providers that are no more than compatible
//! share. Here are responses, OpenAI's later dialect for models, and the families that only OpenAI and few others serve, so that the
//! component of the compatible ones stays small. How the providers of this component differ stands in their manifests.
#![forbid(unsafe_code)]

mod asked;
mod responses;
mod speech;
mod transcription;
mod video;

use chela_openai_dialect::{catalogue, embeddings, images};
use chela_sdk::model::ModelInfo;
use chela_sdk::{
    Embedding, EventStream, Image, Model, Result, Speech, Transcription, Video, embedding, image,
    model,
};

struct Provider;

impl Model for Provider {
    fn start(request: model::Request) -> Result<impl EventStream> {
        asked::start(&request)
    }

    fn list_models() -> Result<Vec<ModelInfo>> {
        catalogue::list()
    }
}

impl Image for Provider {
    fn generate(request: image::GenerateRequest) -> Result<image::Response> {
        images::generate(&request)
    }

    fn edit(request: image::EditRequest) -> Result<image::Response> {
        images::edit(&request)
    }
}

impl Embedding for Provider {
    fn embed(request: embedding::Request) -> Result<embedding::Response> {
        embeddings::embed(&request)
    }
}

impl Transcription for Provider {
    fn transcribe(
        request: chela_sdk::transcription::Request,
    ) -> Result<chela_sdk::transcription::Response> {
        transcription::transcribe(&request)
    }
}

impl Speech for Provider {
    fn synthesize(request: chela_sdk::speech::Request) -> Result<chela_sdk::speech::Response> {
        speech::synthesize(&request)
    }
}

impl Video for Provider {
    fn submit(request: chela_sdk::video::Request) -> Result<chela_sdk::video::Job> {
        video::submit(&request)
    }

    fn poll(token: String) -> Result<chela_sdk::video::State> {
        video::poll(&token)
    }
}

chela_sdk::register!(Provider: model, image, embedding, transcription, speech, video);
