//! What an answer says, event by event or whole, as the contract's events.
//!
//! Follows <https://docs.claude.com/en/docs/build-with-claude/streaming> and <https://docs.claude.com/en/api/messages>.

use std::collections::VecDeque;

use chela_dialect::failure::{Envelope, error_in};
use chela_dialect::loose::{self, count_field, text_field};
use chela_dialect::{sentence, stream};
use chela_sdk::Result;
use chela_sdk::model::{Answerer, Citation, Event, FinishReason, Reasoning, ToolCall};
use serde_json::Value;

use super::request::{REDACTED, SCHEMA_TOOL, SIGNATURE};
use crate::usage::Counts;

/// An answer being read.
#[derive(Debug)]
pub(crate) struct Answer {
    envelope: Envelope,
    /// Whether the arguments of a tool are the answer.
    schema_as_tool: bool,
    events: VecDeque<Event>,
    introduced: bool,
    /// The blocks that are open, by number.
    open: Vec<(u64, Block)>,
    counts: Counts,
    called: bool,
    finish: Option<FinishReason>,
}

/// A piece of content on its way.
#[derive(Debug)]
enum Block {
    /// Of the answer, or nothing that the contract knows.
    Said,
    /// The arguments of the tool that stands for a schema.
    Schema,
    /// Thinking; its signature so far.
    Thinking(String),
    /// A call; its arguments so far.
    Call(ToolCall),
}

impl Answer {
    /// An answer of which only the headers are known.
    pub(super) fn new(envelope: Envelope, schema_as_tool: bool) -> Self {
        Self {
            envelope,
            schema_as_tool,
            events: VecDeque::new(),
            introduced: false,
            open: Vec::new(),
            counts: Counts::default(),
            called: false,
            finish: None,
        }
    }

    fn introduce(&mut self, message: &Value) {
        if std::mem::replace(&mut self.introduced, true) {
            return;
        }
        let request_id = self.envelope.request_id.clone();
        self.events.push_back(Event::Answerer(Answerer {
            model: text_field(message, "model"),
            request_id: request_id.or_else(|| text_field(message, "id")),
        }));
    }

    /// Takes the beginning of a block, which holds all of it in a whole answer.
    fn begin(&mut self, number: u64, block: &Value) {
        let kind = block.get("type").and_then(Value::as_str);
        let open = match kind {
            Some("text") => {
                self.say(text_field(block, "text"));
                for citation in block
                    .get("citations")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                {
                    self.cite(citation);
                }
                Block::Said
            }
            Some("thinking") => {
                self.think(text_field(block, "thinking"));
                Block::Thinking(text_field(block, "signature").unwrap_or_default())
            }
            Some("redacted_thinking") => {
                if let Some(data) = text_field(block, "data") {
                    self.give_back(&[REDACTED, &data]);
                }
                Block::Said
            }
            Some("tool_use") => {
                let name = text_field(block, "name").unwrap_or_default();
                // Where a stream goes on with the arguments, this is an empty object.
                let input = block
                    .get("input")
                    .filter(|input| input.as_object().is_some_and(|fields| !fields.is_empty()))
                    .map(loose::write)
                    .unwrap_or_default();
                if self.schema_as_tool && name == SCHEMA_TOOL {
                    self.say(Some(input).filter(|input| !input.is_empty()));
                    Block::Schema
                } else {
                    let id = text_field(block, "id").unwrap_or_default();
                    Block::Call(ToolCall::new(id, name, input))
                }
            }
            _ => Block::Said,
        };
        self.end(number);
        self.open.push((number, open));
    }

    /// Takes more of a block.
    fn more(&mut self, number: u64, delta: &Value) {
        let block = self
            .open
            .iter_mut()
            .find(|(open, _)| *open == number)
            .map(|(_, block)| block);
        match (delta.get("type").and_then(Value::as_str), block) {
            (Some("text_delta"), _) => self.say(text_field(delta, "text")),
            (Some("thinking_delta"), _) => self.think(text_field(delta, "thinking")),
            (Some("signature_delta"), Some(Block::Thinking(signature))) => {
                signature.push_str(&text_field(delta, "signature").unwrap_or_default());
            }
            (Some("input_json_delta"), Some(Block::Call(call))) => {
                call.arguments
                    .push_str(&text_field(delta, "partial_json").unwrap_or_default());
            }
            (Some("input_json_delta"), Some(Block::Schema)) => {
                self.say(text_field(delta, "partial_json"));
            }
            (Some("citations_delta"), _) => {
                if let Some(citation) = delta.get("citation") {
                    self.cite(citation);
                }
            }
            _ => {}
        }
    }

    /// Takes the end of a block.
    fn end(&mut self, number: u64) {
        let Some(place) = self.open.iter().position(|(open, _)| *open == number) else {
            return;
        };
        match self.open.remove(place).1 {
            Block::Thinking(signature) if !signature.is_empty() => {
                self.give_back(&[SIGNATURE, &signature]);
            }
            Block::Call(mut call) => {
                if call.arguments.trim().is_empty() {
                    call.arguments = "{}".into();
                }
                self.called = true;
                self.events.push_back(Event::ToolCall(call));
            }
            Block::Said | Block::Schema | Block::Thinking(_) => {}
        }
    }

