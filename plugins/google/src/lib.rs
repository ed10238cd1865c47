//! Providers that speak the Gemini API of Google.
//!
//! Text and pictures are one method of the API, `generateContent`: what both have is in `content`, and each has a module.
#![forbid(unsafe_code)]

mod catalogue;
mod content;
mod embeddings;
mod failure;
mod generate;
mod images;
mod usage;

use chela_sdk::model::{ModelInfo, Request};
use chela_sdk::{Embedding, EventStream, Image, Model, Result, embedding, image};

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

chela_sdk::register!(Provider: model, image, embedding);

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

#[cfg(test)]
mod tests;
