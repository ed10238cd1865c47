//! A provider and a model that can be asked, with all that a call of it needs.

use std::sync::Arc;
use std::time::Duration;

use chela_catalog::{CatalogError, Provider};
use chela_config::{Cost, LocalService};
use chela_egress::{CallLimits, Egress};
use chela_envelope::{ErrorType, PlannedCredential, PlannedRequest};
use chela_manifest::{Family, Manifest, ProviderId};
use chela_sandbox::{ComponentBytes, Limits};

use url::Url;

use crate::choose::Asked;
use crate::dry_run;
use crate::fault::Fault;

/// The longest time that a manifest gets for one call. The operator's `timeoutSeconds` and the caller's `--timeout-ms` may say more.
const LONGEST_WALL: Duration = Duration::from_secs(3600);

/// A provider and a model that can be asked.
pub(crate) struct Candidate<'c> {
    provider: &'c Provider,
    /// The model's id at the provider.
    pub(crate) model: String,
    /// How long the whole may take, where the operator says so of the choice that led here.
    pub(crate) chosen: Option<Duration>,
    /// How long a call may take, where the operator says so of the provider, or else the manifest.
    pub(crate) call: Option<Duration>,
    /// What one call of it may use of the network.
    pub(crate) limits: CallLimits,
    /// What its component runs as. Connections are shared by all calls of this candidate.
    pub(crate) runs_as: chela_sandbox::Provider,
    pub(crate) component: ComponentBytes,
}

/// What one call of a provider may use of the network. How long its server may be silent is the operator's to say before the manifest's; and
/// who allows a whole call more time than that means a server that is slow.
fn limits(provider: &Provider) -> CallLimits {
    let asks = provider.limits();
    let limits = CallLimits::default().asked(asks.requests, asks.response, asks.idle);
    let at_least = provider.timeout().unwrap_or_default();
    let idle = provider
        .idle_timeout()
        .unwrap_or_else(|| limits.idle.max(at_least));
    CallLimits { idle, ..limits }
}

impl<'c> Candidate<'c> {
    /// Puts together what the catalog knows.
    ///
    /// # Errors
    ///
    /// When the provider cannot be used, which the catalog has ruled out for what it chose.
    pub(crate) fn new(
        chosen: chela_catalog::Candidate<'c>,
        egress: &Egress,
        ceiling: &Limits,
    ) -> Result<Self, Fault> {
        let grant = chosen.grant()?;
        let provider = chosen.provider;
        let Some(component) = provider.component() else {
            return Err(Fault::new(
                ErrorType::Unsupported,
                format!("the provider `{}` has no component", provider.id()),
            ));
        };
        let model = chosen.model.unwrap_or_default();
        let asks = provider.limits();
        let egress = egress
            .connect(grant)
            .for_component(component.digest.as_str());
        Ok(Self {
            chosen: chosen.timeout,
            call: provider
                .timeout()
                .or(asks.wall.map(|wall| wall.min(LONGEST_WALL))),
            limits: limits(provider),
            runs_as: chela_sandbox::Provider {
                id: provider.id().clone(),
                egress,
                settings: Arc::new(provider.settings(Some(&model))),
                replaced_endpoints: Arc::new(provider.replaced_endpoints()),
                credentials_present: Arc::new(provider.credentials_present()),
                limits: Limits::default().asked(&asks, ceiling),
            },
            component: ComponentBytes {
                digest: component.digest.clone(),
                bytes: component.bytes.clone(),
            },
            provider,
            model,
        })
    }

    /// Asks another model of the same provider.
    pub(crate) fn rename_model(&mut self, model: String) {
        self.runs_as.settings = Arc::new(self.provider.settings(Some(&model)));
        self.model = model;
    }

