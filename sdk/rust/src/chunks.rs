//! Where a stream's bytes come from, and how they become lines.

use crate::{Failure, Result};

/// A source of bytes in pieces of any size.
///
/// A [`Response`](crate::http::Response) is one, and so is a closure that gives back the next piece.
pub trait Chunks {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    ///
    /// When the stream was cut short.
    fn next_chunk(&mut self) -> Result<Vec<u8>>;
}

impl<F: FnMut() -> Result<Vec<u8>>> Chunks for F {
    fn next_chunk(&mut self) -> Result<Vec<u8>> {
        self()
    }
}

/// Cuts bytes into lines, which end in LF, CR or CRLF, wherever the pieces were cut.
#[derive(Debug)]
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line starts.
    start: usize,
    /// How far the next line was looked through.
    scanned: usize,
    /// The last line ended in a CR; an LF that follows belongs to it.
    after_cr: bool,
    /// No line was given out yet: a byte order mark may stand before the first.
    first: bool,
    /// The longest line, in bytes.
    limit: usize,
}

impl Lines {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            after_cr: false,
            first: true,
            limit,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete line, without its end.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.after_cr && self.start < self.buffer.len() {
            self.after_cr = false;
            if self.buffer[self.start] == b'\n' {
                self.start += 1;
                self.scanned += 1;
            }
        }
        let found = self.buffer[self.scanned..]
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = found.map_or(self.buffer.len(), |offset| self.scanned + offset);
        self.scanned = end;
        if end - self.start > self.limit {
            return Err(Failure::bad_response(format!(
                "the stream has a line of more than {} bytes",
                self.limit
            )));
        }
        if found.is_none() {
            return Ok(None);
        }
        let line = self.start..end;
        self.after_cr = self.buffer[end] == b'\r';
        self.start = end + 1;
        self.scanned = self.start;
        Ok(Some(strip_mark(&mut self.first, &self.buffer[line])))
    }

    /// What is left after the last line end.
    pub(crate) fn rest(&mut self) -> Option<&[u8]> {
        let rest = self.start..self.buffer.len();
        self.start = rest.end;
        self.scanned = rest.end;
        (!rest.is_empty()).then(|| strip_mark(&mut self.first, &self.buffer[rest]))
    }
}

fn strip_mark<'a>(first: &mut bool, line: &'a [u8]) -> &'a [u8] {
    if std::mem::take(first) {
        line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
    } else {
        line
    }
}
