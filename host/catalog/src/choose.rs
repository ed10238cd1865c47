//! Choosing: which providers are tried for a request, in which order.

use std::fmt;
use std::time::Duration;

use chela_config::{ModelRef, Use};
use chela_egress::Grant;
use chela_manifest::ProviderId;

use crate::{Capability, Catalog, CatalogError, Provider};

/// What the caller asks for.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'w> {
    /// Whatever is configured.
    Any,
    /// That model of that provider, or an error. The model need not be in any list.
    Model(&'w ModelRef),
    /// That provider with its default model, or an error.
    Provider(&'w ProviderId),
}

/// One to be tried.
#[derive(Clone)]
pub struct Candidate<'c> {
    /// The provider.
    pub provider: &'c Provider,
    /// The model; none for capabilities without models.
    pub model: Option<String>,
    /// Why it is one.
    pub because: Because,
    /// How long the whole may take, when the operator says so for this use. What a call of the provider may take is [`Provider::timeout`].
    pub timeout: Option<Duration>,
}

impl Candidate<'_> {
    /// What its provider may do on the network.
    ///
    /// # Errors
    ///
    /// As [`Provider::grant`], and as [`Provider::grant_by_name`] for one that the caller or the configuration named.
    pub fn grant(&self) -> Result<Grant, CatalogError> {
        if self.because.is_a_word() {
            self.provider.grant_by_name()
        } else {
            self.provider.grant()
        }
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("provider", self.provider.id())
            .field("model", &self.model)
            .field("because", &self.because)
            .finish_non_exhaustive()
    }
}

/// One that would have been tried and cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: Option<String>,
    /// Why it cannot be.
    pub error: CatalogError,
}

/// The outcome of choosing.
pub struct Choice<'c> {
    /// What is tried, in order.
    pub candidates: Vec<Candidate<'c>>,
    /// What was asked for, by the caller or by the configuration, and cannot be tried.
    pub skipped: Vec<Skipped>,
    nothing: CatalogError,
}

/// Why a candidate is one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because {
    /// The caller named it.
    Named,
    /// The configuration names it first, under that key.
    Primary(&'static str),
    /// The configuration names it as a fallback, by number from 1, under that key.
    Fallback(&'static str, usize),
    /// The configured text model takes the medium too.
    TextModel,
    /// Its provider serves the configured text model.
    TextProvider,
    /// It is the only one that is configured for the capability.
    Only,
    /// It comes first among those that are configured, by rank and then by id.
    Rank,
    /// Nothing but a demonstration is configured.
    Demonstration,
}

impl Because {
    /// Whether somebody said so: the caller, or the operator in the configuration.
    fn is_a_word(&self) -> bool {
        matches!(
            self,
            Self::Named | Self::Primary(_) | Self::Fallback(..) | Self::TextModel
        )
    }
}

impl fmt::Display for Because {
    /// A fragment for people: `agents.defaults.imageModel names it first`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => f.write_str("it was asked for by name"),
            Self::Primary(key) => write!(f, "{key} names it first"),
            Self::Fallback(key, number) => write!(f, "it is fallback {number} of {key}"),
            Self::TextModel => write!(f, "{} names it and it takes the medium", Use::Text.key()),
            Self::TextProvider => write!(f, "{} names its provider", Use::Text.key()),
            Self::Only => f.write_str("it is the only configured provider that does this"),
            Self::Rank => f.write_str("it ranks first among the configured providers"),
            Self::Demonstration => {
                f.write_str("it needs no key, and no real provider is configured for this")
            }
        }
    }
}

impl<'c> Choice<'c> {
    /// The candidates, at least one.
    ///
    /// # Errors
    ///
    /// Why there is none: the error of the one that was named, or of the first that the configuration names, or
    /// [`CatalogError::NoneConfigured`].
    pub fn into_result(self) -> Result<Vec<Candidate<'c>>, CatalogError> {
        if self.candidates.is_empty() {
            return Err(self
                .skipped
                .into_iter()
                .next()
                .map_or(self.nothing, |skipped| skipped.error));
        }
        Ok(self.candidates)
    }
}

