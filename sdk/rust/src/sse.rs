//! Server-sent events, as the WHATWG defines their stream, pulled.
//!
//! ```no_run
//! # fn main() -> chela_sdk::Result<()> {
//! let mut events = chela_sdk::http::endpoint("api").post("/stream").send()?.events()?;
//! while let Some(event) = events.next()? {
//!     if event.data == "[DONE]" {
//!         break;
//!     }
//!     let value: serde_json::Value = event.json()?;
//! }
//! # Ok(())
//! # }
//! ```

use crate::chunks::Lines;
use crate::{Failure, Result};
use serde::de::DeserializeOwned;

pub use crate::chunks::Chunks;

/// The most bytes an event's data may have unless told otherwise: 16 MiB. A picture in base64 fits.
pub const LIMIT: usize = 16 << 20;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its type; `message` where the server named none.
    pub name: String,
    /// Its data, the lines of it joined by LF.
    pub data: String,
}

impl Event {
    /// The data, read as JSON.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) when it is none, or of another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            Failure::bad_response(format!("an event of the stream cannot be read: {error}"))
        })
    }
}

/// Turns bytes in pieces of any size into events.
///
/// Fields `id` and `retry` and comments are left out, since nothing here reconnects. What is not UTF-8 is replaced, after
/// lines were put together, so that no character is split. An event that the stream ends in without the empty line due is given
/// out by [`finish`](Decoder::finish): servers forget that line, and a reader of JSON sees a half event by itself.
#[derive(Debug)]
pub struct Decoder {
    lines: Lines,
    name: String,
    data: String,
    has_data: bool,
    limit: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder that fails at a line, or at data, of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            lines: Lines::new(limit),
            name: String::new(),
            data: String::new(),
            has_data: false,
            limit,
        }
    }

    /// Takes in the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.lines.push(bytes);
    }

    /// The next complete event of the bytes so far.
    ///
    /// # Errors
    ///
    /// [`FailureKind::BadResponse`](crate::FailureKind::BadResponse) past the limit. The decoder is of no use then.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would go on after a failure"
    )]
    pub fn next(&mut self) -> Result<Option<Event>> {
        while let Some(line) = self.lines.next()? {
            if line.is_empty() {
                if let Some(event) = take(&mut self.name, &mut self.data, &mut self.has_data) {
                    return Ok(Some(event));
                }
            } else {
                field(line, &mut self.name, &mut self.data, &mut self.has_data);
                if self.data.len() > self.limit {
                    return Err(too_long(self.limit));
                }
            }
        }
        Ok(None)
    }

    /// The event that the end of the stream left open.
    ///
    /// # Errors
    ///
    /// As [`next`](Decoder::next).
    pub fn finish(&mut self) -> Result<Option<Event>> {
        if let Some(line) = self.lines.rest() {
            field(line, &mut self.name, &mut self.data, &mut self.has_data);
            if self.data.len() > self.limit {
                return Err(too_long(self.limit));
            }
        }
        Ok(take(&mut self.name, &mut self.data, &mut self.has_data))
    }
}

fn too_long(limit: usize) -> Failure {
    Failure::bad_response(format!(
        "the stream has an event of more than {limit} bytes"
    ))
}

fn field(line: &[u8], name: &mut String, data: &mut String, has_data: &mut bool) {
    let colon = line.iter().position(|byte| *byte == b':');
    let (field, value) = match colon {
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        None => (line, &line[line.len()..]),
    };
    let value = value.strip_prefix(b" ").unwrap_or(value);
    match field {
        b"data" => {
            if std::mem::replace(has_data, true) {
                data.push('\n');
            }
            data.push_str(&String::from_utf8_lossy(value));
        }
        b"event" => *name = String::from_utf8_lossy(value).into_owned(),
        _ => {}
    }
}

/// Gives out what was gathered, unless there was no data.
fn take(name: &mut String, data: &mut String, has_data: &mut bool) -> Option<Event> {
    let mut name = std::mem::take(name);
    if !std::mem::take(has_data) {
        return None;
    }
    if name.is_empty() {
        name.push_str("message");
    }
    Some(Event {
        name,
        data: std::mem::take(data),
    })
}

/// The events of a stream.
#[derive(Debug)]
pub struct Events<C> {
    chunks: C,
    decoder: Decoder,
    ended: bool,
}

impl<C: Chunks> Events<C> {
    /// The events in these bytes.
    pub fn new(chunks: C) -> Self {
        Self::with_limit(chunks, LIMIT)
    }

    /// The events in these bytes, none with a line or data of more than `limit` bytes.
    pub fn with_limit(chunks: C, limit: usize) -> Self {
        Self {
            chunks,
            decoder: Decoder::with_limit(limit),
            ended: false,
        }
    }

    /// The next event, waited for; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the stream was cut short, or goes past the limit.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would go on after a failure"
    )]
    pub fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.decoder.next()? {
                return Ok(Some(event));
            }
            if self.ended {
                return Ok(None);
            }
            let chunk = self.chunks.next_chunk()?;
            if chunk.is_empty() {
                self.ended = true;
                return self.decoder.finish();
            }
            self.decoder.push(&chunk);
        }
    }

    /// Where the bytes come from, such as the response with its header fields.
    pub fn get_ref(&self) -> &C {
        &self.chunks
    }
}

#[cfg(test)]
mod tests;
