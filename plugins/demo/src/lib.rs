//! `demo`: a provider that needs no key, no network and no grant.
//!
//! It shows what chela does before any account exists: it answers by plain rules, draws geometry from a prompt, changes PNG
//! files, plays texts as tones and embeds texts. It is no model and says so in its answers. The same request always gives the same result.
#![forbid(unsafe_code)]

mod dice;
mod embedding;
mod picture;
mod sound;
mod text;

use chela_sdk::model::{EventStream, MediaKind, ModelInfo};
use chela_sdk::{Embedding, Failure, FailureKind, Image, Model, Result, Speech};

/// The one model there is, in every family.
const MODEL: &str = "demo-1";

struct Demo;

impl Model for Demo {
    fn start(request: chela_sdk::model::Request) -> Result<impl EventStream> {
        known(&request.model)?;
        text::answer(&request)
    }

    fn list_models() -> Result<Vec<ModelInfo>> {
        Ok(vec![ModelInfo {
            name: Some("Demo 1 (not a real model)".to_owned()),
            input: Some(vec![MediaKind::Image]),
            ..ModelInfo::new(MODEL)
        }])
    }
}

impl Image for Demo {
    fn generate(request: chela_sdk::image::GenerateRequest) -> Result<chela_sdk::image::Response> {
        known(&request.model)?;
        picture::generate(&request)
    }

    fn edit(request: chela_sdk::image::EditRequest) -> Result<chela_sdk::image::Response> {
        known(&request.model)?;
        picture::edit(&request)
    }
}

impl Embedding for Demo {
    fn embed(request: chela_sdk::embedding::Request) -> Result<chela_sdk::embedding::Response> {
        known(&request.model)?;
        embedding::embed(&request)
    }
}

impl Speech for Demo {
    fn synthesize(request: chela_sdk::speech::Request) -> Result<chela_sdk::speech::Response> {
        known(&request.model)?;
        sound::speak(&request)
    }
}

chela_sdk::register!(Demo: model, image, speech, embedding);

/// The names of the options that were set: each with whether it was.
fn those_set(options: &[(bool, &str)]) -> Vec<String> {
    let mut names = Vec::new();
    for (set, name) in options {
        if *set {
            names.push((*name).to_owned());
        }
    }
    names
}

fn known(model: &str) -> Result<()> {
    if model == MODEL {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::NotFound,
        format!("the demo has one model, {MODEL}"),
    ))
}
