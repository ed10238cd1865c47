//! Providers that speak the HTTP dialect of OpenAI: every server that answers the requests of its chat, embeddings and images at
//! another address.
//!
//! One component, many providers. How they differ stands in their manifests (`providers/*.toml`); what they say and are told is
//! `chela-openai-dialect`'s, which the component `openai` shares.
#![forbid(unsafe_code)]

use chela_openai_dialect::{catalogue, chat, embeddings, images};
use chela_sdk::model::ModelInfo;
use chela_sdk::{Embedding, EventStream, Image, Model, Result, embedding, image, model};

struct Provider;

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
