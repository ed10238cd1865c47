//! One provider, put together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chela_bundled::BundledComponent;
use chela_config::{Cost, LocalService, ModelConfig, ProviderConfig};
use chela_credentials::{Environment, Lookup, Secret};
use chela_egress::{CredentialGrant, EndpointGrant, Grant};
use chela_manifest::{Downloads, Limits, Manifest, ModelEntry, ProviderId};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::CatalogError;
use crate::access::Auth;

/// A provider: a manifest bound to a component, with what the operator configured laid over it.
pub struct Provider {
    /// What it is, with the operator's base URL and models in place.
    pub(crate) manifest: Manifest,
    pub(crate) component: Option<Component>,
    pub(crate) source: Source,
    /// Whether it is there and can run; otherwise why not.
    pub(crate) availability: Result<(), Reason>,
    /// What came of looking for each credential.
    pub(crate) credentials: BTreeMap<String, Lookup>,
    /// The endpoint whose base the operator named.
    pub(crate) named_endpoint: Option<String>,
    /// The endpoint whose base the operator replaced with another one.
    pub(crate) replaced_endpoint: Option<String>,
    pub(crate) plain_http: bool,
    /// The dialect that the operator named.
    pub(crate) api: Option<String>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    /// What its models cost, by id, of all families.
    pub(crate) costs: BTreeMap<String, Cost>,
    /// Nothing is sent, so a key that is missing keeps nobody from being asked by name.
    pub(crate) rehearsal: bool,
    pub(crate) compat: Map<String, Value>,
    pub(crate) model_compat: BTreeMap<String, Map<String, Value>>,
    pub(crate) local_service: Option<LocalService>,
}

/// Where a provider comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is carried in the program.
    Bundled,
    /// The operator configured it under `models.providers`.
    Configured,
}

/// The component that a provider runs.
#[derive(Debug, Clone)]
pub struct Component {
    /// The id of the component, which several providers can share.
    pub id: &'static str,
    /// The digest of its bytes: `sha256:…`.
    pub digest: String,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

impl From<&BundledComponent> for Component {
    fn from(component: &BundledComponent) -> Self {
        Self {
            id: component.id,
            digest: component.digest.to_owned(),
            bytes: Cow::Borrowed(component.bytes),
        }
    }
}

/// Why something is not so, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Why.
    pub(crate) text: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// Which error comes of it.
    pub(crate) kind: ReasonKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReasonKind {
    Unavailable,
    Misconfigured,
    NoCredential,
    /// It lacks nothing but a person's word that it is wanted.
    Unasked,
}

impl Reason {
    pub(crate) fn new(kind: ReasonKind, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            hint: Some(hint.into()).filter(|hint| !hint.is_empty()),
            kind,
        }
    }

    pub(crate) fn into_error(self, id: &ProviderId) -> CatalogError {
        let (id, reason, hint) = (id.to_string(), self.text, self.hint);
        match self.kind {
            ReasonKind::Unavailable => CatalogError::NotAvailable { id, reason, hint },
            ReasonKind::Misconfigured | ReasonKind::Unasked => {
                CatalogError::Misconfigured { id, reason, hint }
            }
            ReasonKind::NoCredential => CatalogError::NoCredential { id, reason, hint },
        }
    }
}

