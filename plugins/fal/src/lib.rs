//! `fal`: pictures and films by the models that fal hosts.
//!
//! Follows <https://fal.ai/docs/api-reference/inference-api>. Pictures are asked for and come back in one request, films are jobs of a
//! queue. Each model has fields of its own; what they are is data of the manifest.
#![forbid(unsafe_code)]

mod failure;
mod films;
mod model;
mod pictures;

use chela_sdk::{Image, Result, Video, image, video};

struct Fal;

impl Image for Fal {
    fn generate(request: image::GenerateRequest) -> Result<image::Response> {
        pictures::generate(&request)
    }

    fn edit(request: image::EditRequest) -> Result<image::Response> {
        pictures::edit(&request)
    }
}

impl Video for Fal {
    fn submit(request: video::Request) -> Result<video::Job> {
        films::submit(&request)
    }

    fn poll(token: String) -> Result<video::State> {
        films::poll(&token)
    }

    fn cancel(token: String) -> Result<()> {
        films::cancel(&token)
    }
}

chela_sdk::register!(Fal: image, video);

#[cfg(test)]
mod tests;
