//! Providers that speak the Gemini API of Google.
//!
//! Text, pictures, speech, transcripts and searches are one method of the API, `generateContent`: what all of them have is in
//! `content`, and each has a module. Vectors, films and files have methods of their own.
#![forbid(unsafe_code)]

mod catalogue;
mod content;
mod embeddings;
mod failure;
mod files;
mod generate;
mod images;
mod search;
mod speech;
mod transcription;
mod usage;
mod video;

use chela_dialect::levels;
use chela_sdk::model::{ModelInfo, Request};
use chela_sdk::speech::Voice;
use chela_sdk::video::{Job, State};
use chela_sdk::{
    Embedding, EventStream, Image, Model, Result, Search, Speech, Transcription, Video, embedding,
    image,
};

/// The provider that the host runs this component as.
pub struct Provider;

impl Model for Provider {
    fn start(request: Request) -> Result<impl EventStream> {
        generate::start(&request)
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

    fn list_voices() -> Result<Vec<Voice>> {
        Ok(speech::voices())
    }
}

impl Search for Provider {
    fn search(request: chela_sdk::search::Request) -> Result<chela_sdk::search::Response> {
        search::search(&request)
    }
}

impl Video for Provider {
    fn submit(request: chela_sdk::video::Request) -> Result<Job> {
        video::submit(&request)
    }

    fn poll(token: String) -> Result<State> {
        video::poll(&token)
    }
}

chela_sdk::register!(Provider: model, image, embedding, transcription, speech, search, video);

/// The resource of a model: its name with the collection it is in.
fn resource(model: &str) -> String {
    match model.contains('/') {
        true => model.to_owned(),
        false => format!("models/{model}"),
    }
}

/// The path of a method of a model.
fn method(model: &str, name: &str) -> String {
    format!("/{}:{name}", resource(model))
}

/// How long to wait before asking again how something stands, in milliseconds. The API does not say; the manifest does.
fn poll_after() -> Option<u32> {
    let milliseconds = levels::setting("pollAfterMs").as_u64()?;
    u32::try_from(milliseconds).ok()
}

#[cfg(test)]
mod tests;
