//! Media inside JSON, without the media passing through the component.

use super::Part;
use crate::{Blob, Failure, Result};
use serde_json::Value;

/// The only key of a marker. No JSON that a person or a program writes has it; text never does, being no object.
const MARKER: &str = "\0chela:blob";

/// The blobs of one JSON body.
///
/// Each blob is handed in once and gives back a marker to put where its text belongs:
///
/// ```no_run
/// # fn ask(picture: &chela_sdk::Blob) -> chela_sdk::Result<()> {
/// use chela_sdk::http::{self, Blobs};
///
/// let mut blobs = Blobs::new();
/// let body = serde_json::json!({ "image_url": { "url": blobs.data_url(picture) } });
/// http::endpoint("api").post("/describe").json_with_blobs(&body, &blobs).send()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Blobs<'a> {
    held: Vec<Held<'a>>,
}

#[derive(Debug)]
struct Held<'a> {
    /// What stands before the base64, inside the same JSON string.
    prefix: String,
    blob: &'a Blob,
}

impl<'a> Blobs<'a> {
    /// No blobs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A marker for the blob in base64, as a JSON string.
    pub fn base64(&mut self, blob: &'a Blob) -> Value {
        self.hold(String::new(), blob)
    }

    /// A marker for the blob as a `data:` URL (RFC 2397), as a JSON string.
    pub fn data_url(&mut self, blob: &'a Blob) -> Value {
        self.hold(format!("data:{};base64,", blob.mime_type()), blob)
    }

    fn hold(&mut self, prefix: String, blob: &'a Blob) -> Value {
        let mut marker = serde_json::Map::new();
        marker.insert(MARKER.to_owned(), Value::from(self.held.len()));
        self.held.push(Held { prefix, blob });
        Value::Object(marker)
    }

    /// The JSON text of a value, cut where the blobs go in.
    pub(super) fn splice(&self, value: &Value) -> Result<Vec<Part<'a>>> {
        let mut parts = Vec::new();
        let mut text = Vec::new();
        self.write(value, &mut text, &mut parts)?;
        parts.push(Part::Bytes(text));
        Ok(parts)
    }

    fn write(&self, value: &Value, text: &mut Vec<u8>, parts: &mut Vec<Part<'a>>) -> Result<()> {
        match value {
            Value::Object(fields) => {
                if let Some(index) = fields.get(MARKER) {
                    return self.write_blob(index, text, parts);
                }
                text.push(b'{');
                for (position, (name, field)) in fields.iter().enumerate() {
                    if position > 0 {
                        text.push(b',');
                    }
                    write_leaf(name, text)?;
                    text.push(b':');
                    self.write(field, text, parts)?;
                }
                text.push(b'}');
                Ok(())
            }
            Value::Array(items) => {
                text.push(b'[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        text.push(b',');
                    }
                    self.write(item, text, parts)?;
                }
                text.push(b']');
                Ok(())
            }
            leaf => write_leaf(leaf, text),
        }
    }

    fn write_blob(
        &self,
        index: &Value,
        text: &mut Vec<u8>,
        parts: &mut Vec<Part<'a>>,
    ) -> Result<()> {
        let held = index
            .as_u64()
            .and_then(|index| self.held.get(usize::try_from(index).ok()?));
        let Some(held) = held else {
            return Err(Failure::internal(
                "the request names a blob of another request",
            ));
        };
        text.push(b'"');
        text.extend_from_slice(held.prefix.as_bytes());
        parts.push(Part::Bytes(std::mem::take(text)));
        parts.push(Part::Base64(held.blob));
        text.push(b'"');
        Ok(())
    }
}

fn write_leaf(value: &(impl serde::Serialize + ?Sized), text: &mut Vec<u8>) -> Result<()> {
    // Memory takes all bytes, and strings and values have no form that JSON lacks: what the error would say is not worth the
    // code that says it, which is that of every error of the standard library.
    serde_json::to_writer(text, value)
        .map_err(|_| Failure::internal("the request cannot be written as JSON"))
}
