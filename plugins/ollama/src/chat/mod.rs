//! Chat.
//!
//! Follows <https://docs.ollama.com/api/chat>.

mod answer;
mod request;

use chela_dialect::levels;
use chela_dialect::stream::{Lines, Stream};
use chela_sdk::Result;
use chela_sdk::http::{self, Blobs};
use chela_sdk::model::Request;

use crate::failure::accept;
use answer::Answer;

/// Asks, and waits for the first event.
pub(crate) fn start(request: &Request) -> Result<Stream<Answer, Lines>> {
    let mut blobs = Blobs::new();
    let asked = request::ask(request, &levels::setting("think"), &mut blobs)?;
    let response = http::endpoint("api")
        .post("/api/chat")
        .json_with_blobs(&asked.body, &blobs)
        .send_any()?;
    let (response, envelope) = accept(response, &request.model)?;
    let answer = Answer::new(envelope.clone(), &request.model);
    Stream::begin(
        response,
        &envelope,
        answer,
        request.incremental,
        asked.ignored,
    )
}

#[cfg(test)]
mod tests;
