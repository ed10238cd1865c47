//! What a chat answer says, chunk by chunk or whole, as the contract's events.
//!
//! Follows <https://platform.openai.com/docs/api-reference/chat/object> and
//! <https://platform.openai.com/docs/api-reference/chat/streaming>; for reasoning also
//! <https://console.groq.com/docs/reasoning> (`reasoning`), <https://api-docs.deepseek.com/guides/reasoning_model>
//! (`reasoning_content`) and <https://docs.mistral.ai/capabilities/reasoning/> (`thinking` parts).

use std::collections::VecDeque;

use chela_dialect::stream::{self, Answer as _};
use chela_sdk::model::{Answerer, Citation, Event, FinishReason};
use chela_sdk::{FailureKind, Result, Usage};
use serde_json::Value;

use super::calls::Calls;
use crate::failure::{Envelope, error_in};
use crate::loose::{self, count_field, text, text_field};
use crate::{extra, sentence, usage};

/// An answer being read.
#[derive(Debug)]
pub(crate) struct Answer {
    envelope: Envelope,
    events: VecDeque<Event>,
    introduced: bool,
    calls: Calls,
    refusal: String,
    finish: Option<FinishReason>,
    /// Whether it was told.
    ended: bool,
    /// The latest count. Some servers send one with each chunk, and only the last one is of use.
    usage: Option<Usage>,
}

impl Answer {
    /// An answer of which only the headers are known.
    pub(crate) fn new(envelope: Envelope) -> Self {
        Self {
            envelope,
            events: VecDeque::new(),
            introduced: false,
            calls: Calls::default(),
            refusal: String::new(),
            finish: None,
            ended: false,
            usage: None,
        }
    }

    /// Tells that generation ended, as soon as the server says so: what is still to come is at most the usage, and a server may
    /// keep one waiting for it. Servers that say so with every chunk take it back with the next one.
    fn end(&mut self) {
        if std::mem::replace(&mut self.ended, true) && self.calls.is_empty() {
            return;
        }
        let finish = self.finish.clone().unwrap_or(if self.calls.is_empty() {
            FinishReason::Stop
        } else {
            FinishReason::ToolCalls
        });
        self.events.extend(self.calls.take().map(Event::ToolCall));
        self.events.push_back(Event::Finish(finish));
    }

