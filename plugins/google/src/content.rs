//! What all that one method of the API makes has in common: parts, media, and what is laid over a request.
//!
//! Follows <https://ai.google.dev/api/caching#Content>.

use chela_dialect::loose::{object, set, text_field};
use chela_dialect::{extra, levels};
use chela_sdk::http::Blobs;
use chela_sdk::media::Source;
use chela_sdk::{Blob, NamedValue, Result};
use serde_json::{Map, Value};

use crate::files;

/// Media types by the end of a URL's path, for media that the provider reads itself.
const KNOWN: &[(&str, &str)] = &[
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".webp", "image/webp"),
    (".heic", "image/heic"),
    (".mp3", "audio/mp3"),
    (".wav", "audio/wav"),
    (".flac", "audio/flac"),
    (".ogg", "audio/ogg"),
    (".mp4", "video/mp4"),
    (".mov", "video/quicktime"),
    (".webm", "video/webm"),
    (".pdf", "application/pdf"),
    (".txt", "text/plain"),
];

/// A part of text.
pub(crate) fn text_part(text: &str) -> Value {
    object! {"text": text}
}

/// A turn of a conversation.
pub(crate) fn turn(role: &str, parts: Vec<Value>) -> Value {
    object! {"role": role, "parts": parts}
}

/// The parts of an answer's one candidate, but for what the model thought.
pub(crate) fn parts(answer: &Value) -> impl Iterator<Item = &Value> {
    answer
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|part| part.get("thought") != Some(&Value::Bool(true)))
}

/// What an answer says in words.
pub(crate) fn words(answer: &Value) -> String {
    parts(answer)
        .filter_map(|part| text_field(part, "text"))
        .collect()
}

/// The media of one request: in the request itself as long as there is room for them, uploaded before it otherwise.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    blobs: Blobs<'a>,
    /// Bytes of base64 that there is room for.
    room: u64,
}

impl<'a> Inputs<'a> {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            blobs: Blobs::new(),
            // Where the manifest says nothing, there is no other way to send them.
            room: levels::setting("inlineBytes").as_u64().unwrap_or(u64::MAX),
        }
    }

    /// A part with media that the host holds.
    pub(crate) fn part(&mut self, blob: &'a Blob) -> Result<Value> {
        let encoded = blob.size().div_ceil(3).saturating_mul(4);
        let Some(room) = self.room.checked_sub(encoded) else {
            return files::upload(blob);
        };
        self.room = room;
        let data = object! {"mimeType": blob.mime_type().as_str(), "data": self.blobs.base64(blob)};
        Ok(object! {"inlineData": data})
    }

    /// A part with media, wherever it is.
    pub(crate) fn media(&mut self, source: &'a Source) -> Result<Value> {
        match source {
            Source::Blob(blob) => self.part(blob),
            Source::Url(url) => {
                let mut file = Map::new();
                set(&mut file, "fileUri", url.as_str());
                if let Some(kind) = kind_of(url) {
                    set(&mut file, "mimeType", kind);
                }
                Ok(object! {"fileData": Value::Object(file)})
            }
        }
    }

    /// Those that go into the request.
    pub(crate) fn blobs(&self) -> &Blobs<'a> {
        &self.blobs
    }
}

/// The media type that a URL's path ends in, where it tells one.
fn kind_of(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(end, _)| path.ends_with(end))
        .map(|(_, kind)| *kind)
}

/// A request of contents and of what is said of generating. Further fields are laid over it; those of `generationConfig` join
/// the ones that are there.
pub(crate) fn request(
    contents: Vec<Value>,
    mut config: Map<String, Value>,
    mut fields: Map<String, Value>,
    extra: &[NamedValue],
) -> Result<Value> {
    extra::lay_over(&mut fields, extra, &["contents"])?;
    if let Some(Value::Object(over)) = fields.remove("generationConfig") {
        for (name, value) in over {
            config.insert(name, value);
        }
    }
    set(&mut fields, "contents", contents);
    if !config.is_empty() {
        set(&mut fields, "generationConfig", Value::Object(config));
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_its_kind_by_its_end() {
        for (url, kind) in [
            ("https://a.example/x.JPG?hmac=1", Some("image/jpeg")),
            ("https://a.example/film.mp4#t=1", Some("video/mp4")),
            ("https://a.example/x", None),
            ("https://youtu.be/abc", None),
        ] {
            assert_eq!(kind_of(url), kind, "{url}");
        }
    }
}
