//! The catalog: all providers there are.

use std::collections::{BTreeMap, BTreeSet};

use chela_bundled::BundledComponent;
use chela_config::{Config, KeySource, Mode, ProviderConfig};
use chela_credentials::Environment;
use chela_manifest::{ContractVersion, Manifest, ManifestError, ProviderId, section};

use crate::access::look_up;
use crate::custom::{self, Template};
use crate::provider::{Component, Provider, Reason, ReasonKind, Source};

/// All providers there are, each with whether and how it can be used.
pub struct Catalog {
    pub(crate) providers: BTreeMap<ProviderId, Provider>,
    pub(crate) config: Config,
    warnings: Vec<String>,
    /// The variables in which keys of bundled providers are looked for.
    key_variables: BTreeSet<String>,
}

impl Catalog {
    /// Reads the manifests of the components, makes the operator's own providers, lays the configuration over both, and looks for
    /// credentials. It never fails: what cannot be used is listed with the reason, and what is passed over is a warning.
    ///
    /// With `models.mode: "replace"` only providers that the configuration names are there; naming a bundled one keeps it.
    pub fn new(bundled: &[BundledComponent], config: &Config, environment: &Environment) -> Self {
        let mut catalog = Self {
            providers: BTreeMap::new(),
            config: config.clone(),
            warnings: Vec::new(),
            key_variables: BTreeSet::new(),
        };
        let mut templates = Vec::new();
        for component in bundled {
            match section::read_head(component.bytes) {
                Ok(manifests) => {
                    catalog.add_bundled(manifests, component, environment, &mut templates);
                }
                Err(error) => catalog.add_broken(component, &error),
            }
        }
        for (id, provider) in &config.models.providers {
            if !catalog.providers.contains_key(id) {
                let provider = custom::provider(id, provider, &templates, environment);
                catalog.providers.insert(id.clone(), provider);
            }
        }
        catalog.warn_of_other_dialects(&templates);
        catalog.warn_of_keys_in_clear();
        catalog
    }

    /// A key that the operator lets go over plain http is told each time: it is easily meant for this machine and not for
    /// the one beside it.
    fn warn_of_keys_in_clear(&mut self) {
        for provider in self.providers.values() {
            if let (Some(base), true) = (provider.key_in_clear(), provider.ready().is_ok()) {
                let id = provider.id();
                self.warnings.push(format!(
                    "the key of `{id}` goes to {base} in clear: anyone on the way can read it; write https:// in models.providers.{id}.baseUrl where the server can"
                ));
            }
        }
    }

    /// A bundled provider speaks its own dialects: an `api` that names another one does nothing, and says so.
    fn warn_of_other_dialects(&mut self, templates: &[Template]) {
        for provider in self.providers.values() {
            let id = provider.id();
            let Some(api) = provider.api.as_deref() else {
                continue;
            };
            let apis = &provider.manifest.apis;
            let component = provider.component.as_ref().map(|component| component.id);
            let own = apis.iter().any(|own| own == api)
                || templates.iter().any(|template| {
                    template.speaks(api) && Some(template.component.id) == component
                });
            if provider.source == Source::Bundled && !own {
                let speaks = if apis.is_empty() {
                    "its own dialect".to_owned()
                } else {
                    apis.join(" and ")
                };
                self.warnings.push(format!(
                    "models.providers.{id}.api is passed over: `{id}` comes with chela and speaks {speaks}"
                ));
            }
        }
    }

    fn add_bundled(
        &mut self,
        manifests: Vec<Manifest>,
        component: &BundledComponent,
        environment: &Environment,
        templates: &mut Vec<Template>,
    ) {
        for manifest in manifests {
            if manifest.is_template() {
                templates.push(Template {
                    manifest,
                    component: component.into(),
                });
                continue;
            }
            let credentials = manifest.credentials.values();
            self.key_variables
                .extend(credentials.flat_map(|credential| credential.env.iter().cloned()));
            let config = self.config.models.providers.get(&manifest.id).cloned();
            if config.is_none() && self.config.models.mode == Mode::Replace {
                continue;
            }
            if self.providers.contains_key(&manifest.id) {
                self.warnings.push(format!(
                    "the component {} declares the provider `{}`, which is there already; it is passed over",
                    component.id, manifest.id
                ));
                continue;
            }
            let availability = check_contract(manifest.contract);
            self.insert(
                manifest,
                Some(component.into()),
                availability,
                config.as_ref(),
                environment,
            );
        }
    }

    fn insert(
        &mut self,
        manifest: Manifest,
        component: Option<Component>,
        availability: Result<(), Reason>,
        config: Option<&ProviderConfig>,
        environment: &Environment,
    ) {
        let id = manifest.id.clone();
        if config.is_some_and(|config| config.base_url.is_some()) && manifest.endpoints.is_empty() {
            self.warnings.push(format!(
                "models.providers.{id}.baseUrl is passed over: `{id}` asks no server"
            ));
        }
        let mut provider = Provider {
            credentials: look_up(&manifest, config, environment),
            manifest,
            component,
            source: Source::Bundled,
            availability,
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
        if config.is_none_or(|config| config.base_url.is_none()) {
            provider.name_base_from(environment);
        }
        if let Some(config) = config {
            provider.overlay(config);
        }
        self.providers.insert(id, provider);
    }

    /// A component whose manifests do not read: known by nothing but its id.
    fn add_broken(&mut self, component: &BundledComponent, error: &ManifestError) {
        let hint = error
            .hint()
            .map(|hint| format!("; {hint}"))
            .unwrap_or_default();
        self.warnings.push(format!(
            "the component {} is passed over: {}{hint}",
            component.id,
            error.problem()
        ));
    }

    /// The same for a dry run: a provider that is named is a candidate also without its key, because nothing is sent.
    #[must_use]
    pub fn for_rehearsal(mut self) -> Self {
        for provider in self.providers.values_mut() {
            provider.rehearsal = true;
        }
        self
    }

    /// What was passed over, one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The provider of that id.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.get(id)
    }

    /// The environment variables that hold keys, of all providers there could be: also of those that the configuration leaves out, or
    /// takes a key for from elsewhere.
    pub fn key_variables(&self) -> BTreeSet<String> {
        let configured = self.config.models.providers.values();
        let named = configured.filter_map(|provider| match &provider.api_key {
            Some(KeySource::Env(name)) => Some(name.clone()),
            _ => None,
        });
        self.key_variables.iter().cloned().chain(named).collect()
    }

    /// All providers, by id.
    pub fn providers(&self) -> impl Iterator<Item = &Provider> {
        self.providers.values()
    }
}

fn check_contract(contract: ContractVersion) -> Result<(), Reason> {
    if contract.is_supported() {
        return Ok(());
    }
    let serves = ContractVersion::CURRENT;
    Err(Reason::new(
        ReasonKind::Unavailable,
        format!(
            "it wants version {contract} of the contract chela:provider, and this chela serves {serves}"
        ),
        format!("use a chela that serves {contract}, or a build of the provider for {serves}"),
    ))
}
