//! Providers that speak the API of Ollama.
//!
//! It is spoken as Ollama has it, and not in OpenAI's dialect, which Ollama speaks too and which knows less of what it can do.
#![forbid(unsafe_code)]

mod catalogue;
mod chat;
mod embeddings;
mod failure;

use chela_sdk::model::{ModelInfo, Request};
use chela_sdk::{Embedding, EventStream, Model, Result, embedding};

/// The provider that the host runs this component as.
pub struct Provider;

impl Model for Provider {
    fn start(request: Request) -> Result<impl EventStream> {
        chat::start(&request)
    }

    fn list_models() -> Result<Vec<ModelInfo>> {
        catalogue::list()
    }
}

impl Embedding for Provider {
    fn embed(request: embedding::Request) -> Result<embedding::Response> {
        embeddings::embed(&request)
    }
}

chela_sdk::register!(Provider: model, embedding);

#[cfg(test)]
mod tests;
