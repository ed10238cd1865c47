//! Messages.
//!
//! Follows <https://docs.claude.com/en/api/messages>.

mod answer;
mod request;

use chela_dialect::reply::accept;
use chela_dialect::stream::Stream;
use chela_sdk::http::Blobs;
use chela_sdk::model::Request;
use chela_sdk::{Result, context};

use crate::settings::Settings;
use crate::{endpoint, versioned};
use answer::Answer;

/// Asks, and waits for the first event.
pub(crate) fn start(request: &Request) -> Result<Stream<Answer>> {
    let replaced = context::endpoint_replaced("api");
    let settings = Settings::of_provider(&request.model, replaced);
    let mut blobs = Blobs::new();
    let asked = request::ask(request, &settings, &mut blobs)?;
    let response = versioned(endpoint().post("/v1/messages"))
        .json_with_blobs(&asked.body, &blobs)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = Answer::new(envelope.clone(), asked.schema_as_tool);
    Stream::begin(response, &envelope, answer, true, asked.ignored)
}

#[cfg(test)]
mod tests;
