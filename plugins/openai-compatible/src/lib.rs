//! Providers that speak the HTTP dialect of OpenAI.
//!
//! One component, many providers: OpenAI itself, and every server that answers the same requests at another address.
//! How they differ stands in their manifests (`providers/*.toml`) and is read in `settings`. No provider is known here by
//! name.
//!
//! It is a library too: the component `openai` adds speech and transcripts to it, and reads its answers with the modules that are
//! public here and in `chela-dialect`.
#![forbid(unsafe_code)]

mod catalogue;
mod chat;
mod embeddings;
mod images;
mod settings;
pub mod usage;

use chela_dialect::{extra, failure, loose, made, reply, scan, sentence};
use chela_sdk::model::ModelInfo;
use chela_sdk::{Embedding, EventStream, Image, Model, Result, embedding, image, model};

/// The provider that the host runs this component as.
pub struct Provider;

impl Model for Provider {
    fn start(request: model::Request) -> Result<impl EventStream> {
        chat::start(&request)
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

chela_sdk::register!(Provider: model, image, embedding);

#[cfg(test)]
mod tests;