impl Catalog {
    /// Which providers are tried for a capability, in order.
    ///
    /// 1. A model or provider that the caller names is the only candidate.
    /// 2. Else what the configuration names for this use: its primary, then its fallbacks, and nothing besides. For describing pictures the
    ///    configured text model follows, when it is known to take them. Films have no key of their own: those of the two that are known to
    ///    take them are asked.
    /// 3. Else the default model of every provider that is configured: first that of the configured text model, then by rank, then
    ///    by id. A demonstration is a candidate only when there is no other.
    pub fn choose(&self, capability: Capability, wanted: Wanted<'_>) -> Choice<'_> {
        let mut choice = Choice {
            candidates: Vec::new(),
            skipped: Vec::new(),
            nothing: self.none_configured(capability),
        };
        match wanted {
            Wanted::Model(reference) => {
                choice.add(
                    self,
                    capability,
                    &reference.provider,
                    Some(&reference.model),
                    Because::Named,
                    None,
                );
            }
            Wanted::Provider(id) => choice.add(self, capability, id, None, Because::Named, None),
            Wanted::Any => {
                self.add_configured(capability, &mut choice);
                if choice.is_empty() {
                    self.add_all(capability, &mut choice);
                }
            }
        }
        choice
    }

    /// What the configuration names for a capability.
    fn add_configured<'c>(&'c self, capability: Capability, choice: &mut Choice<'c>) {
        if let Some(wanted) = capability.configured_use() {
            let configured = self.config.primary(wanted);
            for (reference, because) in named(configured, wanted.key()) {
                let model = capability.takes_model().then_some(&*reference.model);
                choice.add(
                    self,
                    capability,
                    &reference.provider,
                    model,
                    because,
                    configured.timeout,
                );
            }
        }
        if choice.is_empty() {
            self.add_tools(capability, choice);
        }
        let medium = match capability {
            Capability::ImageDescribe => "image",
            Capability::VideoDescribe => "video",
            _ => return,
        };
        let takes = |reference: &ModelRef| {
            let provider = self.provider(reference.provider.as_str());
            let model = provider.and_then(|provider| provider.model(&reference.model));
            model.is_some_and(|model| model.input.iter().any(|input| input == medium))
        };
        if capability == Capability::VideoDescribe && choice.is_empty() {
            let pictures = self.config.primary(Use::ImageDescription);
            for (reference, because) in named(pictures, Use::ImageDescription.key()) {
                if takes(reference) {
                    choice.add(
                        self,
                        capability,
                        &reference.provider,
                        Some(&reference.model),
                        because,
                        pictures.timeout,
                    );
                }
            }
        }
        let text = self.config.primary(Use::Text);
        if let Some(reference) = text.primary.as_ref().filter(|one| takes(one))
            && !choice.has(reference)
        {
            choice.add(
                self,
                capability,
                &reference.provider,
                Some(&reference.model),
                Because::TextModel,
                text.timeout,
            );
        }
    }

    /// What `tools` names for a capability.
    fn add_tools<'c>(&'c self, capability: Capability, choice: &mut Choice<'c>) {
        let tools = &self.config.tools;
        let mut add = |id, model, because, timeout| {
            choice.add(self, capability, id, model, because, timeout);
        };
        let (key, models) = match capability {
            Capability::ImageDescribe => ("tools.media.image.models", &tools.image),
            Capability::AudioTranscribe => ("tools.media.audio.models", &tools.audio),
            Capability::VideoDescribe => ("tools.media.video.models", &tools.video),
            Capability::WebSearch | Capability::WebFetch => {
                let (key, tool) = match capability {
                    Capability::WebSearch => ("tools.web.search.provider", &tools.search),
                    _ => ("tools.web.fetch.provider", &tools.fetch),
                };
                if let Some(id) = &tool.provider {
                    add(id, None, Because::Primary(key), tool.timeout);
                }
                return;
            }
            _ => return,
        };
        for (at, entry) in models.iter().enumerate() {
            let because = match at {
                0 => Because::Primary(key),
                at => Because::Fallback(key, at),
            };
            add(
                &entry.provider,
                entry.model.as_deref(),
                because,
                entry.timeout,
            );
        }
    }

    /// The default model of every provider that can be used.
    fn add_all<'c>(&'c self, capability: Capability, choice: &mut Choice<'c>) {
        let text_provider = self
            .config
            .primary(Use::Text)
            .primary
            .as_ref()
            .map(|reference| &reference.provider);
        let mut able: Vec<(&Provider, Option<&str>)> = self
            .providers()
            .filter(|provider| {
                capability.is_served_by(provider.manifest()) && provider.ready().is_ok()
            })
            .filter_map(
                |provider| match capability.default_model(provider.manifest()) {
                    None if capability.takes_model() => None,
                    model => Some((provider, model)),
                },
            )
            .collect();
        if able
            .iter()
            .any(|(provider, _)| !provider.manifest().demonstration)
        {
            able.retain(|(provider, _)| !provider.manifest().demonstration);
        }
        able.sort_by_key(|(provider, _)| {
            (
                Some(provider.id()) != text_provider,
                provider.manifest().rank,
                provider.id(),
            )
        });
        let alone = able.len() == 1;
        for (provider, model) in able {
            let because = if provider.manifest().demonstration {
                Because::Demonstration
            } else if alone {
                Because::Only
            } else if Some(provider.id()) == text_provider {
                Because::TextProvider
            } else {
                Because::Rank
            };
            choice.candidates.push(Candidate {
                provider,
                model: model.map(str::to_owned),
                because,
                timeout: None,
            });
        }
    }

    /// The ids of the providers that can be asked for a capability.
    fn serving(&self, capability: Capability) -> Vec<&Provider> {
        self.providers()
            .filter(|provider| capability.is_served_by(provider.manifest()))
            .collect()
    }

    fn none_configured(&self, capability: Capability) -> CatalogError {
        // Those that would be chosen, had they what they need.
        let able = || {
            self.serving(capability).into_iter().filter(|provider| {
                !capability.takes_model() || capability.default_model(provider.manifest()).is_some()
            })
        };
        let ways: Vec<String> = able()
            .filter_map(|provider| {
                let auth = provider.auth().filter(|auth| auth.required)?;
                let variable = auth
                    .looked_for
                    .first()?
                    .strip_prefix("environment variable ")?
                    .to_owned();
                Some(format!("{variable} for {}", provider.id()))
            })
            .collect();
        let keyless: Vec<String> = able()
            .filter(|provider| provider.auth().is_none_or(|auth| !auth.required))
            .filter(|provider| provider.ready().is_err() && provider.ready_by_name().is_ok())
            .map(|provider| format!("--provider {}", provider.id()))
            .collect();
        let mut hint = if ways.is_empty() {
            "configure a provider under models.providers".to_owned()
        } else {
            format!(
                "set a key ({}), or configure a provider under models.providers",
                ways.join(", ")
            )
        };
        if !keyless.is_empty() {
            hint.push_str(&format!(
                "; {} asks one that needs no key",
                keyless.join(" or ")
            ));
        }
        CatalogError::NoneConfigured { capability, hint }
    }

    pub(crate) fn unknown(&self, id: &ProviderId) -> CatalogError {
        let known: Vec<&str> = self
            .providers()
            .map(|provider| provider.id().as_str())
            .collect();
        CatalogError::UnknownProvider {
            id: id.to_string(),
            nearest: chela_manifest::document::nearest(id.as_str(), &known).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        }
    }
}