/// Whether a provider can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether its component is there and fits the contract.
    pub available: bool,
    /// Whether its credential or its base URL is there.
    pub configured: bool,
    /// Why it is not available or not configured.
    pub reason: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Provider {
    /// Its id.
    pub fn id(&self) -> &ProviderId {
        &self.manifest.id
    }

    /// Its name for people. A demonstration says so.
    pub fn label(&self) -> Cow<'_, str> {
        let name = &self.manifest.name;
        if self.manifest.demonstration && !name.to_lowercase().contains("demo") {
            Cow::Owned(format!("{name} (demo)"))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// What it is: its manifest, with the operator's base URL and models in place.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The component it runs; none when no component speaks its dialect.
    pub fn component(&self) -> Option<&Component> {
        self.component.as_ref()
    }

    /// Where it comes from.
    pub fn source(&self) -> Source {
        self.source
    }

    /// How long one call may take, when the operator says so.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How long its server may be silent, when the operator says so.
    pub fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout
    }

    /// What one of its models costs, when the operator says so.
    pub fn cost(&self, model: &str) -> Option<&Cost> {
        self.costs.get(model)
    }

    /// The server on this machine that has to be up before it is asked.
    pub fn local_service(&self) -> Option<&LocalService> {
        self.local_service.as_ref()
    }

    /// What its manifest asks for in place of the defaults. The operator's ceiling is the sandbox's to hold.
    pub fn limits(&self) -> Limits {
        self.manifest.limits
    }

    /// What is known of one of its language models.
    pub fn model(&self, id: &str) -> Option<&ModelEntry> {
        self.manifest
            .model
            .as_ref()?
            .models
            .iter()
            .find(|model| model.id == id)
    }

    /// Whether it can be used, and otherwise why not.
    pub fn status(&self) -> Status {
        let configured = self.configured();
        let reason = self
            .availability
            .as_ref()
            .err()
            .or(configured.as_ref().err())
            .cloned();
        Status {
            available: self.availability.is_ok(),
            configured: configured.is_ok(),
            hint: reason.as_ref().and_then(|reason| reason.hint.clone()),
            reason: reason.map(|reason| reason.text),
        }
    }

    /// That it can be used.
    ///
    /// # Errors
    ///
    /// [`CatalogError::NotAvailable`], [`CatalogError::Misconfigured`] or [`CatalogError::NoCredential`].
    pub fn ready(&self) -> Result<(), CatalogError> {
        let ready = self.availability.clone().and_then(|()| self.configured());
        ready.map_err(|reason| reason.into_error(self.id()))
    }

    /// That it can be used by a caller who asks for it by name. One that needs no credential needs no setting then.
    ///
    /// # Errors
    ///
    /// As [`Provider::ready`].
    pub fn ready_by_name(&self) -> Result<(), CatalogError> {
        let lacks = self.availability.clone().and_then(|()| self.configured());
        match lacks {
            Err(reason) if reason.kind == ReasonKind::Unasked => Ok(()),
            Err(reason) if self.rehearsal && reason.kind == ReasonKind::NoCredential => Ok(()),
            lacks => lacks.map_err(|reason| reason.into_error(self.id())),
        }
    }

    /// What it may do on the network, with the credentials that were found.
    ///
    /// # Errors
    ///
    /// As [`Provider::ready`]: nothing is granted to a provider that cannot be used.
    pub fn grant(&self) -> Result<Grant, CatalogError> {
        self.ready()?;
        Ok(self.granted())
    }

    /// The same for a caller who asked for it by name.
    ///
    /// # Errors
    ///
    /// As [`Provider::ready_by_name`].
    pub fn grant_by_name(&self) -> Result<Grant, CatalogError> {
        self.ready_by_name()?;
        let mut grant = self.granted();
        if self.source == Source::Bundled {
            // A server of one's own that chela knows of: to name it is the word that it takes. No key goes along: who listens at that
            // port nobody has said.
            for endpoint in grant.endpoints.values_mut() {
                if !endpoint.named_by_operator && is_this_machine(&endpoint.base) {
                    endpoint.named_by_operator = true;
                    endpoint.credential = None;
                }
            }
        }
        Ok(grant)
    }

    fn granted(&self) -> Grant {
        let mut endpoints = BTreeMap::new();
        for (name, endpoint) in &self.manifest.endpoints {
            // Ready means that the main endpoint has a base. Another one without is not there to be called.
            let Some(base) = endpoint.base.clone() else {
                continue;
            };
            let credential = endpoint.credential.as_ref().filter(|_| self.binds(name));
            let credential = credential.and_then(|credential| {
                let found = self.credentials.get(credential)?.found.as_ref();
                let declared = self.manifest.credentials.get(credential)?;
                let secret = match found {
                    Some(found) => Arc::clone(&found.secret),
                    // It is shown by its name and goes nowhere.
                    None if self.rehearsal && declared.required => {
                        Arc::new(Secret::read("missing".to_owned()).ok()?)
                    }
                    None => return None,
                };
                Some(CredentialGrant {
                    name: credential.clone(),
                    inject: declared.inject.clone(),
                    secret,
                })
            });
            endpoints.insert(
                name.clone(),
                EndpointGrant {
                    base,
                    named_by_operator: self
                        .named_endpoint
                        .as_deref()
                        .is_some_and(|named| self.is_beside(name, named)),
                    plain_http_credential: self.plain_http,
                    credential,
                },
            );
        }
        Grant {
            provider: self.id().clone(),
            endpoints,
            downloads: self.manifest.downloads.clone(),
        }
    }

    /// Whether an endpoint is at the origin of another one, or is that one.
    fn is_beside(&self, endpoint: &str, other: &str) -> bool {
        let origin_of =
            |name: &str| Some(self.manifest.endpoints.get(name)?.base.as_ref()?.origin());
        endpoint == other || origin_of(endpoint).is_some_and(|one| origin_of(other) == Some(one))
    }

    /// Whether an endpoint's credential is bound to its base. Where the operator replaced the base of another endpoint, the
    /// credential of that one is meant for the new place, and goes to no other.
    fn binds(&self, endpoint: &str) -> bool {
        let credential_of = |name: &str| self.manifest.endpoints.get(name)?.credential.as_deref();
        match self.replaced_endpoint.as_deref() {
            Some(replaced) if !self.is_beside(endpoint, replaced) => {
                credential_of(replaced) != credential_of(endpoint)
            }
            _ => true,
        }
    }

    /// The base URL over which a credential crosses a network in clear; none when there is none.
    pub(crate) fn key_in_clear(&self) -> Option<&Url> {
        self.manifest
            .endpoints
            .iter()
            .filter(|(name, _)| self.binds(name))
            .filter(|(_, endpoint)| {
                let lookup = endpoint
                    .credential
                    .as_ref()
                    .and_then(|name| self.credentials.get(name));
                lookup.is_some_and(|lookup| lookup.found.is_some())
            })
            .filter_map(|(_, endpoint)| endpoint.base.as_ref())
            .find(|base| base.scheme() == "http" && !is_this_machine(base))
    }

    /// The dialect that its models are asked in, where there is a choice: the one that the operator named; where the operator put another
    /// server in the provider's place and named none, the one that servers speak when nothing is said of them; else the provider's usual
    /// one.
    fn api(&self) -> Option<&str> {
        let apis = &self.manifest.apis;
        let spoken = |api: &str| apis.iter().find(|own| *own == api);
        let elsewhere = self.replaced_endpoint.is_some();
        let named = self.api.as_deref().and_then(spoken);
        let usual = || elsewhere.then(|| spoken(ProviderConfig::DEFAULT_API));
        let taken = named.or_else(|| usual().flatten());
        taken.or(apis.first()).map(String::as_str)
    }

    /// What the component reads through `context.setting`, as JSON text: the manifest's settings and the dialect to speak, over them the
    /// `compat` of the provider's configuration, over that the `compat` of the configured model.
    pub fn settings(&self, model: Option<&str>) -> BTreeMap<String, String> {
        let of_model = model.and_then(|model| self.model_compat.get(model));
        let api = self.api().map(|api| ("api".to_owned(), Value::from(api)));
        let mut settings: BTreeMap<String, String> = self
            .manifest
            .settings
            .iter()
            .chain(api.as_ref().map(|(name, api)| (name, api)))
            .chain(&self.compat)
            .chain(of_model.into_iter().flatten())
            .map(|(name, value)| (name.clone(), value.to_string()))
            .collect();
        // A reader of public pages that is given the address of any page has to tell the one site that it reads by its endpoint.
        if self.manifest.downloads == Downloads::Public
            && let Some(site) = &self.named_endpoint
            && let Some(base) = &self.manifest.endpoints[site].base
        {
            settings.insert("baseUrl".into(), Value::from(base.as_str()).to_string());
        }
        settings
    }

    /// The endpoints whose base the operator replaced with another one, those that moved along included. A base URL that is the
    /// manifest's own replaces nothing.
    pub fn replaced_endpoints(&self) -> BTreeSet<String> {
        let Some(replaced) = &self.replaced_endpoint else {
            return BTreeSet::new();
        };
        let names = self.manifest.endpoints.keys();
        names
            .filter(|name| self.is_beside(name, replaced))
            .cloned()
            .collect()
    }

    /// The credentials that were found; in a rehearsal also those that a request would need.
    pub fn credentials_present(&self) -> BTreeSet<String> {
        let required = |name: &str| {
            let declared = self.manifest.credentials.get(name);
            declared.is_some_and(|credential| credential.required)
        };
        let there = self
            .credentials
            .iter()
            .filter(|(name, lookup)| lookup.found.is_some() || (self.rehearsal && required(name)));
        there.map(|(name, _)| name.clone()).collect()
    }

    /// What came of looking for one of its credentials.
    pub fn lookup(&self, credential: &str) -> Option<&Lookup> {
        self.credentials.get(credential)
    }

    /// What came of looking for its credentials; none when it has none.
    pub fn auth(&self) -> Option<Auth> {
        Auth::of(self)
    }

    /// Puts what the operator configured over the manifest.
    pub(crate) fn overlay(&mut self, config: &ProviderConfig) {
        if let Some(base) = &config.base_url {
            self.name_base(base);
        }
        self.plain_http = config.allow_plain_http;
        self.api.clone_from(&config.api);
        self.timeout = config.timeout;
        self.idle_timeout = config.idle_timeout;
        let costs = config.models.iter();
        self.costs = costs
            .filter_map(|model| Some((model.id.clone(), model.cost?)))
            .collect();
        self.compat = config.compat.clone();
        self.local_service = config.local_service.clone();
        for model in &config.models {
            self.overlay_model(model);
        }
    }

    /// Takes a base URL of the operator's for the main endpoint. Endpoints at the same origin move along: they are paths of one
    /// server, and what stands in its place has them at the same distance, or not at all.
    fn name_base(&mut self, base: &Url) {
        if let Some(name) = self
            .manifest
            .main_endpoint()
            .map(|(name, _)| name.to_owned())
            && let Some(endpoint) = self.manifest.endpoints.get_mut(&name)
        {
            let own = endpoint
                .base
                .as_ref()
                .is_some_and(|own| same_place(own, base));
            let was = endpoint.base.replace(base.clone());
            self.replaced_endpoint = (!own).then(|| name.clone());
            if let Some(was) = was.filter(|_| !own) {
                for (_, beside) in self
                    .manifest
                    .endpoints
                    .iter_mut()
                    .filter(|(other, _)| **other != name)
                {
                    if beside
                        .base
                        .as_ref()
                        .is_some_and(|one| one.origin() == was.origin())
                    {
                        beside.base = beside.base.take().and_then(|one| along(&one, &was, base));
                    }
                }
            }
            self.named_endpoint = Some(name);
        }
    }

    /// Takes the base URL that a variable holds, where the manifest names one. What is no base URL rules the provider out: whoever set
    /// it wants nothing sent to the usual place.
    pub(crate) fn name_base_from(&mut self, environment: &Environment) {
        let Some((_, main)) = self.manifest.main_endpoint() else {
            return;
        };
        let set = main.base_env.iter().find_map(|name| {
            let value = environment.var(name)?.trim();
            (!value.is_empty()).then(|| (name.clone(), value.to_owned()))
        });
        let Some((name, value)) = set else {
            return;
        };
        match Url::parse(&value) {
            Ok(base) if is_base(&base) => self.name_base(&base),
            _ => {
                self.availability = Err(Reason::new(
                    ReasonKind::Misconfigured,
                    format!("environment variable {name} holds no base URL"),
                    format!(
                        "write it in full, such as {name}=http://127.0.0.1:8080, without user name, query and fragment"
                    ),
                ));
            }
        }
    }

    fn overlay_model(&mut self, config: &ModelConfig) {
        if !config.compat.is_empty() {
            self.model_compat
                .insert(config.id.clone(), config.compat.clone());
        }
        let Some(spec) = &mut self.manifest.model else {
            return;
        };
        let known = spec.models.iter().position(|model| model.id == config.id);
        let mut entry = match known {
            Some(at) => spec.models[at].clone(),
            None => ModelEntry {
                id: config.id.clone(),
                input: vec!["text".to_owned()],
                ..ModelEntry::default()
            },
        };
        entry.name = config.name.clone().or(entry.name);
        entry.context_window = config.context_window.or(entry.context_window);
        entry.max_output_tokens = config.max_tokens.or(entry.max_output_tokens);
        entry.reasoning |= config.reasoning;
        if !config.input.is_empty() {
            entry.input.clone_from(&config.input);
        }
        match known {
            Some(at) => spec.models[at] = entry,
            None => spec.models.push(entry),
        }
    }
}

/// Where a place of a server is once the server's `was` is `is`. None where the two do not end alike, so that nothing tells.
fn along(place: &Url, was: &Url, is: &Url) -> Option<Url> {
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let before = path(is).strip_suffix(&path(was))?.to_owned();
    let mut moved = is.clone();
    moved.set_path(&format!("{before}{}", place.path()));
    Some(moved)
}

/// Whether a URL leads to this machine by its very words.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Whether it is what a configuration takes as `baseUrl`.
fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

/// Whether two base URLs are the same but for a slash at the end.
fn same_place(a: &Url, b: &Url) -> bool {
    a.as_str().trim_end_matches('/') == b.as_str().trim_end_matches('/')
}
