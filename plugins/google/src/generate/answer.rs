//! What an answer says, piece by piece or whole, as the contract's events.
//!
//! Follows <https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse>.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_dialect::failure::{Envelope, error_in};
use chela_dialect::loose::{self, count_field, text_field};
use chela_dialect::{extra, sentence, stream};
use chela_sdk::model::{Answerer, Citation, Event, FinishReason, Reasoning, ToolCall};
use chela_sdk::{Blob, Failure, FailureKind, Result, Usage};
use serde_json::Value;

use super::request::SIGNATURE;
use crate::failure::{blocked, is_filter, told};
use crate::usage;

/// An answer being read.
#[derive(Debug)]
pub(crate) struct Answer {
    envelope: Envelope,
    events: VecDeque<Event>,
    introduced: bool,
    called: bool,
    /// The latest count, which holds all that came before it.
    usage: Option<Usage>,
    /// Why generation ended. Older models say `STOP` with every piece, so it is told at the end.
    finish: Option<FinishReason>,
    ended: bool,
}

impl Answer {
    /// An answer of which only the headers are known.
    pub(super) fn new(envelope: Envelope) -> Self {
        Self {
            envelope,
            events: VecDeque::new(),
            introduced: false,
            called: false,
            usage: None,
            finish: None,
            ended: false,
        }
    }

    fn piece(&mut self, piece: &Value) -> Result<()> {
        if error_in(piece).is_some() {
            return Err(self.error(piece));
        }
        if !piece.is_object() {
            return Err(self.envelope.bad("the answer is not a JSON object"));
        }
        if !std::mem::replace(&mut self.introduced, true) {
            let request_id = self.envelope.request_id.clone();
            let request_id = request_id.or_else(|| text_field(piece, "responseId"));
            self.envelope.request_id.clone_from(&request_id);
            self.events.push_back(Event::Answerer(Answerer {
                model: text_field(piece, "modelVersion"),
                request_id,
            }));
        }
        let counts = piece.get("usageMetadata").and_then(usage::parse);
        self.usage = counts.or(self.usage.take());
        if let Some(reason) = piece
            .get("promptFeedback")
            .and_then(|feedback| text_field(feedback, "blockReason"))
        {
            return Err(blocked(&self.envelope, &reason));
        }
        for candidate in piece
            .get("candidates")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            // Further answers are woven in where the caller asked for them; the contract has room for one.
            if count_field(candidate, "index").unwrap_or(0) == 0 {
                self.candidate(candidate);
            }
        }
        Ok(())
    }

    fn error(&self, value: &Value) -> Failure {
        told(&self.envelope, value)
    }

    fn candidate(&mut self, candidate: &Value) {
        for part in candidate
            .pointer("/content/parts")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.part(part);
        }
        for source in candidate
            .pointer("/groundingMetadata/groundingChunks")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.events.extend(citation(source));
        }
        if let Some(word) = text_field(candidate, "finishReason") {
            self.finish = Some(finish_reason(&word));
        }
    }

    fn part(&mut self, part: &Value) {
        let signature = text_field(part, SIGNATURE);
        if let Some(call) = part.get("functionCall") {
            let name = text_field(call, "name").unwrap_or_default();
            let arguments = match call.get("args") {
                Some(arguments @ Value::Object(_)) => loose::write(arguments),
                _ => "{}".to_owned(),
            };
            let id = text_field(call, "id").unwrap_or_default();
            self.called = true;
            self.events.push_back(Event::ToolCall(ToolCall {
                extra: extra::named(part, &[SIGNATURE]),
                ..ToolCall::new(id, name, arguments)
            }));
            return;
        }
        let text = text_field(part, "text");
        if part.get("thought") == Some(&Value::Bool(true)) {
            // Also a sketch of a picture, which is no part of the answer.
            if text.is_some() || signature.is_some() {
                self.events.push_back(Event::Reasoning(Reasoning {
                    text: text.unwrap_or_default(),
                    opaque: signature,
                }));
            }
            return;
        }
        self.events.extend(text.map(Event::Text));
        if let Some(data) = part.get("inlineData") {
            self.events.extend(media(data));
        }
        // A signature beside what was said belongs to its place.
        self.events.extend(signature.map(|signature| {
            Event::Reasoning(Reasoning {
                text: String::new(),
                opaque: Some(signature),
            })
        }));
    }
}

/// Media that the model made.
fn media(data: &Value) -> Option<Event> {
    let bytes = STANDARD.decode(data.get("data")?.as_str()?).ok()?;
    // What it is the host finds from the bytes.
    (!bytes.is_empty()).then(|| Event::Media(Blob::new("", &bytes)))
}

/// A page that the answer leans on, as models that search name it.
fn citation(source: &Value) -> Option<Event> {
    let page = source.get("web")?;
    Some(Event::Citation(Citation {
        url: text_field(page, "uri"),
        title: text_field(page, "title"),
        ..Citation::default()
    }))
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        filter if is_filter(filter) => FinishReason::ContentFilter,
        other => FinishReason::Other(sentence::word(other)),
    }
}

impl stream::Answer for Answer {
    fn events(&mut self) -> &mut VecDeque<Event> {
        &mut self.events
    }

    fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    fn event(&mut self, _: &str, data: &str) -> Result<bool> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(false);
        }
        if data == "[DONE]" {
            return Ok(true);
        }
        match loose::read(data.as_bytes()) {
            Some(piece) => self.piece(&piece).map(|()| false),
            None => Err(self
                .envelope
                .bad("the stream holds a piece that is not JSON")),
        }
    }

    fn whole(&mut self, body: &[u8]) -> Result<()> {
        let answer = match loose::read(body) {
            Some(answer) if error_in(&answer).is_some() => return Err(self.error(&answer)),
            Some(answer) => answer,
            None => self.envelope.read_json(body)?,
        };
        // A server that passes over `alt=sse` streams one list.
        match &answer {
            Value::Array(pieces) => {
                for piece in pieces {
                    self.piece(piece)?;
                }
            }
            answer => self.piece(answer)?,
        }
        let pieces = answer
            .as_array()
            .map_or(std::slice::from_ref(&answer), Vec::as_slice);
        let is_answer = pieces
            .iter()
            .any(|piece| piece.get("candidates").is_some_and(Value::is_array));
        if !is_answer {
            // An answer without candidates is one with nothing in it, as long as it is an answer.
            let counted = pieces
                .iter()
                .any(|piece| piece.get("usageMetadata").is_some());
            let message = "the answer holds no candidates";
            return Err(if counted {
                self.envelope.failure(FailureKind::EmptyOutput, message)
            } else {
                self.envelope.bad(message)
            });
        }
        self.close()
    }

    fn close(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        let finish = match self.finish.clone() {
            None | Some(FinishReason::Stop) if self.called => FinishReason::ToolCalls,
            None => FinishReason::Stop,
            Some(finish) => finish,
        };
        self.events.extend(self.usage.take().map(Event::Usage));
        self.events.push_back(Event::Finish(finish));
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
