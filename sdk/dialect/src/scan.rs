//! Large values out of a JSON answer, without holding the answer.
//!
//! An answer with ten pictures of some megabytes each in base64, or with a thousand vectors, is larger than a component's
//! memory should be. The scanner reads it as it comes: it takes the value of each field of one name out, hands it on, and
//! keeps the rest of the JSON, with the value's number in its place.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_sdk::Result;
use chela_sdk::http::Response;

use crate::failure::Envelope;

/// How much is asked of the host at once.
const CHUNK: u32 = 256 << 10;

/// The most JSON that is kept beside what is taken out, and the longest list, in bytes.
const LARGEST: usize = 4 << 20;

/// Reads a whole answer. `found` gets the values of the field of that name; what is left of the answer comes back.
pub fn read(
    mut response: Response,
    envelope: &Envelope,
    field: &'static str,
    found: &mut dyn FnMut(Taken),
) -> Result<Vec<u8>> {
    let mut scanner = Scanner::new(field);
    loop {
        let chunk = response.read(CHUNK)?;
        if chunk.is_empty() {
            return Ok(scanner.finish());
        }
        if !scanner.push(&chunk, found) {
            return Err(envelope.bad("the answer is longer than any answer of its kind"));
        }
    }
}

/// A value that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A string of base64, decoded.
    Bytes(Vec<u8>),
    /// A list, as its JSON text.
    List(Vec<u8>),
    /// A string that is not base64. The other values of the answer may be good.
    Broken,
}

/// Where the scanner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Outside strings.
    Between,
    /// In a string that is kept. It began at this place in what is kept.
    Text { start: usize, escaped: bool },
    /// In a string of base64.
    Base64 { escaped: bool },
    /// In a list that is taken out, so many brackets deep, in a string there or not.
    List {
        depth: usize,
        quoted: bool,
        escaped: bool,
    },
}

/// Reads an answer piece by piece.
#[derive(Debug)]
struct Scanner {
    field: &'static str,
    state: State,
    kept: Vec<u8>,
    /// Whether the last string was the name of the field and nothing but a colon came since.
    expected: bool,
    /// Base64 characters that do not make a whole group yet.
    group: Vec<u8>,
    /// Whether padding was read, after which nothing may follow.
    padded: bool,
    /// Whether the string that is being read has shown that it is not base64.
    broken: bool,
    /// The value that is being taken out.
    value: Vec<u8>,
    taken: usize,
}

impl Scanner {
    /// A scanner before the first byte, for the values of the field of that name.
    fn new(field: &'static str) -> Self {
        Self {
            field,
            state: State::Between,
            kept: Vec::new(),
            expected: false,
            group: Vec::new(),
            padded: false,
            broken: false,
            value: Vec::new(),
            taken: 0,
        }
    }

