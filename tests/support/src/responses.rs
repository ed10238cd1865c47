//! Answers in the shapes of OpenAI's responses, odd ones included.
//!
//! The shapes follow <https://platform.openai.com/docs/api-reference/responses>; the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::{answered, words};

/// A response, to be given whole or streamed.
#[derive(Clone, Debug)]
pub struct Response {
    text: String,
    reasoning: Option<String>,
    incomplete: Option<String>,
}

impl Response {
    /// One that says `text` and ends by itself.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            reasoning: None,
            incomplete: None,
        }
    }

    /// With a summary of its reasoning, and the reasoning encrypted.
    #[must_use]
    pub fn reasoning(mut self, summary: impl Into<String>) -> Self {
        self.reasoning = Some(summary.into());
        self
    }

    /// Ended early, for this reason: `max_output_tokens`, `content_filter`.
    #[must_use]
    pub fn incomplete(mut self, reason: impl Into<String>) -> Self {
        self.incomplete = Some(reason.into());
        self
    }

    /// All at once: `stream` was not asked for, or the server does not care.
    #[must_use]
    pub fn whole(&self) -> Answer {
        answered().json_body(&self.ended())
    }

    /// As events: the response without anything, its items with their parts and a delta for each word, all of it once more as whole
    /// parts and items, and the response with everything.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let begun = self.object("in_progress", &json!([]), &Value::Null);
        let mut events = vec![
            json!({"type": "response.created", "response": begun}),
            json!({"type": "response.in_progress", "response": begun}),
        ];
        let items = self.items();
        for (place, item) in items.iter().enumerate() {
            let mut bare = item.clone();
            for name in ["content", "summary"] {
                if item[name].is_array() {
                    bare[name] = json!([]);
                }
            }
            bare["status"] = json!("in_progress");
            events.push(
                json!({"type": "response.output_item.added", "output_index": place, "item": bare}),
            );
            if item["type"] == "reasoning" {
                events.extend(self.summary(place));
            } else {
                events.extend(self.message(place));
            }
            events.push(
                json!({"type": "response.output_item.done", "output_index": place, "item": item}),
            );
        }
        let end = if self.incomplete.is_some() {
            "response.incomplete"
        } else {
            "response.completed"
        };
        events.push(json!({"type": end, "response": self.ended()}));
        numbered(events)
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

    /// Streamed, and an error of that code in place of the last event.
    #[must_use]
    pub fn stream_failed(&self, code: &str, message: &str) -> Answer {
        let mut failed = self.object("failed", &json!([]), &Value::Null);
        failed["error"] = json!({"code": code, "message": message});
        let mut events = self.events();
        events.pop();
        let number = events.len();
        let event =
            json!({"type": "response.failed", "response": failed, "sequence_number": number});
        events.push(format!("event: response.failed\ndata: {event}\n\n"));
        head_of_stream().chunks(events)
    }

    fn summary(&self, place: usize) -> Vec<Value> {
        let text = self.reasoning.as_deref().unwrap_or_default();
        let about = |kind: &str, more: Value| {
            let mut event = json!({"type": kind, "item_id": "rs_0001", "output_index": place, "summary_index": 0});
            merge(&mut event, more);
            event
        };
        let part = |text: &str| json!({"part": {"type": "summary_text", "text": text}});
        let mut events = vec![about("response.reasoning_summary_part.added", part(""))];
        for word in words(text) {
            let delta = json!({"delta": word, "obfuscation": "qZ3"});
            events.push(about("response.reasoning_summary_text.delta", delta));
        }
        events.push(about(
            "response.reasoning_summary_text.done",
            json!({"text": text}),
        ));
        events.push(about("response.reasoning_summary_part.done", part(text)));
        events
    }

    fn message(&self, place: usize) -> Vec<Value> {
        let about = |kind: &str, more: Value| {
            let mut event = json!({"type": kind, "item_id": "msg_0001", "output_index": place, "content_index": 0});
            merge(&mut event, more);
            event
        };
        let mut events = vec![about(
            "response.content_part.added",
            json!({"part": output_text("")}),
        )];
        for word in words(&self.text) {
            let delta = json!({"delta": word, "logprobs": [], "obfuscation": "mZhSFjZXJr0X"});
            events.push(about("response.output_text.delta", delta));
        }
        events.push(about(
            "response.output_text.done",
            json!({"text": self.text, "logprobs": []}),
        ));
        events.push(about(
            "response.content_part.done",
            json!({"part": output_text(&self.text)}),
        ));
        events
    }

    fn items(&self) -> Vec<Value> {
        let status = if self.incomplete.is_some() {
            "incomplete"
        } else {
            "completed"
        };
        let mut items = Vec::new();
        if let Some(summary) = &self.reasoning {
            items.push(json!({
                "id": "rs_0001",
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": summary}],
                "encrypted_content": "gAAAAAfirstlight",
            }));
        }
        if !self.text.is_empty() {
            items.push(json!({
                "id": "msg_0001",
                "type": "message",
                "status": status,
                "content": [output_text(&self.text)],
                "phase": "final_answer",
                "role": "assistant",
            }));
        }
        items
    }

    fn ended(&self) -> Value {
        let status = if self.incomplete.is_some() {
            "incomplete"
        } else {
            "completed"
        };
        let mut response = self.object(status, &json!(self.items()), &self.usage());
        if let Some(reason) = &self.incomplete {
            response["incomplete_details"] = json!({"reason": reason});
        }
        response
    }

    /// 11 tokens in, 4 of them cached; a token out for each word.
    fn usage(&self) -> Value {
        let reasoning = words(self.reasoning.as_deref().unwrap_or_default()).len();
        let output = words(&self.text).len() + reasoning;
        json!({
            "input_tokens": 11,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": 11 + output,
        })
    }

    fn object(&self, status: &str, output: &Value, usage: &Value) -> Value {
        let mut response = json!({
            "id": "resp_firstlight0001",
            "object": "response",
            "created_at": 1_795_000_000,
            "status": status,
            "background": false,
            "error": null,
            "incomplete_details": null,
            "instructions": null,
            "max_output_tokens": null,
            "model": "gpt-5.4-2026-03-05",
            "output": output,
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "reasoning": {"effort": "none", "summary": null},
            "service_tier": "default",
            "store": false,
            "temperature": 1.0,
            "text": {"format": {"type": "text"}, "verbosity": "medium"},
            "tool_choice": "auto",
            "tools": [],
            "top_p": 0.98,
            "truncation": "disabled",
            "metadata": {},
        });
        if !usage.is_null() {
            response["usage"] = usage.clone();
        }
        response
    }
}

fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

fn merge(event: &mut Value, more: Value) {
    if let (Value::Object(event), Value::Object(more)) = (event, more) {
        event.extend(more);
    }
}

/// Events as they go over the wire, in their order.
fn numbered(events: Vec<Value>) -> Vec<String> {
    let named = |(number, mut event): (usize, Value)| {
        event["sequence_number"] = json!(number);
        let kind = event["type"].as_str().unwrap_or_default();
        format!("event: {kind}\ndata: {event}\n\n")
    };
    events.into_iter().enumerate().map(named).collect()
}

/// The status and header of a stream, with no event yet.
fn head_of_stream() -> Answer {
    answered()
        .header("Content-Type", "text/event-stream; charset=utf-8")
        .chunks(Vec::<Vec<u8>>::new())
}
