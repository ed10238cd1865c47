//! What a provider says of each family it serves: one section of the manifest, one type here.
//!
//! Names in the manifest are those of the fields, with `-` for `_`. A list that is empty or a switch that is false means that the
//! provider does not support the hint. Models are listed so that they can be shown and defaults checked; a caller may name others.

use serde::Serialize;

fn none<T: PartialEq + Default>(value: &T) -> bool {
    *value == T::default()
}

/// `[model]`: language models.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ModelSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<ModelEntry>,
    /// The model that describes pictures when the caller names none. Where the manifest does not say: the default model when it
    /// takes pictures, else the first model listed that does.
    #[serde(skip_serializing_if = "none")]
    pub describe_image: Option<String>,
    /// The model that describes films when the caller names none; as for pictures where the manifest does not say.
    #[serde(skip_serializing_if = "none")]
    pub describe_video: Option<String>,
}

/// A language model. In the manifest a string stands for an entry with that id alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ModelEntry {
    /// The provider's id of the model.
    pub id: String,
    /// A name for people.
    #[serde(skip_serializing_if = "none")]
    pub name: Option<String>,
    /// What it takes: `text`, `image`, `audio`, `video`, `file`. `text` alone unless the manifest says otherwise.
    pub input: Vec<String>,
    /// Tokens it can attend to.
    #[serde(skip_serializing_if = "none")]
    pub context_window: Option<u64>,
    /// Tokens it can generate.
    #[serde(skip_serializing_if = "none")]
    pub max_output_tokens: Option<u64>,
    /// Whether it can reason before it answers.
    #[serde(skip_serializing_if = "none")]
    pub reasoning: bool,
}

/// `[image]`: making and changing pictures. At least one of `generate` and `edit` is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImageSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<String>,
    /// How it draws; none when it cannot.
    #[serde(skip_serializing_if = "none")]
    pub generate: Option<ImageModes>,
    /// How it changes pictures; none when it cannot.
    #[serde(skip_serializing_if = "none")]
    pub edit: Option<ImageModes>,
}

/// What can be asked of pictures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ImageModes {
    /// The most pictures one request makes; 1 unless the manifest says otherwise, 100 at most.
    pub max_count: u32,
    /// The most pictures to start from, for `edit` alone. None: the provider names no limit.
    #[serde(skip_serializing_if = "none")]
    pub max_input_images: Option<u32>,
    /// Sizes in pixels: `1024x1024`.
    #[serde(skip_serializing_if = "none")]
    pub sizes: Vec<String>,
    /// Aspect ratios: `16:9`.
    #[serde(skip_serializing_if = "none")]
    pub aspect_ratios: Vec<String>,
    /// Resolution classes: `1K`, `2K`, `4K`.
    #[serde(skip_serializing_if = "none")]
    pub resolutions: Vec<String>,
    /// File formats: `png`, `jpeg`, `webp`.
    #[serde(skip_serializing_if = "none")]
    pub output_formats: Vec<String>,
    /// Backgrounds: `transparent`, `opaque`, `auto`.
    #[serde(skip_serializing_if = "none")]
    pub backgrounds: Vec<String>,
    /// Qualities, in the provider's own words.
    #[serde(skip_serializing_if = "none")]
    pub qualities: Vec<String>,
    /// Strictness of the provider's content filter, in its own words.
    #[serde(skip_serializing_if = "none")]
    pub moderations: Vec<String>,
}

impl Default for ImageModes {
    /// One picture and no hints.
    fn default() -> Self {
        Self {
            max_count: 1,
            max_input_images: None,
            sizes: Vec::new(),
            aspect_ratios: Vec::new(),
            resolutions: Vec::new(),
            output_formats: Vec::new(),
            backgrounds: Vec::new(),
            qualities: Vec::new(),
            moderations: Vec::new(),
        }
    }
}

/// `[transcription]`: speech to text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TranscriptionSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<String>,
    /// Whether the language can be named.
    #[serde(skip_serializing_if = "none")]
    pub language: bool,
    /// Whether words, names or a style to expect can be given.
    #[serde(skip_serializing_if = "none")]
    pub prompt: bool,
    /// How finely the text can be timed: `segment`, `word`.
    #[serde(skip_serializing_if = "none")]
    pub timestamps: Vec<String>,
    /// The longest recording taken, in bytes. Written `"25MiB"`.
    #[serde(skip_serializing_if = "none", serialize_with = "size")]
    pub max_size: Option<u64>,
}

