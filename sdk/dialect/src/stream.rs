//! An answer as it comes: a stream of events or lines, or, from a server that does not stream, one JSON document.

use std::collections::VecDeque;

use chela_sdk::http::Response;
use chela_sdk::model::{Event, EventStream};
use chela_sdk::sse::{Decoder, Event as Piece};
use chela_sdk::{Failure, FailureKind, Result};

use crate::failure::Envelope;
use crate::reply::{first_character, read_rest};

/// How much is asked of the host at once.
const CHUNK: u32 = 64 << 10;

/// The most blanks in front of an answer. Servers that are slow to begin send a few to keep the connection open.
const MOST_BLANKS: usize = 1 << 20;

/// The longest line of a stream of lines.
const LONGEST_LINE: usize = 16 << 20;

/// An answer of a dialect, being read.
pub trait Answer {
    /// The contract events that are ready, in order.
    fn events(&mut self) -> &mut VecDeque<Event>;

    /// Whether the server said why generation ended. What follows then is at most the usage.
    fn is_finished(&self) -> bool;

    /// Takes a piece of the stream: a server-sent event with its name, or a line. Gives back whether it was the last.
    ///
    /// # Errors
    ///
    /// A refusal, or what cannot be read.
    fn event(&mut self, name: &str, data: &str) -> Result<bool>;

    /// Takes a whole answer, for which the server did not stream.
    ///
    /// # Errors
    ///
    /// A refusal, what cannot be read, or an answer with nothing in it.
    fn whole(&mut self, body: &[u8]) -> Result<()>;

    /// Takes the end of an answer that is complete.
    ///
    /// # Errors
    ///
    /// When what it said as a whole is a failure.
    fn close(&mut self) -> Result<()>;

    /// Takes the end of a stream without its last word. It is complete all the same when the server had said why
    /// generation ended.
    ///
    /// # Errors
    ///
    /// When the answer is not complete.
    fn cut(&mut self) -> Result<()>;
}

/// How the pieces of a stream are told apart. A type and not a value, so that a component carries only its own way.
pub trait Pieces: Default + 'static {
    /// Whether a body that begins with this character is a stream.
    fn begin_with(first: u8) -> bool;

    /// Takes in the next bytes.
    fn push(&mut self, bytes: &[u8]);

    /// The next piece.
    ///
    /// # Errors
    ///
    /// A piece that is longer than any.
    fn next(&mut self) -> Result<Option<Piece>>;

    /// The piece that the end of the stream left open.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    fn finish(&mut self) -> Result<Option<Piece>>;
}

/// Server-sent events.
#[derive(Debug, Default)]
pub struct Events(Decoder);

impl Pieces for Events {
    fn begin_with(first: u8) -> bool {
        // Of `data`, `event`, `id`, `retry` and a comment.
        matches!(first, b'd' | b'e' | b'i' | b'r' | b':')
    }

    fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    fn next(&mut self) -> Result<Option<Piece>> {
        self.0.next()
    }

    fn finish(&mut self) -> Result<Option<Piece>> {
        self.0.finish()
    }
}

/// One JSON object a line.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// How much of the buffer has no line end.
    scanned: usize,
}

impl Pieces for Lines {
    fn begin_with(first: u8) -> bool {
        first == b'{'
    }

    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn next(&mut self) -> Result<Option<Piece>> {
        while let Some(at) = self.buffer[self.scanned..]
            .iter()
            .position(|byte| *byte == b'\n')
        {
            let line: Vec<u8> = self.buffer.drain(..=self.scanned + at).collect();
            self.scanned = 0;
            if !line.trim_ascii().is_empty() {
                return Ok(Some(Piece {
                    name: String::new(),
                    data: String::from_utf8_lossy(&line).into_owned(),
                }));
            }
        }
        self.scanned = self.buffer.len();
        if self.scanned > LONGEST_LINE {
            return Err(Failure::bad_response(
                "the stream has a line longer than any of its kind",
            ));
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Option<Piece>> {
        self.buffer.push(b'\n');
        self.next()
    }
}

/// An answer being pulled.
#[derive(Debug)]
pub struct Stream<A, P = Events> {
    answer: A,
    /// What is left to read; none when all was read.
    source: Option<(Response, P)>,
    /// What ended the answer early, told once all events before it were.
    failure: Option<Failure>,
    /// Options that had no part in the request, told first.
    ignored: Vec<String>,
}

impl<A: Answer, P: Pieces> Stream<A, P> {
    /// Reads up to the first event, so that a server that refuses inside an answer that began well still refuses at the
    /// start.
    ///
    /// What the body is shows in its first character. Its declared type is not asked: servers stream as `text/plain`, and
    /// answer plain JSON as `text/event-stream`. Where no stream was asked for, so that `streamed` is false, none is looked for: a
    /// whole answer begins as a line does.
    ///
    /// # Errors
    ///
    /// When the answer is a failure before anything was said.
    pub fn begin(
        mut response: Response,
        envelope: &Envelope,
        mut answer: A,
        streamed: bool,
        ignored: Vec<String>,
    ) -> Result<Self> {
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
        let source = if streamed && first.is_some_and(P::begin_with) {
            let mut pieces = P::default();
            pieces.push(&head);
            Some((response, pieces))
        } else {
            answer.whole(&read_rest(response, head, envelope)?)?;
            None
        };
        let mut stream = Self {
            answer,
            source,
            failure: None,
            ignored,
        };
        stream.fill();
        match stream
            .failure
            .take_if(|_| stream.answer.events().is_empty())
        {
            Some(failure) => Err(failure),
            None => Ok(stream),
        }
    }

    /// Reads on until there is an event or the end.
    fn fill(&mut self) {
        while self.answer.events().is_empty() && self.failure.is_none() && self.source.is_some() {
            if let Err(failure) = self.advance() {
                self.source = None;
                self.failure = Some(failure);
            }
        }
    }

    /// Takes one piece, or more bytes, or the end.
    fn advance(&mut self) -> Result<()> {
        let Some((response, pieces)) = &mut self.source else {
            return Ok(());
        };
        if let Some(piece) = pieces.next()? {
            return self.take(&piece);
        }
        match response.read(CHUNK) {
            Ok(chunk) if chunk.is_empty() => {
                let last = pieces.finish()?;
                self.source = None;
                if let Some(piece) = last
                    && self.answer.event(&piece.name, &piece.data)?
                {
                    return self.answer.close();
                }
                self.answer.cut()
            }
            Ok(chunk) => {
                pieces.push(&chunk);
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

    fn take(&mut self, piece: &Piece) -> Result<()> {
        if self.answer.event(&piece.name, &piece.data)? {
            self.source = None;
            self.answer.close()?;
        }
        Ok(())
    }
}

impl<A: Answer + 'static, P: Pieces> EventStream for Stream<A, P> {
    fn next(&mut self) -> Result<Option<Event>> {
        if !self.ignored.is_empty() {
            return Ok(Some(Event::Ignored(std::mem::take(&mut self.ignored))));
        }
        self.fill();
        match (self.answer.events().pop_front(), self.failure.take()) {
            (Some(event), failure) => {
                self.failure = failure;
                Ok(Some(event))
            }
            (None, Some(failure)) => Err(failure),
            (None, None) => Ok(None),
        }
    }
}
