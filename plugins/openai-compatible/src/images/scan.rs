//! Pictures out of a JSON answer, without holding the answer.
//!
//! An answer with ten pictures of some megabytes each, in base64, is larger than a component's memory should be. The
//! scanner reads it as it comes: it decodes the value of each `b64_json` on the way, hands the bytes out picture by
//! picture, and keeps the rest of the JSON, with the picture's number in place of its data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The field whose value is a picture.
const FIELD: &[u8] = b"b64_json";

/// The most JSON that is kept beside the pictures.
const LARGEST: usize = 4 << 20;

/// What the scanner came upon that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The value of a `b64_json` is not base64.
    NotBase64,
    /// Beside the pictures there is more than any answer holds.
    TooLarge,
}

/// Where the scanner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Outside strings.
    Between,
    /// In a string that is kept. It began at this place in what is kept.
    Text { start: usize, escaped: bool },
    /// In a picture's base64.
    Picture { escaped: bool },
}

/// Reads an answer piece by piece.
#[derive(Debug)]
pub(crate) struct Scanner {
    state: State,
    kept: Vec<u8>,
    /// Whether the last string was the name of a picture field and nothing but a colon came since.
    expects_picture: bool,
    /// Base64 characters that do not make a whole group yet.
    group: Vec<u8>,
    /// Whether padding was read, after which nothing may follow.
    padded: bool,
    picture: Vec<u8>,
    pictures: usize,
}

impl Scanner {
    /// A scanner before the first byte.
    pub(crate) fn new() -> Self {
        Self {
            state: State::Between,
            kept: Vec::new(),
            expects_picture: false,
            group: Vec::new(),
            padded: false,
            picture: Vec::new(),
            pictures: 0,
        }
    }