/// `[speech]`: text to speech.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SpeechSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<String>,
    /// The voice used when the caller names none. One of `voices`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_voice: Option<String>,
    /// Voices worth showing, by the provider's id.
    #[serde(skip_serializing_if = "none")]
    pub voices: Vec<String>,
    /// File formats: `mp3`, `wav`, `opus`, `aac`, `flac`, `pcm`.
    #[serde(skip_serializing_if = "none")]
    pub output_formats: Vec<String>,
    /// Whether the speed can be chosen.
    #[serde(skip_serializing_if = "none")]
    pub speed: bool,
    /// Whether it can be told how to say the text.
    #[serde(skip_serializing_if = "none")]
    pub instructions: bool,
    /// Whether the language can be named.
    #[serde(skip_serializing_if = "none")]
    pub language: bool,
    /// The longest text one request takes, in characters.
    #[serde(skip_serializing_if = "none")]
    pub max_characters: Option<u32>,
}

/// `[video]`: making film.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VideoSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<String>,
    /// What it can start from: `first-frame`, `last-frame`, `reference`, `source-video`.
    #[serde(skip_serializing_if = "none")]
    pub references: Vec<String>,
    /// The most pieces of media to start from. None: the provider names no limit.
    #[serde(skip_serializing_if = "none")]
    pub max_references: Option<u32>,
    /// Sizes in pixels: `1280x720`.
    #[serde(skip_serializing_if = "none")]
    pub sizes: Vec<String>,
    /// Aspect ratios: `16:9`.
    #[serde(skip_serializing_if = "none")]
    pub aspect_ratios: Vec<String>,
    /// Resolution classes: `360P` to `1080P`.
    #[serde(skip_serializing_if = "none")]
    pub resolutions: Vec<String>,
    /// Lengths that can be asked for, in seconds.
    #[serde(skip_serializing_if = "none")]
    pub durations: Vec<u32>,
    /// Whether sound can be switched.
    #[serde(skip_serializing_if = "none")]
    pub audio: bool,
    /// Whether the watermark can be switched.
    #[serde(skip_serializing_if = "none")]
    pub watermark: bool,
}

/// `[search]`: searching the web.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SearchSpec {
    /// The most results one request gives. None: the provider names no limit.
    #[serde(skip_serializing_if = "none")]
    pub max_results: Option<u32>,
    /// Whether the age of results can be bounded.
    #[serde(skip_serializing_if = "none")]
    pub freshness: bool,
    /// Whether the searcher's region can be named.
    #[serde(skip_serializing_if = "none")]
    pub region: bool,
    /// Whether the language of results can be named.
    #[serde(skip_serializing_if = "none")]
    pub language: bool,
    /// Whether domains can be included and excluded.
    #[serde(skip_serializing_if = "none")]
    pub domains: bool,
}

/// `[fetch]`: reading one page of the web.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FetchSpec {
    /// What it can turn a page into: `markdown`, `text`, `html`. Never empty.
    pub formats: Vec<String>,
}

/// `[embedding]`: vectors for texts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EmbeddingSpec {
    /// The model used when the caller names none. One of `models`, when there are any.
    #[serde(skip_serializing_if = "none")]
    pub default_model: Option<String>,
    /// Models worth showing.
    #[serde(skip_serializing_if = "none")]
    pub models: Vec<EmbeddingModel>,
    /// Whether the length of vectors can be chosen.
    #[serde(skip_serializing_if = "none")]
    pub dimensions: bool,
    /// The most texts one request takes. None: the provider names no limit.
    #[serde(skip_serializing_if = "none")]
    pub max_texts: Option<u32>,
}

/// An embedding model. In the manifest a string stands for an entry with that id alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EmbeddingModel {
    /// The provider's id of the model.
    pub id: String,
    /// How many numbers its vectors have when the caller asks for none.
    #[serde(skip_serializing_if = "none")]
    pub dimensions: Option<u32>,
}

#[expect(clippy::ref_option, reason = "the shape that serialize_with asks for")]
fn size<S: serde::Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(crate::limits::format_size).serialize(serializer)
}
