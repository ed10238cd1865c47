//! What listings print: records with the same names everywhere. Field order is the order of the document.

use serde::Serialize;

use crate::Auth;

/// A provider, as `… providers` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderRecord {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Whether its component is there and fits the contract.
    pub available: bool,
    /// Whether a manifest or a component was found at all.
    pub discoverable: bool,
    /// Whether its credential or its base URL is there.
    pub configured: bool,
    /// What came of looking for its credential; none for providers without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// Whether it would be used now.
    pub selected: bool,
    /// Why it would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_because: Option<String>,
    /// The model used when the caller names none.
    pub default_model: Option<String>,
    /// Models worth showing.
    pub models: Vec<String>,
    /// What can be asked of it.
    pub capabilities: Capabilities,
    /// The component it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentRecord>,
    /// The origins it may talk to; `public` for every public address.
    pub network: Vec<String>,
    /// Why it is not available or not configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The component of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentRecord {
    /// Where it comes from: `bundled`.
    pub source: &'static str,
    /// Its version.
    pub version: String,
    /// The digest of its bytes.
    pub digest: String,
    /// The version of the contract it was built for.
    pub contract: String,
}

/// What can be asked of a provider, by the family that was listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Capabilities {
    /// Of a language model.
    Model(ModelCapabilities),
    /// Of pictures.
    Image(Box<ImageCapabilities>),
    /// Of speech to text.
    Transcription(TranscriptionCapabilities),
    /// Of text to speech.
    Speech(SpeechCapabilities),
    /// Of film.
    Video(VideoCapabilities),
    /// Of web search.
    Search(SearchCapabilities),
    /// Of web pages.
    Fetch(FetchCapabilities),
    /// Of vectors.
    Embedding(EmbeddingCapabilities),
    /// Nothing that this chela understands.
    None {},
}

/// What can be asked of language models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelCapabilities {
    /// What some of its models take: `text`, `image`, `audio`, `video`, `file`.
    pub input: Vec<String>,
    /// Whether some of its models can reason.
    pub reasoning: bool,
    /// The model that describes pictures when the caller names none.
    pub describe_image: Option<String>,
    /// The model that describes films when the caller names none.
    pub describe_video: Option<String>,
}

/// What can be asked of pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageCapabilities {
    /// When drawing; none when it cannot.
    pub generate: Option<ImageModesRecord>,
    /// When changing pictures; none when it cannot.
    pub edit: Option<ImageModesRecord>,
}

/// Hints of one image operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageModesRecord {
    /// The most pictures of one request.
    pub max_count: u32,
    /// Sizes in pixels.
    pub sizes: Vec<String>,
    /// Aspect ratios.
    pub aspect_ratios: Vec<String>,
    /// Resolution classes.
    pub resolutions: Vec<String>,
    /// File formats.
    pub formats: Vec<String>,
    /// Backgrounds.
    pub backgrounds: Vec<String>,
    /// Qualities, in the provider's words.
    pub qualities: Vec<String>,
    /// Strictness of the content filter, in the provider's words.
    pub moderations: Vec<String>,
    /// The most pictures to start from, where a limit is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_input_images: Option<u32>,
}

/// What can be asked of speech to text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TranscriptionCapabilities {
    /// Whether the language can be named.
    pub language: bool,
    /// Whether words to expect can be given.
    pub prompt: bool,
    /// How finely the text can be timed.
    pub timestamps: Vec<String>,
    /// The longest recording, in bytes.
    pub max_size: Option<u64>,
}

/// What can be asked of text to speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpeechCapabilities {
    /// The voice used when the caller names none.
    pub default_voice: Option<String>,
    /// Voices worth showing.
    pub voices: Vec<String>,
    /// File formats.
    pub formats: Vec<String>,
    /// Whether the speed can be chosen.
    pub speed: bool,
    /// Whether it can be told how to speak.
    pub instructions: bool,
    /// The longest text, in characters.
    pub max_characters: Option<u32>,
}

/// What can be asked of film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoCapabilities {
    /// What it can start from.
    pub references: Vec<String>,
    /// The most files to start from, where a limit is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_references: Option<u32>,
    /// Sizes in pixels.
    pub sizes: Vec<String>,
    /// Aspect ratios.
    pub aspect_ratios: Vec<String>,
    /// Resolution classes.
    pub resolutions: Vec<String>,
    /// Lengths in seconds.
    pub durations: Vec<u32>,
    /// Whether sound can be switched.
    pub audio: bool,
    /// Whether the watermark can be switched.
    pub watermark: bool,
}

/// What can be asked of web search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchCapabilities {
    /// The most results of one request.
    pub max_results: Option<u32>,
    /// Whether the age of results can be bounded.
    pub freshness: bool,
    /// Whether a region can be named.
    pub region: bool,
    /// Whether a language can be named.
    pub language: bool,
    /// Whether domains can be named.
    pub domains: bool,
}

/// What can be asked of web pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchCapabilities {
    /// What a page can be turned into.
    pub formats: Vec<String>,
}

/// What can be asked of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmbeddingCapabilities {
    /// Whether the length of vectors can be chosen.
    pub dimensions: bool,
    /// The most texts of one request.
    pub max_texts: Option<u32>,
}

/// A model, as `model list` and `model inspect` print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelRecord {
    /// Its reference: `<provider>/<model>`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Its provider.
    pub provider: String,
    /// The provider's id of it.
    pub model: String,
    /// Whether its provider can run.
    pub available: bool,
    /// Whether its provider's credential or base URL is there.
    pub configured: bool,
    /// Whether it would be used now.
    pub selected: bool,
    /// Why it would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_because: Option<String>,
    /// Other names for it, from the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The families it is listed for: `model`, `image`, `embedding`.
    pub capabilities: Vec<&'static str>,
    /// What it takes; empty where nothing is said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<String>,
    /// Tokens it can attend to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Tokens it can generate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// Whether it can reason before it answers; none for models that are not language models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// How many numbers its vectors have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// Why its provider is not available or not configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
