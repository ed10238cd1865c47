//! What a person can ask for.

use std::fmt;

use chela_config::Use;
use chela_envelope::capability as id;
use chela_manifest::{Family, Manifest};
use serde::{Serialize, Serializer};

/// A capability: one thing that can be asked of a provider. Several can share a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// `model.run`: text.
    ModelRun,
    /// `image.generate`: pictures from words.
    ImageGenerate,
    /// `image.edit`: pictures from pictures.
    ImageEdit,
    /// `image.describe`: a picture in words, by a language model.
    ImageDescribe,
    /// `audio.transcribe`: speech in words.
    AudioTranscribe,
    /// `tts.convert`: words as speech.
    TtsConvert,
    /// `video.generate`: film from words.
    VideoGenerate,
    /// `video.describe`: a film in words, by a language model.
    VideoDescribe,
    /// `web.search`.
    WebSearch,
    /// `web.fetch`: one page.
    WebFetch,
    /// `embedding.create`: vectors for texts.
    EmbeddingCreate,
}

impl Capability {
    /// Every capability, in the order of the command tree.
    pub const ALL: [Self; 11] = [
        Self::ModelRun,
        Self::ImageGenerate,
        Self::ImageEdit,
        Self::ImageDescribe,
        Self::AudioTranscribe,
        Self::TtsConvert,
        Self::VideoGenerate,
        Self::VideoDescribe,
        Self::WebSearch,
        Self::WebFetch,
        Self::EmbeddingCreate,
    ];

    /// Its id, as in the envelope: `image.generate`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ModelRun => id::MODEL_RUN,
            Self::ImageGenerate => id::IMAGE_GENERATE,
            Self::ImageEdit => id::IMAGE_EDIT,
            Self::ImageDescribe => id::IMAGE_DESCRIBE,
            Self::AudioTranscribe => id::AUDIO_TRANSCRIBE,
            Self::TtsConvert => id::TTS_CONVERT,
            Self::VideoGenerate => id::VIDEO_GENERATE,
            Self::VideoDescribe => id::VIDEO_DESCRIBE,
            Self::WebSearch => id::WEB_SEARCH,
            Self::WebFetch => id::WEB_FETCH,
            Self::EmbeddingCreate => id::EMBEDDING_CREATE,
        }
    }

    /// The family of the contract that serves it.
    pub fn family(self) -> Family {
        match self {
            Self::ModelRun | Self::ImageDescribe | Self::VideoDescribe => Family::Model,
            Self::ImageGenerate | Self::ImageEdit => Family::Image,
            Self::AudioTranscribe => Family::Transcription,
            Self::TtsConvert => Family::Speech,
            Self::VideoGenerate => Family::Video,
            Self::WebSearch => Family::Search,
            Self::WebFetch => Family::Fetch,
            Self::EmbeddingCreate => Family::Embedding,
        }
    }

    /// The key of the configuration that chooses for it, where there is one.
    pub fn configured_use(self) -> Option<Use> {
        match self {
            Self::ModelRun => Some(Use::Text),
            Self::ImageGenerate | Self::ImageEdit => Some(Use::ImageGeneration),
            Self::ImageDescribe => Some(Use::ImageDescription),
            Self::VideoGenerate => Some(Use::VideoGeneration),
            Self::EmbeddingCreate => Some(Use::Embedding),
            Self::AudioTranscribe
            | Self::TtsConvert
            | Self::VideoDescribe
            | Self::WebSearch
            | Self::WebFetch => None,
        }
    }

    /// Whether a provider with that manifest can be asked for it at all. With a model of the caller's choice, a language model provider
    /// can be asked to describe: which models see is for the provider to know.
    pub fn is_served_by(self, manifest: &Manifest) -> bool {
        match self {
            Self::ImageGenerate => manifest
                .image
                .as_ref()
                .is_some_and(|image| image.generate.is_some()),
            Self::ImageEdit => manifest
                .image
                .as_ref()
                .is_some_and(|image| image.edit.is_some()),
            _ => manifest.serves(self.family()),
        }
    }

    /// Whether a request for it names a model.
    pub fn takes_model(self) -> bool {
        !matches!(self, Self::WebSearch | Self::WebFetch)
    }

    /// The model used when the caller names none.
    pub fn default_model(self, manifest: &Manifest) -> Option<&str> {
        let spec = || manifest.model.as_ref();
        match self {
            Self::ImageDescribe => spec()?
                .describe_image
                .as_deref()
                .or_else(|| sees(manifest, "image")),
            Self::VideoDescribe => spec()?
                .describe_video
                .as_deref()
                .or_else(|| sees(manifest, "video")),
            _ => manifest.default_model(self.family()),
        }
    }
}

/// The default text model when it takes that medium, else the first listed model that does.
fn sees<'m>(manifest: &'m Manifest, medium: &str) -> Option<&'m str> {
    let spec = manifest.model.as_ref()?;
    let mut able = spec
        .models
        .iter()
        .filter(|model| model.input.iter().any(|input| input == medium))
        .map(|model| &*model.id);
    let default = spec
        .default_model
        .as_deref()
        .filter(|id| able.clone().any(|able| able == *id));
    default.or_else(|| able.next())
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