    fn chunk(&mut self, chunk: &Value) -> Result<()> {
        if error_in(chunk).is_some() {
            return Err(self.envelope.json_failure(chunk));
        }
        if !chunk.is_object() {
            return Err(self.envelope.bad("the answer is not a JSON object"));
        }
        self.introduce(chunk);
        for choice in chunk
            .get("choices")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            // With `n` above 1 further answers are woven in; the contract has room for one.
            if count_field(choice, "index").unwrap_or(0) == 0 {
                self.choice(choice)?;
            }
        }
        let counts = chunk
            .get("usage")
            .and_then(usage::parse)
            .or_else(|| usage::parse(chunk.pointer("/x_groq/usage")?));
        self.usage = counts.or(self.usage.take());
        // What the model refused is a failure, and told when all of it is there.
        if self.is_finished() && self.refusal.trim().is_empty() {
            self.end();
        }
        Ok(())
    }

    fn introduce(&mut self, chunk: &Value) {
        let model = text_field(chunk, "model");
        // A first chunk without choices may not know the model yet; one with choices never will.
        let late = chunk.pointer("/choices/0").is_some();
        if self.introduced || (model.is_none() && !late) {
            return;
        }
        self.introduced = true;
        let request_id = self
            .envelope
            .request_id
            .clone()
            .or_else(|| text(chunk.pointer("/x_groq/id")?))
            .or_else(|| text_field(chunk, "id"));
        self.envelope.request_id.clone_from(&request_id);
        self.events
            .push_back(Event::Answerer(Answerer { model, request_id }));
    }

    fn choice(&mut self, choice: &Value) -> Result<()> {
        if error_in(choice).is_some() {
            return Err(self.envelope.json_failure(choice));
        }
        let told = self.events.len();
        let said = ["delta", "message"]
            .iter()
            .find_map(|name| choice.get(name).filter(|said| said.is_object()));
        if let Some(said) = said {
            self.said(said);
        } else if let Some(text) = choice.get("text") {
            self.text(text);
        }
        // What comes behind the end shows that it was none.
        self.ended &= self.events.len() == told;
        // There only where the caller asked for them.
        let logprobs = extra::named(choice, &["logprobs"]);
        self.events.extend(logprobs.into_iter().map(Event::Extra));
        match text_field(choice, "finish_reason").as_deref() {
            None => {}
            Some("error") => {
                let message = "the provider ended the answer with an error";
                return Err(self.envelope.failure(FailureKind::Unavailable, message));
            }
            Some(word) => {
                let finish = finish_reason(word);
                let same = matches!(&self.finish, Some(before) if name(before) == name(&finish));
                self.ended &= same;
                self.finish = Some(finish);
            }
        }
        Ok(())
    }

    fn said(&mut self, said: &Value) {
        // Servers on their way from one name to the other send both, with the same text.
        let reasoning =
            text_field(said, "reasoning_content").or_else(|| text_field(said, "reasoning"));
        self.events.extend(reasoning.map(Event::reasoning));
        if let Some(content) = said.get("content") {
            self.text(content);
        }
        self.refusal
            .push_str(&said.get("refusal").and_then(text).unwrap_or_default());
        if let Some(calls) = said.get("tool_calls") {
            self.calls.add(calls);
        }
        if let Some(Value::Array(sources)) = said.get("annotations") {
            self.events.extend(sources.iter().filter_map(citation));
        }
    }

    /// Content: a string, a part, or a list of them.
    fn text(&mut self, content: &Value) {
        match content {
            Value::Array(parts) => parts.iter().for_each(|part| self.text(part)),
            Value::Object(_) => match content.get("type").and_then(Value::as_str) {
                Some("thinking" | "reasoning") => {
                    let thought = ["thinking", "reasoning", "text"]
                        .iter()
                        .find_map(|name| content.get(name));
                    let mut gathered = String::new();
                    thought.inspect(|thought| gather(thought, &mut gathered));
                    if !gathered.is_empty() {
                        self.events.push_back(Event::reasoning(gathered));
                    }
                }
                Some("refusal") => self
                    .refusal
                    .push_str(&content.get("refusal").and_then(text).unwrap_or_default()),
                _ => self
                    .events
                    .extend(text_field(content, "text").map(Event::Text)),
            },
            _ => {
                let more = text(content).filter(|more| !more.is_empty());
                self.events.extend(more.map(Event::Text));
            }
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
        if data == "[DONE]" {
            return Ok(true);
        }
        match loose::read(data.as_bytes()) {
            Some(chunk) => self.chunk(&chunk).map(|()| false),
            None => Err(self
                .envelope
                .bad("the stream holds a chunk that is not JSON")),
        }
    }

    fn whole(&mut self, body: &[u8]) -> Result<()> {
        let answer = self.envelope.read_json(body)?;
        self.chunk(&answer)?;
        match answer.get("choices") {
            Some(Value::Array(choices)) if choices.is_empty() => Err(self
                .envelope
                .failure(FailureKind::EmptyOutput, "the answer holds no choices")),
            Some(Value::Array(_)) => self.close(),
            _ => Err(self.envelope.bad("the answer holds no list of choices")),
        }
    }

    fn close(&mut self) -> Result<()> {
        let refusal = std::mem::take(&mut self.refusal);
        if !refusal.trim().is_empty() {
            self.events.extend(self.usage.take().map(Event::Usage));
            return Err(self.envelope.refused(&refusal));
        }
        self.end();
        self.events.extend(self.usage.take().map(Event::Usage));
        Ok(())
    }

    fn cut(&mut self) -> Result<()> {
        if self.is_finished() {
            return self.close();
        }
        self.events.extend(self.usage.take().map(Event::Usage));
        Err(self
            .envelope
            .bad("the stream ended before the answer was complete"))
    }
}

/// A page that the answer leans on, as models that search name it.
fn citation(annotation: &Value) -> Option<Event> {
    let source = annotation.get("url_citation")?;
    Some(Event::Citation(Citation {
        url: text_field(source, "url"),
        title: text_field(source, "title"),
        quote: text_field(source, "content"),
        start: count_field(source, "start_index"),
        end: count_field(source, "end_index"),
        extra: Vec::new(),
    }))
}

/// All text in a part or a list of parts.
fn gather(part: &Value, into: &mut String) {
    match part {
        Value::Array(parts) => parts.iter().for_each(|part| gather(part, into)),
        Value::Object(_) => into.push_str(&text_field(part, "text").unwrap_or_default()),
        _ => into.push_str(&text(part).unwrap_or_default()),
    }
}

/// What tells one reason from another.
fn name(reason: &FinishReason) -> &str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::Other(word) => word,
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "stop" | "STOP" | "eos" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "length" | "MAX_TOKENS" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "SAFETY" => FinishReason::ContentFilter,
        other => FinishReason::Other(sentence::word(other)),
    }
}

#[cfg(test)]
mod tests;