    /// The provider's id.
    pub(crate) fn id(&self) -> &'c str {
        self.provider.id().as_str()
    }

    pub(crate) fn provider_id(&self) -> &'c ProviderId {
        self.provider.id()
    }

    /// The origin of the server that is asked.
    pub(crate) fn server(&self) -> Option<String> {
        let (_, endpoint) = self.manifest().main_endpoint()?;
        let base = endpoint.base.as_ref()?;
        Some(base.origin().ascii_serialization())
    }

    /// The server on this machine that has to be up before it is asked.
    pub(crate) fn local_service(&self) -> Option<&'c LocalService> {
        self.provider.local_service()
    }

    /// Where a server says that it serves when the configuration does not say: its list of models.
    pub(crate) fn usual_health(&self) -> Option<Url> {
        let (_, endpoint) = self.manifest().main_endpoint()?;
        let base = endpoint.base.as_ref()?;
        let mut health = base.clone();
        health
            .path_segments_mut()
            .ok()?
            .pop_if_empty()
            .push("models");
        Some(health)
    }

    pub(crate) fn manifest(&self) -> &'c Manifest {
        self.provider.manifest()
    }

    /// Whether the model takes a medium; none when the model is not known.
    pub(crate) fn takes(&self, medium: &str) -> Option<bool> {
        self.provider
            .model(&self.model)
            .map(|model| model.input.iter().any(|input| input == medium))
    }

    /// The request of a dry run in the envelope's terms.
    pub(crate) fn planned(&self, request: chela_egress::PlannedRequest) -> PlannedRequest {
        let credential = request.credential.map(|name| {
            let lookup = self.provider.lookup(&name);
            let found = lookup.and_then(|lookup| lookup.found.as_ref());
            PlannedCredential {
                missing: found.is_none(),
                source: found.map(|found| found.source.to_string()),
                looked_for: lookup.map_or_else(Vec::new, |lookup| lookup.looked_for.clone()),
                name,
            }
        });
        let size = request.body_size;
        PlannedRequest {
            method: request.method.to_string(),
            url: request.url,
            headers: dry_run::headers(request.headers),
            body: request.body.map(|body| dry_run::body(body, size)),
            credential,
            proxy: request.proxy,
        }
    }

    /// The known model that the one that is asked for is perhaps a slip of; none where that one is known itself.
    fn nearest_model(&self) -> Option<&str> {
        let manifest = self.manifest();
        let known: Vec<&str> = Family::ALL
            .into_iter()
            .flat_map(|family| manifest.models(family))
            .collect();
        if known.contains(&self.model.as_str()) {
            return None;
        }
        chela_manifest::document::nearest(&self.model, &known)
    }

    /// Adds what is known of this provider to a failure: which model was perhaps meant, which key was not accepted, or where one is looked for.
    pub(crate) fn explain(&self, fault: Fault) -> Fault {
        if fault.kind == ErrorType::NotFound
            && fault.hint.is_none()
            && let Some(near) = self.nearest_model()
        {
            let id = self.id();
            return fault.hint(format!(
                "`{}` is none of the models that chela knows there: did you mean --model {id}/{near}?",
                self.model
            ));
        }
        if fault.kind != ErrorType::Auth || fault.hint.is_some() {
            return fault;
        }
        let Some(auth) = self.provider.auth() else {
            let id = self.id();
            return fault.hint(format!(
                "the server wants a credential, and none goes to {id}: name another provider with --provider"
            ));
        };
        let hint = match &auth.answered_by {
            Some(source) => format!(
                "check the key of {}: the one from {source} was not accepted",
                self.id()
            ),
            None => format!(
                "give {} a key; looked for: {}",
                self.id(),
                auth.looked_for.join(", ")
            ),
        };
        fault.hint(hint)
    }
}

impl Asked for Candidate<'_> {
    fn provider(&self) -> &str {
        self.id()
    }

    fn model(&self) -> Option<&str> {
        Some(&self.model)
            .filter(|model| !model.is_empty())
            .map(String::as_str)
    }

    fn timeout(&self) -> Option<Duration> {
        self.chosen.or(self.call)
    }

    fn cost(&self) -> Option<Cost> {
        self.provider.cost(&self.model).copied()
    }
}

impl From<CatalogError> for Fault {
    fn from(error: CatalogError) -> Self {
        Self {
            hint: error.hint().map(String::into_boxed_str),
            ..Self::new(error.error_type(), error.to_string())
        }
    }
}
