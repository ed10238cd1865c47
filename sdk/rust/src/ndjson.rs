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
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator of results would go on after a failure"
    )]
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

#[cfg(test)]
mod tests {
    use super::Values;
    use crate::{FailureKind, Result};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// The bytes in pieces of that size.
    fn pieces(bytes: &[u8], size: usize) -> impl FnMut() -> Result<Vec<u8>> {
        let mut pieces: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        pieces.reverse();
        move || Ok(pieces.pop().unwrap_or_default())
    }

    #[test]
    fn one_value_a_line_however_lines_end() {
        let bytes = b"\xEF\xBB\xBF{\"a\":1}\r\n\n  \n[2]\r\"\xC3\xA9\"";
        for size in 1..=bytes.len() {
            let mut values = Values::new(pieces(bytes, size));
            let mut read = Vec::new();
            while let Some(value) = values.next::<Value>().unwrap() {
                read.push(value);
            }
            assert_eq!(
                read,
                [json!({"a": 1}), json!([2]), json!("é")],
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn a_broken_line_and_an_endless_one_are_failures() {
        let mut values = Values::new(pieces(b"{\n", 1));
        assert_eq!(
            values.next::<Value>().unwrap_err().kind,
            FailureKind::BadResponse
        );
        let mut values = Values::with_limit(|| Ok(vec![b'1'; 64]), 1000);
        assert!(
            values
                .next::<Value>()
                .unwrap_err()
                .message
                .contains("1000 bytes")
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, size in 1_usize..8) {
            let mut values = Values::new(pieces(&bytes, size));
            while let Ok(Some(_)) = values.next::<Value>() {}
        }
    }
}
