//! The server of the operator's own that a provider needs: up before the provider is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use chela_config::LocalService;
use chela_egress::{
    Body, Call, CallLimits, EndpointGrant, Grant, Method, ProviderEgress, Request, Target,
};
use chela_envelope::ErrorType;
use chela_manifest::{Downloads, ProviderId};
use chela_services::ServiceError;
use tokio::time::Instant;
use url::Url;

use crate::candidate::Candidate;
use crate::fault::{Fault, prose};
use crate::runtime::Runtime;

/// How long a server may take to say whether it serves.
const HEALTH: Duration = Duration::from_secs(5);

/// The endpoint of the question.
const ENDPOINT: &str = "health";

/// What `error.code` says of a server that is not there.
const CODE: &str = "local-service";

impl Runtime {
    /// Has the server of a candidate up, where the configuration names one.
    ///
    /// # Errors
    ///
    /// `unavailable` when it does not come up in time.
    pub(crate) async fn serve_locally(
        &self,
        candidate: &Candidate<'_>,
        deadline: Instant,
    ) -> Result<(), Fault> {
        let (Some(service), Some(services)) = (candidate.local_service(), &self.options.services)
        else {
            return Ok(());
        };
        let id = candidate.id();
        let Some(health) = service
            .health_url
            .clone()
            .or_else(|| candidate.usual_health())
        else {
            return Err(not_there(format!(
                "models.providers.{id}.localService names no healthUrl, and there is no baseUrl to ask"
            )));
        };
        let egress = self
            .egress()
            .connect(grant(candidate.provider_id(), &health));
        let up = services.up(id, service, deadline, async || {
            serves(&egress, &health, deadline).await
        });
        tokio::select! {
            biased;
            () = self.options.cancelled.cancelled() => Err(Fault::interrupted()),
            up = up => up.map_err(|error| told(id, service, &error)),
        }
    }
}

/// The one thing that may be asked: the URL that the operator wrote.
fn grant(provider: &ProviderId, health: &Url) -> Grant {
    let mut base = health.clone();
    base.set_path("/");
    base.set_query(None);
    base.set_fragment(None);
    let endpoint = EndpointGrant {
        base,
        named_by_operator: true,
        plain_http_credential: false,
        credential: None,
    };
    Grant {
        provider: provider.clone(),
        endpoints: BTreeMap::from([(ENDPOINT.to_owned(), endpoint)]),
        downloads: Downloads::default(),
    }
}

/// Whether the server answers, and not that it is not there yet (5xx), as servers do that load a model.
async fn serves(egress: &ProviderEgress, health: &Url, deadline: Instant) -> bool {
    let request = Request {
        method: Method::Get,
        target: Target::Endpoint {
            endpoint: ENDPOINT.to_owned(),
            path: health.path().to_owned(),
            query: health.query_pairs().into_owned().collect(),
        },
        headers: Vec::new(),
        body: Body::None,
    };
    let call = Call::new(deadline.min(Instant::now() + HEALTH), CallLimits::default());
    match egress.send(request, &call).await {
        Ok(response) => response.status() < 500,
        Err(_) => false,
    }
}

fn not_there(message: String) -> Fault {
    Fault {
        code: Some(CODE.to_owned()),
        ..Fault::new(ErrorType::Unavailable, message)
    }
}

fn told(id: &str, service: &LocalService, error: &ServiceError) -> Fault {
    let hint = match error {
        ServiceError::NotReady { .. } => format!(
            "give it more time with models.providers.{id}.localService.readyTimeoutMs, or see what `{}` says when you run it yourself",
            service.command
        ),
        _ => format!(
            "see what `{}` says when you run it yourself",
            service.command
        ),
    };
    not_there(prose(&error.to_string())).hint(hint)
}
