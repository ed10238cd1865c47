//! In which of its two dialects a provider asks its models.
//!
//! The host tells the dialect as the setting `api`: what the operator named, or, where the operator put another server in the
//! provider's place and named none, chat completions, which is what such servers know; else the manifest's own.

use chela_dialect::levels;
use chela_openai_dialect::chat;
use chela_sdk::Result;
use chela_sdk::model::{Event, EventStream, Request};
use serde_json::Value;

use crate::responses;

/// The word for responses, as the operator writes it too.
const RESPONSES: &str = "openai-responses";

/// Asks in the provider's dialect, and waits for the first event.
pub(crate) fn start(request: &Request) -> Result<impl EventStream + use<>> {
    Ok(if takes_responses(&request.model) {
        Answered::Responses(responses::start(request)?)
    } else {
        Answered::Chat(chat::start(request)?)
    })
}

/// Whether this model is asked for responses. Some models of a provider that speaks them know only chat completions; the setting
/// `chatOnly` has the starts of their ids.
fn takes_responses(model: &str) -> bool {
    let chat_only = levels::setting("chatOnly");
    let starts = chat_only.as_array().into_iter().flatten();
    levels::setting("api") == RESPONSES
        && !starts
            .filter_map(Value::as_str)
            .any(|start| model.starts_with(start))
}

/// An answer in either dialect.
enum Answered<C, R> {
    Chat(C),
    Responses(R),
}

impl<C: EventStream, R: EventStream> EventStream for Answered<C, R> {
    fn next(&mut self) -> Result<Option<Event>> {
        match self {
            Self::Chat(answer) => answer.next(),
            Self::Responses(answer) => answer.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::testing::{self, Reply};
    use serde_json::json;

    /// Where a request for that model went.
    fn path(model: &str) -> String {
        testing::reply(Reply::json(500, "{}"));
        let request = Request {
            model: model.into(),
            messages: vec![responses::tests::user("Hi")],
            ..Request::default()
        };
        assert!(start(&request).is_err());
        testing::sent().remove(0).path
    }

    #[test]
    fn openai_is_asked_for_responses_where_nobody_says_otherwise() {
        let manifest = include_str!("../providers/openai.toml");
        assert!(manifest.contains(&format!("\napis = [{RESPONSES:?}, ")));
    }

    #[test]
    fn chat_completions_are_the_dialect_of_who_says_nothing() {
        assert_eq!(path("gpt-5.5"), "/chat/completions");
        testing::set("api", "openai-completions");
        assert_eq!(path("gpt-5.5"), "/chat/completions");
    }

    #[test]
    fn responses_are_asked_for_but_of_models_that_only_chat() {
        testing::set("api", "openai-responses");
        testing::set("chatOnly", json!(["gpt-audio"]));
        assert_eq!(path("gpt-5.5"), "/responses");
        assert_eq!(path("gpt-audio-mini"), "/chat/completions");
    }
}
