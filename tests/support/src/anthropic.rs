//! Answers in the shapes of Anthropic's Messages API.
//!
//! The shapes follow <https://docs.claude.com/en/api/messages> and <https://docs.claude.com/en/docs/build-with-claude/streaming>;
//! the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::words;

/// The request id every answer carries in its `request-id` field.
pub const REQUEST_ID: &str = "req_011CQfirstlight";

/// A message, to be given whole or streamed.
#[derive(Clone, Debug)]
pub struct Message {
    text: String,
    thinking: Option<String>,
    stop: String,
    tool: Option<String>,
}

impl Message {
    /// One that says `text` and ends by itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            thinking: None,
            stop: "end_turn".to_owned(),
            tool: None,
        }
    }

    /// With thinking before the text, and its signature.
    #[must_use]
    pub fn thinking(mut self, thinking: impl Into<String>) -> Self {
        self.thinking = Some(thinking.into());
        self
    }

    /// With another reason to stop: `max_tokens`, `refusal`.
    #[must_use]
    pub fn stop(mut self, reason: impl Into<String>) -> Self {
        self.stop = reason.into();
        self
    }

    /// The text as the arguments of a call of that tool.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>) -> Self {
        self.tool = Some(name.into());
        self.stop("tool_use")
    }

    /// All at once.
    #[must_use]
    pub fn whole(&self) -> Answer {
        let mut content = Vec::new();
        if let Some(thinking) = &self.thinking {
            content
                .push(json!({"type": "thinking", "thinking": thinking, "signature": "c2lnbmVk"}));
        }
        match &self.tool {
            Some(name) => {
                let input: Value = serde_json::from_str(&self.text).expect("arguments are JSON");
                content.push(json!({"type": "tool_use", "id": "toolu_01firstlight", "name": name, "input": input}));
            }
            None if self.text.is_empty() => {}
            None => content.push(json!({"type": "text", "text": self.text})),
        }
        let mut message = self.message();
        message["content"] = content.into();
        message["stop_reason"] = json!(self.stop);
        message["usage"]["output_tokens"] = json!(self.output_tokens());
        answered().json_body(&message)
    }

    /// As events, with the blanks that the API pads its data with, and a ping.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let mut events = vec![event(
            "message_start",
            &json!({"type": "message_start", "message": self.message()}),
        )];
        let mut number = 0;
        let mut block = |start: &Value, deltas: Vec<Value>| {
            let mut events = vec![event(
                "content_block_start",
                &json!({"type": "content_block_start", "index": number, "content_block": start}),
            )];
            if number == 0 {
                events.push("event: ping\ndata: {\"type\": \"ping\"}\n\n".to_owned());
            }
            events.extend(deltas.iter().map(|delta| {
                let data = json!({"type": "content_block_delta", "index": number, "delta": delta});
                event("content_block_delta", &data)
            }));
            events.push(event(
                "content_block_stop",
                &json!({"type": "content_block_stop", "index": number}),
            ));
            number += 1;
            events
        };
        if let Some(thinking) = &self.thinking {
            let mut deltas: Vec<Value> = words(thinking)
                .iter()
                .map(|word| json!({"type": "thinking_delta", "thinking": word}))
                .collect();
            deltas.push(json!({"type": "signature_delta", "signature": "c2lnbmVk"}));
            let start = json!({"type": "thinking", "thinking": "", "signature": ""});
            events.extend(block(&start, deltas));
        }
        if !self.text.is_empty() {
            let deltas = words(&self.text)
                .iter()
                .map(|word| json!({"type": "text_delta", "text": word}))
                .collect();
            events.extend(block(&json!({"type": "text", "text": ""}), deltas));
        }
        let usage = json!({
            "input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4,
            "output_tokens": self.output_tokens(),
        });
        events.push(event(
            "message_delta",
            &json!({"type": "message_delta", "delta": {"stop_reason": self.stop, "stop_sequence": null}, "usage": usage}),
        ));
        events.push(event("message_stop", &json!({"type": "message_stop"})));
        events
    }

    /// Streamed, a chunk for each event.
    #[must_use]
    pub fn stream(&self) -> Answer {
        head_of_stream().chunks(self.events())
    }

    /// Streamed, and the server leaves after so many events.
    #[must_use]
    pub fn stream_cut_after(&self, events: usize) -> Answer {
        head_of_stream()
            .chunks(self.events().into_iter().take(events))
            .cut_short()
    }

    /// Streamed, with an error of that type in the place of what follows so many events.
    #[must_use]
    pub fn stream_error_after(&self, events: usize, kind: &str, message: &str) -> Answer {
        let error = event(
            "error",
            &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}),
        );
        let said = self.events().into_iter().take(events);
        head_of_stream().chunks(said.chain([error]))
    }

    fn message(&self) -> Value {
        json!({
            "model": "claude-sonnet-4-6",
            "id": "msg_01firstlight",
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": {
                "input_tokens": 7,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 4,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 1,
                "service_tier": "standard",
                "inference_geo": "not_available",
            },
        })
    }

    /// A token out for each word.
    fn output_tokens(&self) -> usize {
        words(&self.text).len() + words(self.thinking.as_deref().unwrap_or_default()).len()
    }
}

/// An error with the body that the API gives it.
#[must_use]
pub fn error(status: u16, kind: &str, message: &str) -> Answer {
    answered().status(status).json_body(
        &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}),
    )
}

fn event(name: &str, data: &Value) -> String {
    let data = data.to_string();
    let blanks = " ".repeat(data.len() % 13);
    // The blanks stand before the last brace's line end, as the API has them.
    format!("event: {name}\ndata: {data}{blanks}\n\n")
}

fn head_of_stream() -> Answer {
    answered()
        .header("Content-Type", "text/event-stream; charset=utf-8")
        .header("Cache-Control", "no-cache")
        .chunks(Vec::<Vec<u8>>::new())
}

/// 200 with the header fields that every answer of the API carries.
fn answered() -> Answer {
    Answer::new(200)
        .header("request-id", REQUEST_ID)
        .header("anthropic-organization-id", "a-1")
}