    /// Reads on. `found` gets each value as soon as it is complete, in order. Gives back false when beside what is taken out
    /// there is more than any answer holds.
    fn push(&mut self, bytes: &[u8], found: &mut dyn FnMut(Taken)) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Between => self.between(rest),
                State::Text { start, escaped } => self.text(rest, start, escaped),
                State::Base64 { escaped } => self.base64(rest, escaped, found),
                State::List {
                    depth,
                    quoted,
                    escaped,
                } => self.list(rest, depth, quoted, escaped, found),
            };
            // A list is taken out as it is; decoded data is for whoever takes it to hold against a limit.
            let list = matches!(self.state, State::List { .. });
            if self.kept.len() > LARGEST || (list && self.value.len() > LARGEST) {
                return false;
            }
        }
        true
    }

    /// The JSON that was kept. Each value that was taken out is a number there, counted from 0.
    fn finish(self) -> Vec<u8> {
        self.kept
    }

    fn between<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (byte, rest) = (bytes[0], &bytes[1..]);
        match byte {
            b'"' if self.expected => {
                self.expected = false;
                self.state = State::Base64 { escaped: false };
                return rest;
            }
            b'[' if self.expected => {
                self.expected = false;
                self.state = State::List {
                    depth: 0,
                    quoted: false,
                    escaped: false,
                };
                return bytes;
            }
            b'"' => {
                self.state = State::Text {
                    start: self.kept.len() + 1,
                    escaped: false,
                }
            }
            b':' | b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => self.expected = false,
        }
        self.kept.push(byte);
        rest
    }

    fn text<'a>(&mut self, bytes: &'a [u8], start: usize, escaped: bool) -> &'a [u8] {
        if escaped {
            self.state = State::Text {
                start,
                escaped: false,
            };
            self.kept.push(bytes[0]);
            return &bytes[1..];
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        let taken = end.map_or(bytes.len(), |end| end + 1);
        self.kept.extend_from_slice(&bytes[..taken]);
        match end.map(|end| bytes[end]) {
            Some(b'"') => {
                self.expected = &self.kept[start..self.kept.len() - 1] == self.field.as_bytes();
                self.state = State::Between;
            }
            Some(_) => {
                self.state = State::Text {
                    start,
                    escaped: true,
                }
            }
            None => {}
        }
        &bytes[taken..]
    }

    fn list<'a>(
        &mut self,
        bytes: &'a [u8],
        mut depth: usize,
        mut quoted: bool,
        mut escaped: bool,
        found: &mut dyn FnMut(Taken),
    ) -> &'a [u8] {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b'[' if !quoted => depth += 1,
                b']' if !quoted => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.value.extend_from_slice(&bytes[..=at]);
                let list = std::mem::take(&mut self.value);
                self.hand_on(Taken::List(list), found);
                return &bytes[at + 1..];
            }
        }
        self.value.extend_from_slice(bytes);
        self.state = State::List {
            depth,
            quoted,
            escaped,
        };
        &[]
    }

    fn hand_on(&mut self, value: Taken, found: &mut dyn FnMut(Taken)) {
        found(value);
        self.kept
            .extend_from_slice(self.taken.to_string().as_bytes());
        self.taken += 1;
        self.state = State::Between;
    }

    fn base64<'a>(
        &mut self,
        bytes: &'a [u8],
        escaped: bool,
        found: &mut dyn FnMut(Taken),
    ) -> &'a [u8] {
        if escaped {
            // The one character of base64 that JSON writers escape is the slash. `\n` stands for a line break.
            match bytes[0] {
                b'/' => self.decode(b"/"),
                b'n' | b'r' => {}
                _ => self.broken = true,
            }
            self.state = State::Base64 { escaped: false };
            return &bytes[1..];
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        self.decode(&bytes[..end.unwrap_or(bytes.len())]);
        match end.map(|end| bytes[end]) {
            Some(b'"') => {
                self.close();
                let bytes = std::mem::take(&mut self.value);
                let taken = if std::mem::take(&mut self.broken) {
                    Taken::Broken
                } else {
                    Taken::Bytes(bytes)
                };
                self.hand_on(taken, found);
            }
            Some(_) => self.state = State::Base64 { escaped: true },
            None => {}
        }
        end.map_or(&[], |end| &bytes[end + 1..])
    }

    /// Decodes all whole groups of four; what is left waits for more.
    fn decode(&mut self, text: &[u8]) {
        let mut text = text;
        if !self.group.is_empty() {
            let missing = (4 - self.group.len()).min(text.len());
            self.group.extend_from_slice(&text[..missing]);
            text = &text[missing..];
            if self.group.len() < 4 {
                return;
            }
            let group = std::mem::take(&mut self.group);
            self.append(&group);
        }
        let whole = text.len() - text.len() % 4;
        self.append(&text[..whole]);
        self.group.extend_from_slice(&text[whole..]);
    }

    /// Decodes what is left at the end, for writers that leave the padding out.
    fn close(&mut self) {
        let mut group = std::mem::take(&mut self.group);
        if group.len() > 1 {
            group.resize(4, b'=');
        }
        self.append(&group);
        self.padded = false;
    }

    fn append(&mut self, groups: &[u8]) {
        if groups.is_empty() || self.broken {
            return;
        }
        let behind_padding = std::mem::replace(&mut self.padded, groups.ends_with(b"="));
        if behind_padding || STANDARD.decode_vec(groups, &mut self.value).is_err() {
            self.broken = true;
            self.value.clear();
        }
    }
}

#[cfg(test)]
mod tests;