impl<'c> Choice<'c> {
    fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.skipped.is_empty()
    }

    fn has(&self, reference: &ModelRef) -> bool {
        let same = |provider: &ProviderId, model: Option<&str>| {
            *provider == reference.provider && model == Some(&*reference.model)
        };
        self.candidates
            .iter()
            .any(|candidate| same(candidate.provider.id(), candidate.model.as_deref()))
            || self
                .skipped
                .iter()
                .any(|skipped| same(&skipped.provider, skipped.model.as_deref()))
    }

    /// Adds one that was asked for: to the candidates, or to what is skipped with the reason.
    fn add(
        &mut self,
        catalog: &'c Catalog,
        capability: Capability,
        id: &ProviderId,
        model: Option<&str>,
        because: Because,
        timeout: Option<Duration>,
    ) {
        match usable(catalog, capability, id, model, because.is_a_word()) {
            Ok((provider, model)) => self.candidates.push(Candidate {
                provider,
                model: model.filter(|_| capability.takes_model()),
                because,
                timeout,
            }),
            Err(error) => {
                self.skipped.push(Skipped {
                    provider: id.clone(),
                    model: model.map(str::to_owned),
                    error,
                });
            }
        }
    }
}

/// The models of a choice, in order, each with why it is one.
fn named<'c>(
    configured: &'c chela_config::Choice,
    key: &'static str,
) -> impl Iterator<Item = (&'c ModelRef, Because)> {
    let primary = configured
        .primary
        .iter()
        .map(move |reference| (reference, Because::Primary(key)));
    let fallbacks = configured.fallbacks.iter().enumerate();
    primary.chain(fallbacks.map(move |(at, reference)| (reference, Because::Fallback(key, at + 1))))
}

fn usable<'c>(
    catalog: &'c Catalog,
    capability: Capability,
    id: &ProviderId,
    model: Option<&str>,
    named: bool,
) -> Result<(&'c Provider, Option<String>), CatalogError> {
    let provider = catalog
        .provider(id.as_str())
        .ok_or_else(|| catalog.unknown(id))?;
    if provider.availability.is_err() {
        provider.ready()?;
    }
    if !capability.is_served_by(provider.manifest()) {
        let others = catalog
            .serving(capability)
            .into_iter()
            .map(|provider| provider.id().to_string())
            .collect();
        return Err(CatalogError::Unsupported {
            id: id.to_string(),
            capability,
            others,
        });
    }
    let model = model
        .or_else(|| capability.default_model(provider.manifest()))
        .map(str::to_owned);
    if model.is_none() && capability.takes_model() {
        return Err(CatalogError::NoDefaultModel {
            id: id.to_string(),
            capability,
        });
    }
    // Whoever names it wants it asked.
    if named {
        provider.ready_by_name()?;
    } else {
        provider.ready()?;
    }
    Ok((provider, model))
}
