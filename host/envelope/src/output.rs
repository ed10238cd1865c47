//! Results, one shape for each kind of capability.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::ErrorBody;

/// One result. The shape follows from the envelope's capability; there is no tag in the document.
// Reading tries the variants from top to bottom, so the ones with more required fields stand first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Output {
    /// In place of a result, where others of the same call succeeded.
    Failed(FailedOutput),
    /// Of `embedding.create`.
    Embedding(EmbeddingOutput),
    /// Of `web.search`.
    Search(SearchOutput),
    /// Of `web.fetch`.
    Fetch(FetchOutput),
    /// Of `image.describe`, `image.describe-many`, `audio.transcribe`, `video.describe`.
    Description(DescriptionOutput),
    /// Of `image.generate`, `image.edit`, `tts.convert`, `video.generate`, and of a model that makes media.
    Media(MediaOutput),
    /// Of `model.run`.
    Text(TextOutput),
}

/// The text of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct TextOutput {
    /// The answer, without reasoning.
    pub text: String,
}

/// A media file that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MediaOutput {
    /// Where the file is; `-` when it went to stdout.
    pub path: String,
    /// Its media type, found from the bytes.
    pub mime_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Width in pixels, found from the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, found from the bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Length of a recording or film in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Samples a second of a recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// The prompt as the provider rewrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revised_prompt: Option<String>,
}

/// What a text about media is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TextKind {
    /// What a picture shows.
    #[serde(rename = "image.description")]
    ImageDescription,
    /// What is said in a recording.
    #[serde(rename = "audio.transcription")]
    AudioTranscription,
    /// What a film shows.
    #[serde(rename = "video.description")]
    VideoDescription,
}

/// A stretch of speech.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Segment {
    /// When it starts, in seconds from the start of the recording.
    pub start: f64,
    /// When it ends, in seconds from the start of the recording.
    pub end: f64,
    /// What is said.
    pub text: String,
    /// Who speaks, where the provider tells speakers apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
}

/// Media in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DescriptionOutput {
    /// The file or URL that is described, as the caller gave it.
    pub path: String,
    /// The words.
    pub text: String,
    /// What the words are.
    pub kind: TextKind,
    /// The language spoken, as the provider names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Stretches of speech in order, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
}

/// A text and its vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct EmbeddingOutput {
    /// The text.
    pub text: String,
    /// Its vector; every number is finite.
    pub embedding: Vec<f32>,
    /// How many numbers the vector has.
    pub dimensions: u32,
}

/// Results of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SearchOutput {
    /// Best first.
    pub results: Vec<SearchResult>,
    /// A summary in the provider's words, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Every text in the results was written by strangers.
    pub untrusted: Untrusted,
}

/// A page that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SearchResult {
    /// The page's title.
    pub title: String,
    /// The page's address.
    pub url: String,
    /// A piece of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
    /// When it was published, as the provider writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
}

/// A page that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FetchOutput {
    /// The address that was asked for.
    pub url: String,
    /// Where the page was found after redirects.
    pub final_url: String,
    /// The page's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The content.
    pub text: String,
    /// What the content is: `markdown`, `text` or `html`.
    pub format: String,
    /// Whether the page goes on after the content; left out when the content is all of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Title and content were written by strangers.
    pub untrusted: Untrusted,
}

/// Stands where a result would, when others of the same call succeeded, so that results stay in the order of what was
/// asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FailedOutput {
    /// The file or URL that went in, where the result belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the words would have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TextKind>,
    /// Why it is not there.
    pub error: ErrorBody,
}

/// The mark of text that came from the web: `true` in the document, and never anything else.
///
/// A program that hands such text to a model must expect instructions in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Untrusted;

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(true)
    }
}

impl<'de> Deserialize<'de> for Untrusted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match bool::deserialize(deserializer)? {
            true => Ok(Self),
            false => Err(de::Error::custom("text from the web is always untrusted")),
        }
    }
}

impl JsonSchema for Untrusted {
    fn schema_name() -> Cow<'static, str> {
        "Untrusted".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "boolean",
            "const": true,
            "description": "The mark of text that came from the web: `true`, and never anything else."
        })
    }
}
