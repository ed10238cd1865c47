//! Text, with media as input.
//!
//! Follows <https://ai.google.dev/api/generate-content>.

mod answer;
mod request;

use chela_dialect::levels;
use chela_dialect::stream::Stream;
use chela_sdk::http;
use chela_sdk::model::Request;
use chela_sdk::{Result, context};

use crate::content::Inputs;
use crate::failure::accept;
use crate::method;
use answer::Answer;

/// Asks, and waits for the first event.
pub(crate) fn start(request: &Request) -> Result<Stream<Answer>> {
    let told = levels::may_be_told(context::endpoint_replaced("api"));
    let families = levels::setting("families");
    let family = levels::family(&families, &request.model);
    let mut inputs = Inputs::new();
    let asked = request::ask(request, family.get("levels").filter(|_| told), &mut inputs)?;
    let sent = if request.incremental {
        http::endpoint("api")
            .post(method(&request.model, "streamGenerateContent"))
            .query("alt", "sse")
    } else {
        http::endpoint("api").post(method(&request.model, "generateContent"))
    };
    let response = sent
        .json_with_blobs(&asked.body, inputs.blobs())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = Answer::new(envelope.clone());
    Stream::begin(response, &envelope, answer, true, asked.ignored)
}

#[cfg(test)]
mod tests;
