//! Providers of the operator's own.

use std::collections::BTreeMap;

use chela_config::ProviderConfig;
use chela_credentials::Environment;
use chela_manifest::{ContractVersion, Manifest, ModelSpec, ProviderId};

use crate::access::look_up;
use crate::provider::{Component, Provider, Reason, ReasonKind, Source};

/// A manifest that the operator's providers are made from, and the component that speaks the dialect.
pub(crate) struct Template {
    pub(crate) manifest: Manifest,
    pub(crate) component: Component,
}

impl Template {
    /// Whether it is for providers of that `api`.
    pub(crate) fn speaks(&self, api: &str) -> bool {
        self.manifest.template_for.iter().any(|name| name == api)
    }
}

/// Makes a provider from the template for its `api`. Without one it is listed, and says why it cannot run.
pub(crate) fn provider(
    id: &ProviderId,
    config: &ProviderConfig,
    templates: &[Template],
    environment: &Environment,
) -> Provider {
    let api = config.api();
    let template = templates.iter().find(|template| template.speaks(api));
    let (mut manifest, component, availability) = match template {
        Some(template) => (
            template.manifest.clone(),
            Some(template.component.clone()),
            Ok(()),
        ),
        None => {
            let known: Vec<&str> = templates
                .iter()
                .flat_map(|template| &template.manifest.template_for)
                .map(String::as_str)
                .collect();
            let hint = if known.is_empty() {
                String::new()
            } else {
                format!(
                    "write one of {} as models.providers.{id}.api",
                    known.join(", ")
                )
            };
            let reason = Reason::new(
                ReasonKind::Misconfigured,
                format!("no component speaks its api {api:?}"),
                hint,
            );
            (bare(id), None, Err(reason))
        }
    };
    manifest.id = id.clone();
    manifest.name = id.to_string();
    manifest.description = None;
    manifest.homepage = None;
    manifest.template_for = Vec::new();
    // What a template says of rank and purpose is about itself.
    manifest.rank = Manifest::DEFAULT_RANK;
    manifest.demonstration = false;
    forget_models(&mut manifest);
    require_key(&mut manifest, config);
    let credentials = look_up(&manifest, Some(config), environment);
    let mut provider = Provider {
        manifest,
        component,
        source: Source::Configured,
        availability,
        credentials,
        named_endpoint: None,
        replaced_endpoint: None,
        plain_http: false,
        api: None,
        timeout: None,
        idle_timeout: None,
        costs: BTreeMap::new(),
        rehearsal: false,
        compat: serde_json::Map::new(),
        model_compat: BTreeMap::new(),
        local_service: None,
    };
    provider.overlay(config);
    if let Some(spec) = &mut provider.manifest.model {
        spec.default_model = spec.models.first().map(|model| model.id.clone());
    }
    provider
}

/// The models are the operator's to name: those of a template belong to no one.
fn forget_models(manifest: &mut Manifest) {
    if let Some(spec) = &mut manifest.model {
        *spec = ModelSpec::default();
    }
    if let Some(spec) = &mut manifest.image {
        (spec.default_model, spec.models) = (None, Vec::new());
    }
    if let Some(spec) = &mut manifest.transcription {
        (spec.default_model, spec.models) = (None, Vec::new());
    }
    if let Some(spec) = &mut manifest.speech {
        (spec.default_model, spec.models) = (None, Vec::new());
        (spec.default_voice, spec.voices) = (None, Vec::new());
    }
    if let Some(spec) = &mut manifest.video {
        (spec.default_model, spec.models) = (None, Vec::new());
    }
    if let Some(spec) = &mut manifest.embedding {
        (spec.default_model, spec.models) = (None, Vec::new());
    }
}

/// A key that the operator names is needed; one that is not named is neither looked for nor needed: variables of other providers
/// do not answer for a server of the operator's own.
fn require_key(manifest: &mut Manifest, config: &ProviderConfig) {
    let main = manifest
        .main_endpoint()
        .and_then(|(_, endpoint)| endpoint.credential.clone());
    if let Some(credential) = main.and_then(|name| manifest.credentials.get_mut(&name)) {
        credential.env = Vec::new();
        credential.required = config.api_key.is_some();
    }
}

/// What is known of a provider whose dialect no component speaks.
fn bare(id: &ProviderId) -> Manifest {
    Manifest {
        id: id.clone(),
        name: id.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        contract: ContractVersion::CURRENT,
        description: None,
        homepage: None,
        demonstration: false,
        rank: Manifest::DEFAULT_RANK,
        template_for: Vec::new(),
        apis: Vec::new(),
        endpoints: BTreeMap::new(),
        downloads: chela_manifest::Downloads::None,
        credentials: BTreeMap::new(),
        limits: chela_manifest::Limits::default(),
        settings: BTreeMap::new(),
        model: Some(ModelSpec::default()),
        image: None,
        transcription: None,
        speech: None,
        video: None,
        search: None,
        fetch: None,
        embedding: None,
    }
}
