//! What an answer says, event by event or whole, as the contract's events.
//!
//! Follows <https://platform.openai.com/docs/api-reference/responses-streaming> and
//! <https://platform.openai.com/docs/api-reference/responses/object>.

use std::collections::VecDeque;

use chela_dialect::failure::{Envelope, error_in};
use chela_dialect::loose::{self, count_field, text, text_field};
use chela_dialect::{extra, sentence, stream};
use chela_openai_dialect::usage;
use chela_sdk::model::{Answerer, Event, FinishReason};
use chela_sdk::{Failure, FailureKind, Result, Usage};
use serde_json::Value;

use super::output::Output;

/// An answer being read.
#[derive(Debug)]
pub(super) struct Answer {
    envelope: Envelope,
    introduced: bool,
    output: Output,
    finish: Option<FinishReason>,
    usage: Option<Usage>,
    /// What it comes to, told once.
    closed: bool,
}

impl Answer {
    /// An answer of which only the headers are known.
    pub(super) fn new(envelope: Envelope) -> Self {
        Self {
            envelope,
            introduced: false,
            output: Output::default(),
            finish: None,
            usage: None,
            closed: false,
        }
    }

    fn introduce(&mut self, response: &Value) {
        if std::mem::replace(&mut self.introduced, true) {
            return;
        }
        let id = text_field(response, "id");
        let request_id = self.envelope.request_id.take().or(id);
        self.envelope.request_id.clone_from(&request_id);
        let model = text_field(response, "model");
        self.output
            .events
            .push_back(Event::Answerer(Answerer { model, request_id }));
    }

    /// Takes one event of a stream. Gives back whether it was the last.
    fn take(&mut self, kind: &str, event: &Value) -> Result<bool> {
        let response = event.get("response").unwrap_or(&Value::Null);
        let place = count_field(event, "output_index").unwrap_or(0);
        let part = count_field(event, "content_index")
            .or_else(|| count_field(event, "summary_index"))
            .unwrap_or(0);
        let said = |name: &str| event.get(name).and_then(text).unwrap_or_default();
        let output = &mut self.output;
        match kind {
            "response.created" | "response.queued" | "response.in_progress" => {
                self.introduce(response);
            }
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => {
                self.introduce(response);
                self.conclude(kind.trim_start_matches("response."), response)?;
                return Ok(true);
            }
            // The event of that name, whose error stands in it and not in a field of its own.
            "error" => return Err(self.failed(event)),
            "response.output_item.added" => {
                output.begin(place, event.get("item").unwrap_or(&Value::Null));
            }
            "response.output_item.done" => {
                output.end(place, event.get("item").unwrap_or(&Value::Null));
            }
            "response.output_text.delta" => {
                output.say(place, part, &said("delta"));
                // There only where the caller asked for them.
                let probabilities = event.get("logprobs").and_then(Value::as_array);
                if probabilities.is_some_and(|list| !list.is_empty()) {
                    let probabilities = extra::named(event, &["logprobs"]);
                    self.output
                        .events
                        .extend(probabilities.into_iter().map(Event::Extra));
                }
            }
            "response.output_text.done" => output.say_unsaid(place, part, &said("text")),
            "response.output_text.annotation.added" => {
                if let Some(annotation) = event.get("annotation") {
                    output.cite(place, part, annotation);
                }
            }
            "response.refusal.delta" => output.refuse(place, &said("delta")),
            "response.refusal.done" => output.refuse_unsaid(place, &said("refusal")),
            "response.reasoning_summary_part.added" => output.begin_thought(place),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                output.think(place, &said("delta"));
            }
            "response.function_call_arguments.delta" => output.argue(place, &said("delta"), false),
            "response.function_call_arguments.done" => {
                output.argue(place, &said("arguments"), true);
            }
            // Tools of the provider's own at work, what stands whole in another event, and what is still to be invented.
            _ => {}
        }
        Ok(false)
    }

    /// Takes the response at its end: all of it in a whole answer, of a stream what was not told yet.
    fn conclude(&mut self, kind: &str, response: &Value) -> Result<()> {
        self.usage = response.get("usage").and_then(usage::parse);
        // Some servers send the response as it was at the beginning; then the event says how it ended.
        let status = text_field(response, "status")
            .filter(|status| !matches!(status.as_str(), "queued" | "in_progress"));
        let status = status.as_deref().unwrap_or(kind);
        if status == "failed" || error_in(response).is_some() {
            return Err(self.failed(response));
        }
        let items = response.get("output").and_then(Value::as_array);
        self.output.catch_up(items.map_or(&[], Vec::as_slice));
        self.finish = Some(match status {
            "completed" if self.output.has_calls() => FinishReason::ToolCalls,
            "completed" => FinishReason::Stop,
            "incomplete" => match response
                .pointer("/incomplete_details/reason")
                .and_then(text)
            {
                Some(reason) => finish_reason(&reason),
                None => FinishReason::Other("incomplete".into()),
            },
            other => FinishReason::Other(sentence::word(other)),
        });
        Ok(())
    }

    /// The failure that an answer ended with, after what it cost.
    fn failed(&mut self, said: &Value) -> Failure {
        let usage = self.usage.take();
        self.output.events.extend(usage.map(Event::Usage));
        if error_in(said).is_none() && text_field(said, "message").is_none() {
            let message = "the provider ended the answer with an error";
            return self.envelope.failure(FailureKind::Unavailable, message);
        }
        let mut failure = self.envelope.json_failure(said);
        if failure.code.is_none() && failure.kind == FailureKind::BadResponse {
            failure.kind = FailureKind::Unavailable;
        }
        failure
    }
}

