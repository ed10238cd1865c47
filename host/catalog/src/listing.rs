//! Listing: records made from manifests alone.

use chela_config::ModelRef;
use chela_manifest::{Downloads, Family, ImageModes, Manifest, Origin};

use crate::record::{
    Capabilities, ComponentRecord, EmbeddingCapabilities, FetchCapabilities, ImageCapabilities,
    ImageModesRecord, ModelCapabilities, ModelRecord, ProviderRecord, SearchCapabilities,
    SpeechCapabilities, TranscriptionCapabilities, VideoCapabilities,
};
use crate::{Capability, Catalog, Provider, Wanted};

impl Catalog {
    /// The providers of a capability's family, as `… providers` prints them: by id, those that cannot be used included. For `image.describe` and
    /// `video.describe`, those that have a model for it.
    pub fn list(&self, capability: Capability) -> Vec<ProviderRecord> {
        let choice = self.choose(capability, Wanted::Any);
        let selected = choice.candidates.first();
        let describes = matches!(
            capability,
            Capability::ImageDescribe | Capability::VideoDescribe
        );
        self.providers()
            .filter(|provider| {
                provider.manifest().serves(capability.family()) || is_unread(provider)
            })
            .filter(|provider| {
                !describes || capability.default_model(provider.manifest()).is_some()
            })
            .map(|provider| {
                let because = selected
                    .filter(|candidate| candidate.provider.id() == provider.id())
                    .map(|candidate| candidate.because.to_string());
                record(provider, capability, because)
            })
            .collect()
    }

