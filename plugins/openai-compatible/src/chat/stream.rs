//! An answer as it comes: a stream of server-sent events, or, from a server that does not stream, one JSON document.

use chela_sdk::http::Response;
use chela_sdk::model::{Event, EventStream};
use chela_sdk::sse::Decoder;
use chela_sdk::{Failure, FailureKind, Result};

use super::answer::Answer;
use crate::failure::Envelope;
use crate::reply::{first_character, read_rest};

/// How much is asked of the host at once.
const CHUNK: u32 = 64 << 10;

/// The most blanks in front of an answer. Servers that are slow to begin send a few to keep the connection open.
const MOST_BLANKS: usize = 1 << 20;

/// An answer being pulled.
#[derive(Debug)]
pub(crate) struct Stream {
    answer: Answer,
    /// What is left to read; none when all was read.
    source: Option<(Response, Decoder)>,
    /// What ended the answer early, told once all events before it were.
    failure: Option<Failure>,
    /// Options that had no part in the request, told first.
    ignored: Vec<String>,
}

impl Stream {
    /// Reads up to the first event, so that a server that refuses inside an answer that began well still refuses at the
    /// start.
    ///
    /// What the body is shows in its first character. Its declared type is not asked: servers stream as `text/plain`, and
    /// answer plain JSON as `text/event-stream`.
    pub(crate) fn begin(
        mut response: Response,
        envelope: Envelope,
        ignored: Vec<String>,
    ) -> Result<Self> {
        let mut answer = Answer::new(envelope.clone());
        let mut head = Vec::new();
        let mut blanks = 0;
        let first = loop {
            let chunk = response.read(CHUNK)?;
            let ended = chunk.is_empty();
            if let Some(first) = first_character(&chunk) {
                head = chunk;
                break Some(first);
            }
            if ended {
                break None;
            }
            blanks += chunk.len();
            if blanks > MOST_BLANKS {
                return Err(envelope.bad("the answer begins with nothing but blanks"));
            }
        };
        let mut stream = match first {
            // Of `data`, `event`, `id`, `retry` and a comment.
            Some(b'd' | b'e' | b'i' | b'r' | b':') => {
                let mut decoder = Decoder::new();
                decoder.push(&head);
                Self {
                    answer,
                    source: Some((response, decoder)),
                    failure: None,
                    ignored,
                }
            }
            _ => {
                let body = read_rest(response, head, &envelope)?;
                answer.whole(&body)?;
                Self {
                    answer,
                    source: None,
                    failure: None,
                    ignored,
                }
            }
        };
        stream.fill();
        match stream.failure.take_if(|_| !stream.answer.has_events()) {
            Some(failure) => Err(failure),
            None => Ok(stream),
        }
    }

    /// Reads on until there is an event or the end.
    fn fill(&mut self) {
        while !self.answer.has_events() && self.failure.is_none() && self.source.is_some() {
            if let Err(failure) = self.advance() {
                self.source = None;
                self.failure = Some(failure);
            }
        }
    }

    /// Takes one server-sent event, or more bytes, or the end.
    fn advance(&mut self) -> Result<()> {
        let Some((response, decoder)) = &mut self.source else {
            return Ok(());
        };
        if let Some(event) = decoder.next()? {
            return self.take(&event.name, &event.data);
        }
        match response.read(CHUNK) {
            Ok(chunk) if chunk.is_empty() => {
                let last = decoder.finish()?;
                self.source = None;
                if let Some(event) = last
                    && self.answer.event(&event.name, &event.data)?
                {
                    return self.answer.close();
                }
                self.answer.cut()
            }
            Ok(chunk) => {
                decoder.push(&chunk);
                Ok(())
            }
            // Nothing of the answer is missing when the connection breaks behind its end.
            Err(failure) if failure.kind != FailureKind::Denied && self.answer.is_finished() => {
                self.source = None;
                self.answer.close()
            }
            Err(failure) => Err(failure),
        }
    }

    fn take(&mut self, name: &str, data: &str) -> Result<()> {
        if self.answer.event(name, data)? {
            self.source = None;
            self.answer.close()?;
        }
        Ok(())
    }
}

impl EventStream for Stream {
    fn next(&mut self) -> Result<Option<Event>> {
        if !self.ignored.is_empty() {
            return Ok(Some(Event::Ignored(std::mem::take(&mut self.ignored))));
        }
        self.fill();
        match (self.answer.pop(), self.failure.take()) {
            (Some(event), failure) => {
                self.failure = failure;
                Ok(Some(event))
            }
            (None, Some(failure)) => Err(failure),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
