//! What an answer says, line by line or whole, as the contract's events.
//!
//! Follows <https://docs.ollama.com/api/chat> and <https://docs.ollama.com/api/streaming>.

use std::collections::VecDeque;

use chela_dialect::failure::{Envelope, error_in};
use chela_dialect::loose::{self, count_field, text_field};
use chela_dialect::{extra, sentence, stream};
use chela_sdk::model::{Answerer, Event, FinishReason, ToolCall};
use chela_sdk::{Result, Usage};
use serde_json::Value;

use crate::failure::inside;

/// An answer being read.
#[derive(Debug)]
pub(crate) struct Answer {
    envelope: Envelope,
    model: String,
    events: VecDeque<Event>,
    introduced: bool,
    called: bool,
    finished: bool,
}

impl Answer {
    /// An answer of which only the headers are known.
    pub(super) fn new(envelope: Envelope, model: &str) -> Self {
        Self {
            envelope,
            model: model.to_owned(),
            events: VecDeque::new(),
            introduced: false,
            called: false,
            finished: false,
        }
    }

    fn piece(&mut self, piece: &Value) {
        if !std::mem::replace(&mut self.introduced, true) {
            self.events.push_back(Event::Answerer(Answerer {
                model: text_field(piece, "model"),
                request_id: self.envelope.request_id.clone(),
            }));
        }
        if let Some(message) = piece.get("message") {
            self.events
                .extend(text_field(message, "thinking").map(Event::reasoning));
            self.events
                .extend(text_field(message, "content").map(Event::Text));
            for call in message
                .get("tool_calls")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                self.call(call);
            }
        }
        // There only where the caller asked for them.
        let logprobs = extra::named(piece, &["logprobs"]);
        self.events.extend(logprobs.into_iter().map(Event::Extra));
        if piece.get("done") == Some(&Value::Bool(true)) {
            self.end(piece);
        }
    }

    /// A call comes whole, its arguments as an object.
    fn call(&mut self, call: &Value) {
        let Some(function) = call.get("function") else {
            return;
        };
        let Some(name) = text_field(function, "name") else {
            return;
        };
        let arguments = match function.get("arguments") {
            Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
            Some(object @ Value::Object(_)) => loose::write(object),
            _ => "{}".to_owned(),
        };
        let id = text_field(call, "id").unwrap_or_default();
        self.called = true;
        self.events
            .push_back(Event::ToolCall(ToolCall::new(id, name, arguments)));
    }

    fn end(&mut self, piece: &Value) {
        let (input, output) = (
            count_field(piece, "prompt_eval_count"),
            count_field(piece, "eval_count"),
        );
        if input.is_some() || output.is_some() {
            self.events.push_back(Event::Usage(Usage {
                input_tokens: input,
                output_tokens: output,
                ..Usage::default()
            }));
        }
        let finish = match text_field(piece, "done_reason").as_deref() {
            None | Some("stop") if self.called => FinishReason::ToolCalls,
            None | Some("stop") => FinishReason::Stop,
            Some("length") => FinishReason::Length,
            Some(other) => FinishReason::Other(sentence::word(other)),
        };
        self.events.push_back(Event::Finish(finish));
        self.finished = true;
    }
}

impl stream::Answer for Answer {
    fn events(&mut self) -> &mut VecDeque<Event> {
        &mut self.events
    }

    fn is_finished(&self) -> bool {
        self.finished
    }

    fn event(&mut self, _: &str, data: &str) -> Result<bool> {
        let Some(piece) = loose::read(data.trim().as_bytes()).filter(Value::is_object) else {
            return Err(self
                .envelope
                .bad("the stream holds a line that is no JSON object"));
        };
        if error_in(&piece).is_some() {
            let failure = self.envelope.json_failure(&piece);
            return Err(inside(failure, data.as_bytes(), &self.model));
        }
        self.piece(&piece);
        Ok(self.finished)
    }

    fn whole(&mut self, body: &[u8]) -> Result<()> {
        // A server that streams although it was not asked to.
        let mut lines = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty());
        if loose::read(body).is_none()
            && lines
                .clone()
                .next()
                .is_some_and(|line| loose::read(line).is_some())
        {
            for line in &mut lines {
                if self.event("", &String::from_utf8_lossy(line))? {
                    return Ok(());
                }
            }
            return self.cut();
        }
        let answer = self
            .envelope
            .read_json(body)
            .map_err(|failure| inside(failure, body, &self.model))?;
        if !answer.get("message").is_some_and(Value::is_object) {
            return Err(self.envelope.bad("the answer holds no message"));
        }
        self.piece(&answer);
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        if !self.finished {
            self.end(&Value::Null);
        }
        Ok(())
    }

    fn cut(&mut self) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        Err(self
            .envelope
            .bad("the stream ended before the answer was complete"))
    }
}