impl stream::Answer for Answer {
    fn events(&mut self) -> &mut VecDeque<Event> {
        &mut self.output.events
    }

    fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn event(&mut self, name: &str, data: &str) -> Result<bool> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(false);
        }
        // The last word of the other dialect, which some servers put here too.
        if data == "[DONE]" {
            return self.cut().map(|()| true);
        }
        let Some(event) = loose::read(data.as_bytes()) else {
            if name == "error" {
                return Err(self.envelope.refusal(data));
            }
            return Err(self
                .envelope
                .bad("the stream holds an event that is not JSON"));
        };
        if error_in(&event).is_some() {
            return Err(self.failed(&event));
        }
        // The name of an event stands in its data too, and there it cannot be left out.
        let kind = text_field(&event, "type").unwrap_or_else(|| name.to_owned());
        self.take(&kind, &event)
    }

    fn whole(&mut self, body: &[u8]) -> Result<()> {
        let response = self.envelope.read_json(body)?;
        if !matches!(response.get("output"), Some(Value::Array(_)))
            && text_field(&response, "status").as_deref() != Some("failed")
        {
            return Err(self.envelope.bad("the answer holds no list of output"));
        }
        let status = text_field(&response, "status");
        if matches!(status.as_deref(), Some("queued" | "in_progress")) {
            // Asked for as work to be done later, which nobody comes back for.
            return Err(self.envelope.bad("the answer is not complete"));
        }
        self.introduce(&response);
        self.conclude("completed", &response)?;
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        let usage = self.usage.take();
        self.output.events.extend(usage.map(Event::Usage));
        let refusal = std::mem::take(&mut self.output.refusal);
        if !refusal.trim().is_empty() {
            return Err(self.envelope.refused(&refusal));
        }
        let finish = self.finish.clone();
        self.output.events.extend(finish.map(Event::Finish));
        Ok(())
    }

    fn cut(&mut self) -> Result<()> {
        if self.is_finished() {
            return self.close();
        }
        Err(self
            .envelope
            .bad("the stream ended before the answer was complete"))
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "max_output_tokens" | "max_tokens" | "length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        other => FinishReason::Other(sentence::word(other)),
    }
}

#[cfg(test)]
mod tests;