    /// The models that manifests and the configuration name, as `model list` prints them: by provider, in the order of its manifest, with
    /// those of every family.
    pub fn models(&self) -> Vec<ModelRecord> {
        let choice = self.choose(Capability::ModelRun, Wanted::Any);
        let selected = choice.candidates.first();
        self.providers()
            .flat_map(|provider| {
                let mut ids: Vec<&str> = Vec::new();
                for family in Family::ALL {
                    let default = provider.manifest().default_model(family);
                    for id in default
                        .into_iter()
                        .chain(provider.manifest().models(family))
                    {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                }
                ids.into_iter().map(|id| (provider, id)).collect::<Vec<_>>()
            })
            .map(|(provider, id)| {
                let mut record = self.model_record(provider, id);
                let chosen = selected.filter(|candidate| {
                    candidate.provider.id() == provider.id()
                        && candidate.model.as_deref() == Some(id)
                });
                record.selected = chosen.is_some();
                record.selected_because = chosen.map(|candidate| candidate.because.to_string());
                record
            })
            .collect()
    }

    /// The models that a person means by a name, as `model inspect` prints them: `<provider>/<model>`, an alias, or a bare id, which several
    /// providers can have. A reference to a provider that is known gives a record whether or not the model is listed.
    pub fn find_models(&self, name: &str) -> Vec<ModelRecord> {
        let name = name.trim();
        let listed = self.models();
        let reference = self
            .config
            .alias(name)
            .cloned()
            .or_else(|| name.parse::<ModelRef>().ok());
        if let Some(reference) = reference
            && let Some(provider) = self.provider(reference.provider.as_str())
        {
            let id = reference.to_string();
            let known = listed.iter().find(|record| record.id == id).cloned();
            return vec![known.unwrap_or_else(|| self.model_record(provider, &reference.model))];
        }
        // A model's own id can hold a slash: `google/gemma-4-E2B-it`.
        listed
            .into_iter()
            .filter(|record| record.model == name)
            .collect()
    }

    fn model_record(&self, provider: &Provider, id: &str) -> ModelRecord {
        let manifest = provider.manifest();
        let entry = provider.model(id);
        let status = provider.status();
        let reference = ModelRef {
            provider: provider.id().clone(),
            model: id.to_owned(),
        };
        let listed = |family: &Family| {
            manifest.default_model(*family) == Some(id) || manifest.models(*family).contains(&id)
        };
        let dimensions = manifest
            .embedding
            .iter()
            .flat_map(|spec| &spec.models)
            .find(|model| model.id == id)
            .and_then(|model| model.dimensions);
        let alias = self
            .config
            .agents
            .defaults
            .models
            .get(&reference)
            .and_then(|defaults| defaults.alias.clone());
        ModelRecord {
            id: reference.to_string(),
            label: entry
                .and_then(|entry| entry.name.clone())
                .unwrap_or_else(|| id.to_owned()),
            provider: provider.id().to_string(),
            model: id.to_owned(),
            available: status.available,
            configured: status.configured,
            selected: false,
            selected_because: None,
            alias,
            capabilities: Family::ALL
                .iter()
                .filter(|family| listed(family))
                .map(|family| family.as_str())
                .collect(),
            input: entry.map(|entry| entry.input.clone()).unwrap_or_default(),
            context_window: entry.and_then(|entry| entry.context_window),
            max_output_tokens: entry.and_then(|entry| entry.max_output_tokens),
            reasoning: entry.map(|entry| entry.reasoning),
            dimensions,
            reason: status.reason,
            hint: status.hint,
        }
    }
}

/// Whether what it serves could not be read, as with a newer contract.
fn is_unread(provider: &Provider) -> bool {
    provider.manifest().families().is_empty()
}

fn record(
    provider: &Provider,
    capability: Capability,
    selected_because: Option<String>,
) -> ProviderRecord {
    let manifest = provider.manifest();
    let status = provider.status();
    ProviderRecord {
        id: provider.id().to_string(),
        label: provider.label().into_owned(),
        available: status.available,
        // What was found nowhere is not in the catalog.
        discoverable: true,
        configured: status.configured,
        auth: provider.auth(),
        selected: selected_because.is_some(),
        selected_because,
        default_model: capability.default_model(manifest).map(str::to_owned),
        models: manifest
            .models(capability.family())
            .into_iter()
            .map(str::to_owned)
            .collect(),
        capabilities: capabilities(manifest, capability.family()),
        component: provider.component().map(|component| ComponentRecord {
            source: "bundled",
            version: manifest.version.clone(),
            digest: component.digest.clone(),
            contract: manifest.contract.to_string(),
        }),
        network: network(manifest),
        reason: status.reason,
        hint: status.hint,
    }
}

fn network(manifest: &Manifest) -> Vec<String> {
    let bases = manifest
        .endpoints
        .values()
        .filter_map(|endpoint| endpoint.base.as_ref());
    let mut origins: Vec<String> = Vec::new();
    let mut add = |origin: String| {
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    };
    bases
        .filter_map(Origin::from_url)
        .for_each(|origin| add(origin.to_string()));
    match &manifest.downloads {
        Downloads::None => {}
        Downloads::Public => add("public".to_owned()),
        Downloads::Origins(patterns) => {
            patterns.iter().for_each(|pattern| add(pattern.to_string()));
        }
    }
    origins
}

fn capabilities(manifest: &Manifest, family: Family) -> Capabilities {
    let read = || {
        Some(match family {
            Family::Model => model_capabilities(manifest)?,
            Family::Image => {
                let spec = manifest.image.as_ref()?;
                let modes = |modes: &Option<ImageModes>| modes.as_ref().map(image_modes);
                Capabilities::Image(Box::new(ImageCapabilities {
                    generate: modes(&spec.generate),
                    edit: modes(&spec.edit),
                }))
            }
            Family::Transcription => {
                let spec = manifest.transcription.clone()?;
                Capabilities::Transcription(TranscriptionCapabilities {
                    language: spec.language,
                    prompt: spec.prompt,
                    timestamps: spec.timestamps,
                    max_size: spec.max_size,
                })
            }
            Family::Speech => {
                let spec = manifest.speech.clone()?;
                Capabilities::Speech(SpeechCapabilities {
                    default_voice: spec.default_voice,
                    voices: spec.voices,
                    formats: spec.output_formats,
                    speed: spec.speed,
                    instructions: spec.instructions,
                    max_characters: spec.max_characters,
                })
            }
            Family::Video => {
                let spec = manifest.video.clone()?;
                Capabilities::Video(VideoCapabilities {
                    references: spec.references,
                    max_references: spec.max_references,
                    sizes: spec.sizes,
                    aspect_ratios: spec.aspect_ratios,
                    resolutions: spec.resolutions,
                    durations: spec.durations,
                    audio: spec.audio,
                    watermark: spec.watermark,
                })
            }
            Family::Search => {
                let spec = manifest.search.as_ref()?;
                Capabilities::Search(SearchCapabilities {
                    max_results: spec.max_results,
                    freshness: spec.freshness,
                    region: spec.region,
                    language: spec.language,
                    domains: spec.domains,
                })
            }
            Family::Fetch => Capabilities::Fetch(FetchCapabilities {
                formats: manifest.fetch.as_ref()?.formats.clone(),
            }),
            Family::Embedding => {
                let spec = manifest.embedding.as_ref()?;
                Capabilities::Embedding(EmbeddingCapabilities {
                    dimensions: spec.dimensions,
                    max_texts: spec.max_texts,
                })
            }
        })
    };
    read().unwrap_or(Capabilities::None {})
}

fn model_capabilities(manifest: &Manifest) -> Option<Capabilities> {
    let spec = manifest.model.as_ref()?;
    let mut input: Vec<String> = vec!["text".to_owned()];
    for kind in spec.models.iter().flat_map(|model| &model.input) {
        if !input.contains(kind) {
            input.push(kind.clone());
        }
    }
    let default = |capability: Capability| capability.default_model(manifest).map(str::to_owned);
    Some(Capabilities::Model(ModelCapabilities {
        input,
        reasoning: spec.models.iter().any(|model| model.reasoning),
        describe_image: default(Capability::ImageDescribe),
        describe_video: default(Capability::VideoDescribe),
    }))
}

fn image_modes(modes: &ImageModes) -> ImageModesRecord {
    ImageModesRecord {
        max_count: modes.max_count,
        sizes: modes.sizes.clone(),
        aspect_ratios: modes.aspect_ratios.clone(),
        resolutions: modes.resolutions.clone(),
        formats: modes.output_formats.clone(),
        backgrounds: modes.backgrounds.clone(),
        qualities: modes.qualities.clone(),
        moderations: modes.moderations.clone(),
        max_input_images: modes.max_input_images,
    }
}