    /// Reads on. `found` gets each picture as soon as it is complete, in order.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        mut found: impl FnMut(Vec<u8>),
    ) -> Result<(), Fault> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.state {
                State::Between => self.between(rest),
                State::Text { start, escaped } => self.text(rest, start, escaped),
                State::Picture { escaped } => self.picture(rest, escaped, &mut found)?,
            };
            if self.kept.len() > LARGEST {
                return Err(Fault::TooLarge);
            }
        }
        Ok(())
    }

    /// The JSON that was kept. Each picture's data is the picture's number, counted from 0.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.kept
    }

    fn between<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((&byte, rest)) = bytes.split_first() else {
            return bytes;
        };
        if byte == b'"' && self.expects_picture {
            self.expects_picture = false;
            self.state = State::Picture { escaped: false };
            return rest;
        }
        if byte == b'"' {
            self.state = State::Text {
                start: self.kept.len() + 1,
                escaped: false,
            };
        } else if byte != b':' && !byte.is_ascii_whitespace() {
            self.expects_picture = false;
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
                self.expects_picture = &self.kept[start..self.kept.len() - 1] == FIELD;
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

    fn picture<'a>(
        &mut self,
        bytes: &'a [u8],
        escaped: bool,
        found: &mut impl FnMut(Vec<u8>),
    ) -> Result<&'a [u8], Fault> {
        if escaped {
            // The one character of base64 that JSON writers escape is the slash. `\n` stands for a line break.
            match bytes[0] {
                b'/' => self.decode(b"/")?,
                b'n' | b'r' => {}
                _ => return Err(Fault::NotBase64),
            }
            self.state = State::Picture { escaped: false };
            return Ok(&bytes[1..]);
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        self.decode(&bytes[..end.unwrap_or(bytes.len())])?;
        match end.map(|end| bytes[end]) {
            Some(b'"') => {
                self.close()?;
                found(std::mem::take(&mut self.picture));
                self.kept
                    .extend_from_slice(self.pictures.to_string().as_bytes());
                self.pictures += 1;
                self.state = State::Between;
            }
            Some(_) => self.state = State::Picture { escaped: true },
            None => {}
        }
        Ok(end.map_or(&[], |end| &bytes[end + 1..]))
    }

    /// Decodes all whole groups of four; what is left waits for more.
    fn decode(&mut self, text: &[u8]) -> Result<(), Fault> {
        let mut text = text;
        if !self.group.is_empty() {
            let missing = (4 - self.group.len()).min(text.len());
            self.group.extend_from_slice(&text[..missing]);
            text = &text[missing..];
            if self.group.len() < 4 {
                return Ok(());
            }
            let group = std::mem::take(&mut self.group);
            self.append(&group)?;
        }
        let whole = text.len() - text.len() % 4;
        self.append(&text[..whole])?;
        self.group.extend_from_slice(&text[whole..]);
        Ok(())
    }

    /// Decodes what is left at the end, for writers that leave the padding out.
    fn close(&mut self) -> Result<(), Fault> {
        let mut group = std::mem::take(&mut self.group);
        if group.len() > 1 {
            group.resize(4, b'=');
        }
        self.append(&group)?;
        self.padded = false;
        Ok(())
    }

    fn append(&mut self, groups: &[u8]) -> Result<(), Fault> {
        if groups.is_empty() {
            return Ok(());
        }
        if self.padded {
            return Err(Fault::NotBase64);
        }
        self.padded = groups.ends_with(b"=");
        STANDARD
            .decode_vec(groups, &mut self.picture)
            .map_err(|_| Fault::NotBase64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Pictures and the rest of the JSON, read in pieces of these lengths.
    fn scan(text: &[u8], cuts: &[usize]) -> Result<(Vec<Vec<u8>>, Vec<u8>), Fault> {
        let mut scanner = Scanner::new();
        let mut pictures = Vec::new();
        let mut rest = text;
        for cut in cuts {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            scanner.push(piece, |picture| pictures.push(picture))?;
            rest = after;
        }
        scanner.push(rest, |picture| pictures.push(picture))?;
        Ok((pictures, scanner.finish()))
    }

    #[test]
    fn pictures_are_taken_out() {
        let text = br#"{"data": [{"b64_json" : "SGVsbG8=", "revised_prompt": "\"b64_json\""}, {"b64_json":"\/\/8"}], "size": "b64_json"}"#;
        let (pictures, kept) = scan(text, &[]).expect("base64");
        assert_eq!(pictures, [b"Hello".to_vec(), vec![0xff, 0xff]]);
        assert_eq!(
            serde_json::from_slice::<Value>(&kept).expect("JSON"),
            json!({"data": [{"b64_json": 0, "revised_prompt": "\"b64_json\""}, {"b64_json": 1}], "size": "b64_json"})
        );
    }

    #[test]
    fn a_name_as_a_value_is_no_name() {
        let text =
            br#"{"a": ["b64_json", "SGVsbG8="], "b64_json": null, "b": "x", "b64_json": ["x"]}"#;
        let (pictures, kept) = scan(text, &[]).expect("no picture");
        assert!(pictures.is_empty());
        assert_eq!(kept, text);
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for value in ["****", "SGVs=G8=", "S", "SGVsbG8=SGVs", "\\u0041"] {
            let text = format!("{{\"b64_json\":\"{value}\"}}");
            assert_eq!(scan(text.as_bytes(), &[]), Err(Fault::NotBase64), "{value}");
        }
    }

    #[test]
    fn endless_json_is_refused() {
        let text = format!("\"{}\"", "x".repeat(LARGEST + 1));
        assert_eq!(scan(text.as_bytes(), &[]), Err(Fault::TooLarge));
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            pictures in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..4),
            words in ".{0,20}",
            cuts in prop::collection::vec(0usize..40, 0..30),
        ) {
            let data: Vec<Value> = pictures
                .iter()
                .map(|picture| json!({"revised_prompt": words, "b64_json": STANDARD.encode(picture)}))
                .collect();
            let text = json!({"data": data, "size": words}).to_string();
            let (found, kept) = scan(text.as_bytes(), &cuts).expect("base64");
            prop_assert_eq!(found, pictures);
            let kept: Value = serde_json::from_slice(&kept).expect("JSON");
            prop_assert_eq!(kept["size"].as_str(), Some(words.as_str()));
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), cuts in prop::collection::vec(0usize..20, 0..10)) {
            let _ = scan(&bytes, &cuts);
        }

        #[test]
        fn any_json_is_kept(value in crate::tests::any_json(), cuts in prop::collection::vec(0usize..20, 0..10)) {
            let text = value.to_string();
            let whole = scan(text.as_bytes(), &[]);
            prop_assert_eq!(&whole, &scan(text.as_bytes(), &cuts));
            if let Ok((_, kept)) = whole {
                prop_assert!(serde_json::from_slice::<Value>(&kept).is_ok());
            }
        }
    }
}
