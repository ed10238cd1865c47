//! The manifest itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::spec::{
    EmbeddingSpec, FetchSpec, ImageSpec, ModelSpec, SearchSpec, SpeechSpec, TranscriptionSpec,
    VideoSpec,
};
use crate::{
    ContractVersion, Credential, Downloads, Endpoint, Family, Limits, ManifestError, ProviderId,
};

/// A provider's manifest, checked.
///
/// Its fields are public so that a host can make a provider out of a template and its operator's configuration. What was
/// changed in memory is checked again when it is written and read back, and by whoever acts on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// The provider's id. In a template: the template's own name, which no request can use.
    pub id: ProviderId,
    /// A name for people.
    pub name: String,
    /// The version of the component, as its author counts: shown, never compared.
    pub version: String,
    /// The version of the contract the component was built for.
    pub contract: ContractVersion,
    /// One sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where its author tells more: an https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// Whether it only shows that things work. It says so wherever its name shows, and is the last to be chosen.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demonstration: bool,
    /// Where it stands among bundled providers when nothing else decides: lower first. [`Manifest::DEFAULT_RANK`] unless it says so.
    #[serde(skip_serializing_if = "is_default_rank")]
    pub rank: u16,
    /// The `api` values for which the operator's own providers are made from this manifest. When there are any, it is a
    /// template: no provider by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub template_for: Vec<String>,
    /// The dialects that its models can be asked in, by the `api` values that stand for them, the usual one first. Empty where there is
    /// no choice. The component is told the one to speak as its setting `api`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apis: Vec<String>,
    /// Where requests go, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Where results are downloaded from.
    #[serde(skip_serializing_if = "Downloads::is_none")]
    pub downloads: Downloads,
    /// Credentials, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, Credential>,
    /// Limits asked for.
    #[serde(skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// What the component reads through `context.setting`, by camelCase name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Language models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelSpec>,
    /// Pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageSpec>,
    /// Speech to text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcription: Option<TranscriptionSpec>,
    /// Text to speech.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speech: Option<SpeechSpec>,
    /// Film.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video: Option<VideoSpec>,
    /// Web search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchSpec>,
    /// Web pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetch: Option<FetchSpec>,
    /// Vectors for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingSpec>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that skip_serializing_if asks for"
)]
fn is_default_rank(rank: &u16) -> bool {
    *rank == Manifest::DEFAULT_RANK
}

impl Manifest {
    /// The rank of a provider that names none.
    pub const DEFAULT_RANK: u16 = 100;

    /// The name of the endpoint that the operator's `baseUrl` replaces, where there are several.
    pub const MAIN_ENDPOINT: &str = "api";

    /// The most bytes of a manifest, as TOML and as JSON.
    pub const MAX_SIZE: usize = 64 << 10;

    /// Reads `provider.toml`. `label` names the text in errors, such as its path.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Invalid`] with place, key path and what to write instead.
    pub fn parse_toml(text: &str, label: &str) -> Result<Self, ManifestError> {
        crate::read::toml(text).map_err(|problem| invalid(label, problem))
    }

    /// Reads a manifest in its embedded form, exactly as strictly as [`Manifest::parse_toml`].
    ///
    /// A manifest for a contract that this host does not serve is read as far as it can be understood, so that it can be
    /// listed with the version it wants: keys that are not known are passed over, and when what is known does not read either, only id,
    /// name, version and contract are kept.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Invalid`] with key path and what to write instead.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ManifestError> {
        crate::read::json(bytes).map_err(|problem| invalid("embedded manifest", problem))
    }

    /// The embedded form: compact JSON in the grammar of `provider.toml`. [`Manifest::from_json`] reads it back.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("a manifest has string keys and no value that JSON cannot hold")
    }

    /// The families it serves, in the order of the contract.
    pub fn families(&self) -> Vec<Family> {
        Family::ALL
            .into_iter()
            .filter(|family| self.serves(*family))
            .collect()
    }

    /// Whether it serves that family.
    pub fn serves(&self, family: Family) -> bool {
        match family {
            Family::Model => self.model.is_some(),
            Family::Image => self.image.is_some(),
            Family::Transcription => self.transcription.is_some(),
            Family::Speech => self.speech.is_some(),
            Family::Video => self.video.is_some(),
            Family::Search => self.search.is_some(),
            Family::Fetch => self.fetch.is_some(),
            Family::Embedding => self.embedding.is_some(),
        }
    }

    /// Whether it is a template: no provider itself, but what the operator's own providers are made from.
    pub fn is_template(&self) -> bool {
        !self.template_for.is_empty()
    }

    /// The endpoint that the operator's `baseUrl` and `apiKey` are for: the one named `api`, or the only one.
    pub fn main_endpoint(&self) -> Option<(&str, &Endpoint)> {
        self.endpoints
            .get_key_value(Self::MAIN_ENDPOINT)
            .or_else(|| self.endpoints.first_key_value())
            .map(|(name, endpoint)| (name.as_str(), endpoint))
    }

    /// The model of that family used when the caller names none. None for families without models, and where it says none.
    pub fn default_model(&self, family: Family) -> Option<&str> {
        match family {
            Family::Model => self.model.as_ref()?.default_model.as_deref(),
            Family::Image => self.image.as_ref()?.default_model.as_deref(),
            Family::Transcription => self.transcription.as_ref()?.default_model.as_deref(),
            Family::Speech => self.speech.as_ref()?.default_model.as_deref(),
            Family::Video => self.video.as_ref()?.default_model.as_deref(),
            Family::Embedding => self.embedding.as_ref()?.default_model.as_deref(),
            Family::Search | Family::Fetch => None,
        }
    }

    /// The ids of the models of that family worth showing, in the order of the manifest.
    pub fn models(&self, family: Family) -> Vec<&str> {
        fn ids(models: &[String]) -> Vec<&str> {
            models.iter().map(String::as_str).collect()
        }
        match family {
            Family::Model => self
                .model
                .iter()
                .flat_map(|spec| &spec.models)
                .map(|model| &*model.id)
                .collect(),
            Family::Image => self
                .image
                .as_ref()
                .map_or_else(Vec::new, |spec| ids(&spec.models)),
            Family::Transcription => self
                .transcription
                .as_ref()
                .map_or_else(Vec::new, |spec| ids(&spec.models)),
            Family::Speech => self
                .speech
                .as_ref()
                .map_or_else(Vec::new, |spec| ids(&spec.models)),
            Family::Video => self
                .video
                .as_ref()
                .map_or_else(Vec::new, |spec| ids(&spec.models)),
            Family::Embedding => self
                .embedding
                .iter()
                .flat_map(|spec| &spec.models)
                .map(|model| &*model.id)
                .collect(),
            Family::Search | Family::Fetch => Vec::new(),
        }
    }
}

fn invalid(label: &str, problem: crate::document::Problem) -> ManifestError {
    ManifestError::Invalid {
        label: label.to_owned(),
        problem: Box::new(problem),
    }
}
