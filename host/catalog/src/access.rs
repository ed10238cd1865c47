//! Whether a provider is configured: its credentials and its base URL.

use std::collections::BTreeMap;

use chela_config::ProviderConfig;
use chela_credentials::{CredentialError, Environment, Lookup, find};
use chela_egress::AddressKind;
use chela_manifest::{Downloads, Manifest};
use serde::Serialize;
use url::{Host, Url};

use crate::Provider;
use crate::provider::{Reason, ReasonKind, Source};

/// What came of looking for a provider's credentials. Never any part of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Auth {
    /// Whether the provider is of no use without it.
    pub required: bool,
    /// Where it was looked for, in order: `environment variable OPENAI_API_KEY`.
    pub looked_for: Vec<String>,
    /// Where it was found.
    pub answered_by: Option<String>,
}

impl Auth {
    pub(crate) fn of(provider: &Provider) -> Option<Self> {
        if provider.credentials.is_empty() {
            return None;
        }
        let mut auth = Self {
            required: false,
            looked_for: Vec::new(),
            answered_by: None,
        };
        let mut answers: Vec<String> = Vec::new();
        for (name, lookup) in &provider.credentials {
            auth.required |= provider
                .manifest()
                .credentials
                .get(name)
                .is_some_and(|credential| credential.required);
            auth.looked_for.extend(lookup.looked_for.iter().cloned());
            answers.extend(lookup.found.iter().map(|found| found.source.to_string()));
        }
        auth.answered_by = Some(answers.join(", ")).filter(|answers| !answers.is_empty());
        Some(auth)
    }
}

/// Looks for the credentials of a manifest. The operator's `apiKey` is that of the main endpoint.
pub(crate) fn look_up(
    manifest: &Manifest,
    config: Option<&ProviderConfig>,
    environment: &Environment,
) -> BTreeMap<String, Lookup> {
    let main = manifest
        .main_endpoint()
        .and_then(|(_, endpoint)| endpoint.credential.as_deref());
    manifest
        .credentials
        .iter()
        .map(|(name, credential)| {
            let key = config
                .and_then(|config| config.api_key.as_ref())
                .filter(|_| main == Some(name));
            let lookup = find(credential, key, environment);
            // A key that the operator configured is meant for the server that was configured with it.
            let lookup = if key.is_none() && main == Some(name) {
                lookup.or_kept(&manifest.id, environment)
            } else {
                lookup
            };
            (name.clone(), lookup)
        })
        .collect()
}

impl Provider {
    /// Whether it is configured. A provider without endpoints is local and always is. Otherwise nothing goes out without a
    /// credential or an explicit setting: each endpoint has the credential that it needs, or needs none and belongs to a provider whose
    /// base URL the operator named.
    pub(crate) fn configured(&self) -> Result<(), Reason> {
        let id = self.id();
        let Some((main_name, main)) = self.manifest.main_endpoint() else {
            return Ok(());
        };
        if main.base.is_none() {
            // What such a provider reads is named by whoever asks it, each time. A base URL adds a place that is not public.
            if main.credential.is_none() && self.manifest.downloads == Downloads::Public {
                return Ok(());
            }
            return Err(Reason::new(
                ReasonKind::Misconfigured,
                "it has no base URL",
                match main.base_env.first() {
                    Some(name) => {
                        format!("set {name}, or models.providers.{id}.baseUrl in the configuration")
                    }
                    None => format!("set models.providers.{id}.baseUrl in the configuration"),
                },
            ));
        }
        let mut credential_found = false;
        // A credential that a provider can do without may be there for another use of it; that it is says nothing of where
        // to send anything.
        let mut credential_suffices = false;
        for endpoint in self.manifest.endpoints.values() {
            let Some(name) = &endpoint.credential else {
                continue;
            };
            let required = self
                .manifest
                .credentials
                .get(name)
                .is_none_or(|credential| credential.required);
            let Some(lookup) = self.credentials.get(name) else {
                continue;
            };
            if let Some(error) = &lookup.error {
                return Err(unusable(error));
            }
            if lookup.found.is_some() {
                credential_found = true;
                credential_suffices |= required;
            } else if required {
                return Err(self.not_found(lookup));
            }
        }
        if let (true, Some(base)) = (credential_found && !self.plain_http, &main.base)
            && base.scheme() == "http"
            && is_public(base)
        {
            return Err(Reason::new(
                ReasonKind::Misconfigured,
                format!(
                    "its base URL {base} would take the credential across the internet in clear"
                ),
                format!(
                    "write https:// in models.providers.{id}.baseUrl, or set models.providers.{id}.allowPlainHttp to true to accept that"
                ),
            ));
        }
        let named = self.named_endpoint.as_deref() == Some(main_name);
        if credential_suffices || named {
            return Ok(());
        }
        let base = main.base.as_ref().map_or("https://…", |base| base.as_str());
        Err(Reason::new(
            ReasonKind::Unasked,
            "it needs no credential, and nothing is sent to it before it is asked for by name",
            format!(
                "write --provider {id}, or set models.providers.{id}.baseUrl, such as \"{base}\""
            ),
        ))
    }

    fn not_found(&self, lookup: &Lookup) -> Reason {
        let places = lookup.looked_for.join(", ");
        let id = self.id();
        if lookup.looked_for.is_empty() {
            return Reason::new(
                ReasonKind::NoCredential,
                "there is no place to look for it",
                format!("set models.providers.{id}.apiKey in the configuration"),
            );
        }
        let first = lookup.looked_for[0].trim_start_matches("environment variable ");
        let hint = match self.source {
            Source::Bundled => {
                format!(
                    "set {first}, or models.providers.{id}.apiKey in the configuration, or run `chela model auth login --provider {id}`"
                )
            }
            Source::Configured => format!("set {first}, which models.providers.{id}.apiKey names"),
        };
        Reason::new(
            ReasonKind::NoCredential,
            format!("{places} not found or empty"),
            hint,
        )
    }
}

/// Whether a URL leads to a public address by its very words, so that no credential can go there over plain http. A name can
/// be that of a machine in a private network; where it leads is judged when it is resolved, as are the special addresses.
fn is_public(base: &Url) -> bool {
    let kind = match base.host() {
        Some(Host::Ipv4(address)) => AddressKind::of(address.into()),
        Some(Host::Ipv6(address)) => AddressKind::of(address.into()),
        Some(Host::Domain(_)) | None => return false,
    };
    kind == AddressKind::Public
}

fn unusable(error: &CredentialError) -> Reason {
    let kind = match error {
        CredentialError::Unsupported { .. } | CredentialError::Unreadable { .. } => {
            ReasonKind::Misconfigured
        }
        _ => ReasonKind::NoCredential,
    };
    let text = error.to_string();
    match text.split_once("; ") {
        Some((problem, hint)) => Reason::new(kind, problem, hint),
        None => Reason::new(kind, text.clone(), ""),
    }
}