    fn say(&mut self, text: Option<String>) {
        self.events.extend(text.map(Event::Text));
    }

    fn think(&mut self, text: Option<String>) {
        self.events.extend(text.map(Event::reasoning));
    }

    fn give_back(&mut self, opaque: &[&str]) {
        self.events.push_back(Event::Reasoning(Reasoning {
            text: String::new(),
            opaque: Some(opaque.concat()),
        }));
    }

    fn cite(&mut self, citation: &Value) {
        self.events.push_back(Event::Citation(Citation {
            url: text_field(citation, "url"),
            title: text_field(citation, "title").or_else(|| text_field(citation, "document_title")),
            quote: text_field(citation, "cited_text"),
            ..Citation::default()
        }));
    }

    /// Takes what both a whole answer and the last piece of a stream say: why it ended and what it took.
    fn conclude(&mut self, said: &Value, usage: Option<&Value>) {
        if let Some(usage) = usage {
            self.counts.add(usage);
        }
        let Some(word) = text_field(said, "stop_reason") else {
            return;
        };
        if self.finish.is_some() {
            return;
        }
        let reason = self.finish_reason(&word);
        self.finish(reason);
    }

    /// Tells that generation ended, after what is still open, which the limit on tokens cut.
    fn finish(&mut self, reason: FinishReason) {
        while let Some((number, _)) = self.open.first() {
            self.end(*number);
        }
        self.events.extend(self.counts.usage().map(Event::Usage));
        self.events.push_back(Event::Finish(reason.clone()));
        self.finish = Some(reason);
    }

    fn finish_reason(&self, word: &str) -> FinishReason {
        match word {
            "end_turn" | "stop_sequence" => FinishReason::Stop,
            "tool_use" if self.schema_as_tool && !self.called => FinishReason::Stop,
            "tool_use" => FinishReason::ToolCalls,
            "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
            "refusal" => FinishReason::ContentFilter,
            other => FinishReason::Other(sentence::word(other)),
        }
    }
}

impl stream::Answer for Answer {
    fn events(&mut self) -> &mut VecDeque<Event> {
        &mut self.events
    }

    fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn event(&mut self, name: &str, data: &str) -> Result<bool> {
        let data = data.trim();
        if name == "error" {
            return Err(self.envelope.refusal(data));
        }
        if data.is_empty() {
            return Ok(false);
        }
        let Some(event) = loose::read(data.as_bytes()) else {
            return Err(self
                .envelope
                .bad("the stream holds an event that is not JSON"));
        };
        if error_in(&event).is_some() {
            return Err(self.envelope.json_failure(&event));
        }
        let number = count_field(&event, "index").unwrap_or(0);
        // The name of an event stands in its data too, and there it cannot be left out.
        match event.get("type").and_then(Value::as_str) {
            Some("message_start") => {
                let message = event.get("message").unwrap_or(&Value::Null);
                self.introduce(message);
                if let Some(usage) = message.get("usage") {
                    self.counts.add(usage);
                }
            }
            Some("content_block_start") if self.finish.is_none() => {
                if let Some(block) = event.get("content_block") {
                    self.begin(number, block);
                }
            }
            Some("content_block_delta") if self.finish.is_none() => {
                if let Some(delta) = event.get("delta") {
                    self.more(number, delta);
                }
            }
            Some("content_block_stop") if self.finish.is_none() => self.end(number),
            Some("message_delta") => {
                let delta = event.get("delta").unwrap_or(&Value::Null);
                self.conclude(delta, event.get("usage"));
            }
            Some("message_stop") => return Ok(true),
            // `ping`, what follows the end, and what is still to be invented.
            _ => {}
        }
        Ok(false)
    }

    fn whole(&mut self, body: &[u8]) -> Result<()> {
        let message = self.envelope.read_json(body)?;
        let Some(blocks) = message.get("content").and_then(Value::as_array) else {
            return Err(self.envelope.bad("the answer holds no content"));
        };
        self.introduce(&message);
        for (number, block) in (0..).zip(blocks) {
            self.begin(number, block);
            self.end(number);
        }
        self.conclude(&message, message.get("usage"));
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        // Servers that only resemble this API leave the reason out.
        if self.finish.is_none() {
            self.finish(if self.called {
                FinishReason::ToolCalls
            } else {
                FinishReason::Stop
            });
        }
        Ok(())
    }

    fn cut(&mut self) -> Result<()> {
        if self.is_finished() {
            return self.close();
        }
        self.events.extend(self.counts.usage().map(Event::Usage));
        Err(self
            .envelope
            .bad("the stream ended before the answer was complete"))
    }
}

#[cfg(test)]
mod tests;
