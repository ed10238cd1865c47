//! Chat completions.
//!
//! Follows <https://platform.openai.com/docs/api-reference/chat>.

mod answer;
mod calls;
mod request;

use chela_dialect::stream::Stream;
use chela_sdk::http::{self, Blobs};
use chela_sdk::model::{EventStream, Request};
use chela_sdk::{Result, context};

use crate::reply::accept;
use crate::settings::Settings;
use answer::Answer;

/// Asks, and waits for the first event.
///
/// # Errors
///
/// What the API has no room for, and a refusal before the first event.
pub fn start(request: &Request) -> Result<impl EventStream + use<>> {
    let settings = Settings::of_provider();
    let mut blobs = Blobs::new();
    let replaced = context::endpoint_replaced("api");
    let body = request::body(request, &settings, replaced, &mut blobs)?;
    let ignored = request::ignored(request, &settings, replaced);
    let response = http::endpoint("api")
        .post("/chat/completions")
        .json_with_blobs(&body, &blobs)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = Answer::new(envelope.clone());
    Stream::<Answer>::begin(response, &envelope, answer, true, ignored)
}

#[cfg(test)]
mod tests;
