//! JSON values, one a line, pulled.

use crate::chunks::Lines;
use crate::{Failure, Result};
use serde::de::DeserializeOwned;

pub use crate::chunks::Chunks;

/// The longest line unless told otherwise: 16 MiB.
pub const LIMIT: usize = 16 << 20;

/// The values of a stream that has one a line. Empty lines are passed over.
#[derive(Debug)]
pub struct Values<C> {
    chunks: C,
    lines: Lines,
    ended: bool,
}

impl<C: Chunks> Values<C> {
    /// The values in these bytes.
    pub fn new(chunks: C) -> Self {
        Self::with_limit(chunks, LIMIT)
    }

    /// The values in these bytes, none on a line of more than `limit` bytes.
    pub fn with_limit(chunks: C, limit: usize) -> Self {
        Self {
            chunks,
            lines: Lines::new(limit),
            ended: false,
        }
    }

    /// The next value, waited for; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the stream was cut short, a line is too long, is no JSON, or JSON of another shape.
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            while let Some(line) = self.lines.next()? {
                if !line.trim_ascii().is_empty() {
                    return parse(line).map(Some);
                }
            }
            if self.ended {
                return Ok(None);
            }
            let chunk = self.chunks.next_chunk()?;
            if chunk.is_empty() {
                self.ended = true;
                return match self.lines.rest() {
                    Some(line) if !line.trim_ascii().is_empty() => parse(line).map(Some),
                    _ => Ok(None),
                };
            }
            self.lines.push(&chunk);
        }
    }

    /// Where the bytes come from, such as the response with its header fields.
    pub fn get_ref(&self) -> &C {
        &self.chunks
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T> {
    serde_json::from_slice(line).map_err(|error| {
        Failure::bad_response(format!("a line of the stream cannot be read: {error}"))
    })
}
