//! The configuration as a whole.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use chela_manifest::ProviderId;

use crate::{ConfigError, ModelRef, ProviderConfig, Tools, Tts};

/// The most bytes of a configuration file.
pub const MAX_SIZE: usize = 1 << 20;

/// A configuration that was read. The default is what an empty file says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// `agents`: which models are used for what.
    pub agents: Agents,
    /// `models`: providers.
    pub models: Models,
    /// `tools`: who is asked on the web, and who understands media.
    pub tools: Tools,
    /// `tts`, or `messages.tts`: speech. Where both are there, `tts` counts.
    pub tts: Tts,
}

/// `agents`.
#[derive(Debug, Clone, Default)]
pub struct Agents {
    /// `defaults`: what holds where nothing else is said.
    pub defaults: Defaults,
}

/// `agents.defaults`.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// `model`: for text.
    pub model: Choice,
    /// `imageModel`: for describing pictures.
    pub image_model: Choice,
    /// `imageGenerationModel`, or `mediaModels.image`: for making and changing pictures.
    pub image_generation_model: Choice,
    /// `videoGenerationModel`, or `mediaModels.video`: for making film.
    pub video_generation_model: Choice,
    /// `embeddingModel`: for vectors. Chela's own key.
    pub embedding_model: Choice,
    /// `models`: what holds for single models.
    pub models: BTreeMap<ModelRef, ModelDefaults>,
}

/// A model and those to go to when it fails. Written as a string, or as `{primary, fallbacks, timeoutMs}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The first to be tried.
    pub primary: Option<ModelRef>,
    /// The others, in the order in which they are tried.
    pub fallbacks: Vec<ModelRef>,
    /// `timeoutMs`: how long one call may take.
    pub timeout: Option<Duration>,
}

impl Choice {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.primary.is_none() && self.fallbacks.is_empty()
    }

    /// Primary and fallbacks, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ModelRef> {
        self.primary.iter().chain(&self.fallbacks)
    }
}

/// `agents.defaults.models.<reference>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelDefaults {
    /// `alias`: a name that stands for the reference.
    pub alias: Option<String>,
}

/// `models`.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// `mode`: how the configured providers stand to the bundled ones.
    pub mode: Mode,
    /// `providers`, by id.
    pub providers: BTreeMap<ProviderId, ProviderConfig>,
}

/// How configured providers stand to the bundled ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// `"merge"`: beside them.
    #[default]
    Merge,
    /// `"replace"`: in their place. Only providers that the configuration names are there.
    Replace,
}

/// What a model is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Text: `agents.defaults.model`.
    Text,
    /// Describing pictures: `agents.defaults.imageModel`.
    ImageDescription,
    /// Making and changing pictures: `agents.defaults.imageGenerationModel`.
    ImageGeneration,
    /// Making film: `agents.defaults.videoGenerationModel`.
    VideoGeneration,
    /// Vectors: `agents.defaults.embeddingModel`.
    Embedding,
}

impl Use {
    /// The key of the configuration that chooses it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "agents.defaults.model",
            Self::ImageDescription => "agents.defaults.imageModel",
            Self::ImageGeneration => "agents.defaults.imageGenerationModel",
            Self::VideoGeneration => "agents.defaults.videoGenerationModel",
            Self::Embedding => "agents.defaults.embeddingModel",
        }
    }
}

/// Something in a configuration that is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The path of the key: `models.providers.acme.baseURL`.
    pub path: String,
    /// One sentence, to be read after the path.
    pub message: String,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.path, self.message)
    }
}

impl Config {
    /// What is chosen for a use; empty when nothing is.
    pub fn primary(&self, wanted: Use) -> &Choice {
        let defaults = &self.agents.defaults;
        match wanted {
            Use::Text => &defaults.model,
            Use::ImageDescription => &defaults.image_model,
            Use::ImageGeneration => &defaults.image_generation_model,
            Use::VideoGeneration => &defaults.video_generation_model,
            Use::Embedding => &defaults.embedding_model,
        }
    }

    /// The model that a person means: `<provider>/<model>`, or an alias of `agents.defaults.models`, compared without case.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BareModel`] and [`ConfigError::ModelRef`].
    pub fn resolve(&self, text: &str) -> Result<ModelRef, ConfigError> {
        self.alias(text).cloned().map_or_else(|| text.parse(), Ok)
    }

    /// The model that an alias stands for.
    pub fn alias(&self, text: &str) -> Option<&ModelRef> {
        let text = text.trim();
        self.agents
            .defaults
            .models
            .iter()
            .find_map(|(reference, defaults)| {
                defaults
                    .alias
                    .as_deref()
                    .filter(|alias| alias.eq_ignore_ascii_case(text))
                    .map(|_| reference)
            })
    }

    /// What is configured for a provider.
    pub fn provider(&self, id: &str) -> Option<&ProviderConfig> {
        self.models.providers.get(id)
    }
}

/// Reads a configuration. `label` names the text in errors, such as its path.
///
/// # Errors
///
/// [`ConfigError::Invalid`] with place, key path and what to write instead.
pub fn parse(text: &str, label: &str) -> Result<(Config, Vec<Warning>), ConfigError> {
    crate::read::config(text).map_err(|problem| ConfigError::Invalid {
        label: label.to_owned(),
        problem: Box::new(problem),
    })
}

/// Reads a configuration from an open file, at most [`MAX_SIZE`] bytes of it.
///
/// # Errors
///
/// [`ConfigError::Unreadable`] when reading fails, the file is larger or is not UTF-8, and as [`parse`].
pub fn read(file: impl Read, label: &str) -> Result<(Config, Vec<Warning>), ConfigError> {
    let unreadable = |reason: String| ConfigError::Unreadable {
        label: label.to_owned(),
        reason,
    };
    let mut bytes = Vec::new();
    let most = MAX_SIZE as u64 + 1;
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() > MAX_SIZE {
        return Err(unreadable("it is larger than 1 MiB".to_owned()));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| unreadable(format!("it is not UTF-8 at byte {}", error.valid_up_to())))?;
    parse(text, label)
}
