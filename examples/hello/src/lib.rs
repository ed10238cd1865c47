//! A provider in forty lines: a server that takes `{"model", "prompt"}` at `/reply` and answers `{"reply"}`.
#![forbid(unsafe_code)]

use chela_sdk::model::{Content, Event, Events, FinishReason, Request};
use chela_sdk::{EventStream, Failure, Model, Result, http};
use serde::{Deserialize, Serialize};

/// What the server takes.
#[derive(Serialize)]
struct Ask<'a> {
    model: &'a str,
    prompt: &'a str,
}

/// What the server answers.
#[derive(Deserialize)]
struct Answer {
    reply: String,
}

struct Hello;

impl Model for Hello {
    fn start(request: Request) -> Result<impl EventStream> {
        // The host promises a conversation that is not empty; this server takes the last thing said, and text alone.
        let last = request
            .messages
            .last()
            .map(|message| message.content.as_slice());
        let Some([Content::Text(prompt)]) = last else {
            return Err(Failure::unsupported("hello takes one piece of text"));
        };
        // No host, no key, no retry: the manifest names the endpoint, the host does the rest. An answer of 401 or 500, a web
        // page or JSON of another shape ends here as the right failure.
        let ask = Ask {
            model: &request.model,
            prompt,
        };
        let answer: Answer = http::endpoint("api")
            .post("/reply")
            .json(&ask)
            .send()?
            .json()?;
        if answer.reply.is_empty() {
            return Err(Failure::empty_output("the server had nothing to say"));
        }
        Ok(Events::new([
            Event::Text(answer.reply),
            Event::Finish(FinishReason::Stop),
        ]))
    }
}

chela_sdk::register!(Hello: model);

#[cfg(test)]
mod tests;
