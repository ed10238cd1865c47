//! Responses.
//!
//! Follows <https://platform.openai.com/docs/api-reference/responses>.

mod answer;
mod items;
mod output;
mod request;

use chela_dialect::reply::accept;
use chela_dialect::stream::Stream;
use chela_openai_dialect::settings::Settings;
use chela_sdk::http::{self, Blobs};
use chela_sdk::model::{EventStream, Request};
use chela_sdk::{Result, context};

use answer::Answer;

/// What stands before the reasoning that the provider encrypted, in what is given back.
const REASONING: &str = "reasoning:";

/// What stands before the phase of a message, in what is given back: models want to see again which of their messages were the answer.
const PHASE: &str = "phase:";

/// Asks, and waits for the first event.
pub(crate) fn start(request: &Request) -> Result<impl EventStream + use<>> {
    let settings = Settings::of_provider();
    let replaced = context::endpoint_replaced("api");
    let mut blobs = Blobs::new();
    let asked = request::ask(request, &settings, replaced, &mut blobs)?;
    let response = http::endpoint("api")
        .post("/responses")
        .json_with_blobs(&asked.body, &blobs)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = Answer::new(envelope.clone());
    Stream::<Answer>::begin(response, &envelope, answer, true, asked.ignored)
}

#[cfg(test)]
pub(crate) mod tests;
