//! The way of a request: judged, dressed, sent, and again for every redirect.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use cap_std::fs::Dir;
use chela_manifest::{Inject, Origin};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::audit::{AuditEvent, AuditSink, AuditTarget, NoAudit, Outcome, Record};
use crate::blob::Spool;
use crate::body::Plan;
use crate::connect::{Clients, Resolver, SystemResolver, host_and_port};
use crate::failure::{PROXY_AUTHENTICATION, Stage, of_client};
use crate::headers::{can_be_owned, judge_headers};
use crate::judge::{Destination, Via, encode_query, judge_target};
use crate::plan::{shown_headers, shown_url};
use crate::redact::Redactor;
use crate::redirect::{Hop, Stop, Trail, next_hop};
use crate::response::Exchange;
use crate::tls::Trust;
use crate::{
    Awaited, Body, Call, CredentialGrant, Denial, EgressError, Grant, Method, PlannedBody,
    PlannedRequest, Proxies, Request, Response, Roots, Rule, Target,
};

/// What a process gives to egress.
pub struct EgressOptions {
    /// A folder, private to the user, for media that is too large for memory. None keeps everything in memory.
    pub spool: Option<Dir>,
    /// Who is told of every request.
    pub audit: Arc<dyn AuditSink>,
    /// Root certificates to trust besides those of the operating system, in DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// Who turns names into addresses.
    pub resolver: Arc<dyn Resolver>,
    /// Which certificates are trusted in place of the operating system's, where the operator says.
    pub roots: Roots,
    /// Which proxies requests go through.
    pub proxies: Proxies,
    /// Sends nothing: the first request of each call ends it as [`EgressError::DryRun`], before any name is resolved. Nobody is told.
    pub dry_run: bool,
}

impl Default for EgressOptions {
    fn default() -> Self {
        Self {
            spool: None,
            audit: Arc::new(NoAudit),
            extra_roots: Vec::new(),
            resolver: Arc::new(SystemResolver),
            roots: Roots::default(),
            proxies: Proxies::default(),
            dry_run: false,
        }
    }
}

impl fmt::Debug for EgressOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressOptions")
            .field("spool", &self.spool.is_some())
            .field("extra_roots", &self.extra_roots.len())
            .field("proxies", &self.proxies)
            .field("dry_run", &self.dry_run)
            .finish_non_exhaustive()
    }
}

/// The way out of the process. Making one opens nothing and loads nothing.
pub struct Egress {
    spool: Spool,
    audit: Arc<dyn AuditSink>,
    trust: Arc<Trust>,
    resolver: Arc<dyn Resolver>,
    proxies: Arc<Proxies>,
    dry_run: bool,
}

impl Egress {
    /// A way out.
    pub fn new(options: EgressOptions) -> Self {
        Self {
            spool: Spool::new(options.spool),
            audit: options.audit,
            trust: Arc::new(Trust::new(options.roots, options.extra_roots)),
            resolver: options.resolver,
            proxies: Arc::new(options.proxies),
            dry_run: options.dry_run,
        }
    }

    /// The way out of one provider, with connections of its own.
    pub fn connect(&self, grant: Grant) -> ProviderEgress {
        ProviderEgress {
            component: None,
            inner: Arc::new(Inner {
                grant,
                clients: Clients::new(
                    Arc::clone(&self.trust),
                    Arc::clone(&self.resolver),
                    Arc::clone(&self.proxies),
                ),
                dry_run: self.dry_run,
                redactors: OnceLock::new(),
                audit: Arc::clone(&self.audit),
                spool: self.spool.clone(),
            }),
        }
    }

    /// Where large blobs are kept.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

/// The way out of one provider: what its grant allows and nothing else. Cheap to clone.
#[derive(Clone)]
pub struct ProviderEgress {
    component: Option<Arc<str>>,
    inner: Arc<Inner>,
}

/// What masks a provider's credentials.
struct Redactors {
    /// All of them, in what a component says to people.
    all: Option<Arc<Redactor>>,
    /// Those that an origin may be sent, in its answers. An origin that never sees a credential cannot give it away; masking
    /// it there would only tell whoever has guesses repeated which of them is right.
    by_origin: Vec<(Origin, Arc<Redactor>)>,
}

impl Redactors {
    fn new(grant: &Grant) -> Self {
        let of = |origin: Option<&Origin>| {
            let secrets = grant.endpoints.values().filter_map(|endpoint| {
                let here = origin
                    .is_none_or(|origin| Origin::from_url(&endpoint.base).as_ref() == Some(origin));
                let credential = endpoint.credential.as_ref().filter(|_| here)?;
                Some(credential.secret.expose())
            });
            Redactor::new(secrets).map(Arc::new)
        };
        let mut origins: Vec<Origin> = Vec::new();
        for endpoint in grant.endpoints.values() {
            if let Some(origin) = Origin::from_url(&endpoint.base)
                && !origins.contains(&origin)
            {
                origins.push(origin);
            }
        }
        Self {
            all: of(None),
            by_origin: origins
                .into_iter()
                .filter_map(|origin| {
                    let redactor = of(Some(&origin))?;
                    Some((origin, redactor))
                })
                .collect(),
        }
    }

    fn of(&self, origin: &Origin) -> Option<Arc<Redactor>> {
        let known = self.by_origin.iter().find(|(known, _)| known == origin)?;
        Some(Arc::clone(&known.1))
    }
}

struct Inner {
    grant: Grant,
    clients: Clients,
    dry_run: bool,
    redactors: OnceLock<Redactors>,
    audit: Arc<dyn AuditSink>,
    spool: Spool,
}

impl ProviderEgress {
    /// The same, with the digest of the component that asks written into the audit log.
    #[must_use]
    pub fn for_component(mut self, digest: impl Into<Arc<str>>) -> Self {
        self.component = Some(digest.into());
        self
    }

    /// What the provider may do.
    pub fn grant(&self) -> &Grant {
        &self.inner.grant
    }

    /// Where large blobs are kept.
    pub fn spool(&self) -> &Spool {
        &self.inner.spool
    }

    /// `text` with this provider's credentials masked, should it hold one.
    pub fn redact(&self, text: String) -> String {
        match &self.redactors().all {
            Some(redactor) => redactor.mask_text(text),
            None => text,
        }
    }

    /// Sends a request and waits for the head of the answer. Any status is an answer.
    ///
    /// # Errors
    ///
    /// [`EgressError::Denied`] when the request or one of its redirects is not allowed, [`EgressError::Credential`] when the
    /// credential cannot be sent, [`EgressError::Unavailable`], [`EgressError::Timeout`], [`EgressError::BadResponse`] and
    /// [`EgressError::TooLarge`] when there is no answer that can be read, and [`EgressError::Storage`] when a blob cannot be.
    pub async fn send(&self, request: Request, call: &Call) -> Result<Response, EgressError> {
        let Request {
            method,
            target,
            headers,
            body,
        } = request;
        let mut trail = Trail::default();
        let planned = self.inner.dry_run.then(|| PlannedBody::of(&body));
        // Counted before it is judged, because a request that is refused is work as well, and a line of the record.
        let mut hop = call
            .count_asked()
            .map_err(Denial::from)
            .and_then(|()| self.first_hop(method, &target, &headers, body, call))
            .map_err(|denial| self.deny(denial, method, &target, 0, call))?;
        drop(headers);
        if let Some(body) = planned {
            return Err(EgressError::DryRun(Box::new(self.planned(&hop, body))));
        }
        loop {
            call.count_request();
            let (record, answer) = self.send_hop(&hop, call, trail.hops()).await?;
            let mut exchange = self.exchange(&hop, call, record);
            let (status, fields) = (answer.status().as_u16(), answer.headers());
            match next_hop(
                &self.inner.grant,
                exchange.redactor.as_deref(),
                &mut trail,
                &hop,
                status,
                fields,
            ) {
                Ok(None) => return Response::new(exchange, answer),
                Ok(Some(next)) => {
                    exchange.record.finish(Outcome::Completed);
                    hop = next;
                    if let Err(rule) = call.count_asked() {
                        let denial = Denial::new(rule, hop.destination.origin.to_string());
                        return Err(self.deny(denial, hop.method, &target, trail.hops(), call));
                    }
                }
                Err(Stop::Denied(denial)) => {
                    exchange.record.finish(Outcome::Completed);
                    let next = trail.hops() + 1;
                    return Err(self.deny(denial, hop.method, &target, next, call));
                }
                Err(Stop::Nonsense(problem)) => {
                    let error = EgressError::BadResponse {
                        host: exchange.host,
                        problem: problem.to_owned(),
                    };
                    exchange.record.finish(Outcome::Failed(error.kind()));
                    return Err(error);
                }
            }
        }
    }

    /// Judges a request: first what is cheap to judge, and nothing is made of what a component wrote before its length is known
    /// to be within its limit.
    fn first_hop(
        &self,
        method: Method,
        target: &Target,
        fields: &[(String, String)],
        body: Body,
        call: &Call,
    ) -> Result<Hop, Denial> {
        let grant = &self.inner.grant;
        let (has_body, is_form) = match &body {
            Body::None => (false, false),
            Body::Parts(_) => (true, false),
            Body::Form(_) => (true, true),
        };
        let destination = judge_target(grant, method, has_body, target)?;
        let refuse = |rule| Denial::new(rule, destination.origin.to_string());
        let owned = self
            .credential(&destination)
            .map(|credential| &credential.inject);
        let mut headers = judge_headers(fields, owned, is_form).map_err(refuse)?;
        let body = Plan::new(body).map_err(refuse)?;
        if let Some(plan) = &body {
            if plan.length() > call.limits().request_bytes {
                return Err(refuse(Rule::RequestSize));
            }
            if let Some(content_type) = &plan.content_type {
                let content_type =
                    HeaderValue::from_str(content_type).expect("a boundary is letters and digits");
                headers.insert(CONTENT_TYPE, content_type);
            }
        }
        Ok(Hop {
            destination,
            method,
            headers,
            body,
        })
    }

    /// What would be sent, put together like what is sent.
    fn planned(&self, hop: &Hop, body: Option<PlannedBody>) -> PlannedRequest {
        let destination = &hop.destination;
        let credential = self.credential(destination);
        PlannedRequest {
            method: hop.method,
            url: shown_url(&destination.url, credential),
            headers: shown_headers(&with_user_agent(hop), credential),
            body,
            body_size: hop.body.as_ref().map_or(0, Plan::length),
            credential: credential.map(|credential| credential.name.clone()),
            proxy: self
                .inner
                .clients
                .proxy(destination)
                .map(|proxy| proxy.shown()),
        }
    }

    /// Sends one hop. What comes back is an answer from an address that was judged.
    async fn send_hop(
        &self,
        hop: &Hop,
        call: &Call,
        number: u32,
    ) -> Result<(Record, reqwest::Response), EgressError> {
        let destination = &hop.destination;
        let host = host_and_port(&destination.origin);
        let credential = self.credential(destination);
        let mut record = self.record(destination, hop.method, number, credential);
        let proxy = self.inner.clients.proxy(destination);
        if let Some(proxy) = &proxy {
            record.through(proxy.shown());
        }
        let result = match self.dress(hop, credential, call, &record) {
            // A timer fires a moment late; a call that is over sends nothing in that moment.
            Ok(_) if call.is_over() => Err(EgressError::Timeout {
                host: host.clone(),
                within: Awaited::Head,
                silent: None,
            }),
            Ok(request) => {
                let sending = async {
                    if let Some(proxy) = &proxy {
                        self.inner.clients.judge_through(destination, proxy).await?;
                    }
                    let clients = &self.inner.clients;
                    let client = clients.client(destination, proxy.as_deref()).await?;
                    client
                        .execute(request)
                        .await
                        .map_err(|error| of_client(error, &host, Stage::Head, proxy.as_deref()))
                };
                head(sending, call, record.sent(), &host).await
            }
            Err(error) => Err(error),
        };
        let result = result.and_then(|answer| {
            let address = answer.remote_addr().filter(|_| proxy.is_none());
            record.answered(address, answer.status().as_u16());
            match &proxy {
                None => self.judge_connected(destination, &host, &answer)?,
                // Of https this is the server's own word, out of the tunnel.
                Some(proxy) if answer.status() == 407 && !destination.origin.is_secure() => {
                    return Err(EgressError::Unavailable {
                        host: host.clone(),
                        problem: format!(
                            "through the proxy {}: {PROXY_AUTHENTICATION}",
                            proxy.shown()
                        ),
                    });
                }
                Some(_) => {}
            }
            Ok(answer)
        });
        match result {
            Ok(answer) => Ok((record, answer)),
            Err(error) => {
                match error.rule() {
                    Some(rule) => record.refuse(rule, call),
                    None => record.finish(Outcome::Failed(error.kind())),
                }
                Err(error)
            }
        }
    }

    /// Puts a request into the client's form, with the credential where it belongs. This is the only place where one leaves
    /// its wrapping to be sent.
    fn dress(
        &self,
        hop: &Hop,
        credential: Option<&CredentialGrant>,
        call: &Call,
        record: &Record,
    ) -> Result<reqwest::Request, EgressError> {
        let mut url = hop.destination.url.clone();
        let mut headers = with_user_agent(hop);
        if let Some(credential) = credential {
            attach(credential, &mut url, &mut headers)?;
        }
        let mut request = reqwest::Request::new(hop.method.to_http(), url);
        *request.headers_mut() = headers;
        *request.body_mut() = hop
            .body
            .as_ref()
            .map(|plan| plan.to_client(call, record.sent()));
        Ok(request)
    }

    /// Judges the address of a connection once more, as it was made. The connector gets judged addresses only, so this
    /// refuses nothing unless that wall has a hole.
    fn judge_connected(
        &self,
        destination: &Destination,
        host: &str,
        answer: &reqwest::Response,
    ) -> Result<(), EgressError> {
        let literal = !matches!(destination.url.host(), Some(Host::Domain(_)));
        match answer.remote_addr() {
            Some(address) => destination
                .reach
                .judge(address.ip(), literal)
                .map_err(|rule| Denial::new(rule, host).into()),
            None => Ok(()),
        }
    }

    /// The credential that goes to a destination: that of its own endpoint, and only below its base URL.
    fn credential(&self, destination: &Destination) -> Option<&CredentialGrant> {
        let Via::Endpoint(name) = &destination.via else {
            return None;
        };
        let endpoint = self.inner.grant.endpoints.get(name)?;
        endpoint
            .credential
            .as_ref()
            .filter(|_| destination.credential)
    }

    fn redactors(&self) -> &Redactors {
        self.inner
            .redactors
            .get_or_init(|| Redactors::new(&self.inner.grant))
    }

    fn exchange(&self, hop: &Hop, call: &Call, record: Record) -> Exchange {
        Exchange {
            method: hop.method,
            url: hop.destination.url.to_string(),
            host: host_and_port(&hop.destination.origin),
            redactor: self.redactors().of(&hop.destination.origin),
            call: call.clone(),
            record,
            spool: self.inner.spool.clone(),
        }
    }

    fn record(
        &self,
        to: &Destination,
        method: Method,
        hop: u32,
        credential: Option<&CredentialGrant>,
    ) -> Record {
        let target = match &to.via {
            Via::Endpoint(name) => AuditTarget::Endpoint(name.clone()),
            Via::Download => AuditTarget::Download,
        };
        let mut event = self.event(target, method, hop, to.rule);
        event.origin = Some(to.origin.to_string());
        event.credential = credential.map(|credential| credential.name.clone());
        Record::new(Arc::clone(&self.inner.audit), event)
    }

    /// Records a refusal.
    fn deny(
        &self,
        denial: Denial,
        method: Method,
        target: &Target,
        hop: u32,
        call: &Call,
    ) -> EgressError {
        let target = match target {
            Target::Endpoint { endpoint, .. } if hop == 0 => {
                AuditTarget::Endpoint(recorded_name(endpoint).to_owned())
            }
            _ => AuditTarget::Download,
        };
        let mut event = self.event(target, method, hop, denial.rule);
        event.origin = denial
            .subject
            .clone()
            .filter(|subject| subject.contains("://"));
        Record::new(Arc::clone(&self.inner.audit), event).refuse(denial.rule, call);
        denial.into()
    }

    fn event(&self, target: AuditTarget, method: Method, hop: u32, rule: Rule) -> AuditEvent {
        AuditEvent {
            provider: self.inner.grant.provider.clone(),
            component: self.component.clone(),
            target,
            method,
            origin: None,
            hop,
            rule,
            credential: None,
            address: None,
            proxy: None,
            status: None,
            bytes_sent: 0,
            bytes_received: 0,
            duration: std::time::Duration::ZERO,
            outcome: Outcome::Abandoned,
            count: 1,
        }
    }
}

impl fmt::Debug for ProviderEgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderEgress")
            .field("grant", &self.inner.grant)
            .finish_non_exhaustive()
    }
}

/// The header fields of a hop, with the product's name where the operator did not choose the place.
fn with_user_agent(hop: &Hop) -> HeaderMap {
    let mut headers = hop.headers.clone();
    if !hop.destination.named_by_operator && !headers.contains_key(USER_AGENT) {
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("chela/", env!("CARGO_PKG_VERSION"))),
        );
    }
    headers
}

/// Waits for the head of an answer: until the deadline, and no longer than a server may be silent once it takes no more of the request.
async fn head<T>(
    sending: impl Future<Output = Result<T, EgressError>>,
    call: &Call,
    sent: &AtomicU64,
    host: &str,
) -> Result<T, EgressError> {
    let idle = call.limits().idle;
    let mut sending = pin!(sending);
    let (mut taken, mut quiet_since) = (0, Instant::now());
    loop {
        // Looked at now and then, because it is the client that knows when a piece is taken.
        let look = (Instant::now() + idle / 4).min(quiet_since + idle);
        let until = look.min(call.deadline());
        if let Ok(result) = timeout_at(until, sending.as_mut()).await {
            return result;
        }
        let timeout = |silent| EgressError::Timeout {
            host: host.to_owned(),
            within: Awaited::Head,
            silent,
        };
        if call.is_over() {
            return Err(timeout(None));
        }
        let now = sent.load(Ordering::Relaxed);
        if now != taken {
            (taken, quiet_since) = (now, Instant::now());
        } else if quiet_since.elapsed() >= idle {
            return Err(timeout(Some(idle)));
        }
    }
}

/// An endpoint's name as it may stand in the record. A component may name what is no endpoint, in any words and of any length.
fn recorded_name(name: &str) -> &str {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.len() <= 64 && name.bytes().all(is_name) {
        name
    } else {
        "?"
    }
}

/// Attaches a credential.
fn attach(
    credential: &CredentialGrant,
    url: &mut Url,
    headers: &mut HeaderMap,
) -> Result<(), EgressError> {
    let refuse = |problem| EgressError::Credential {
        name: credential.name.clone(),
        problem,
    };
    let secret = credential.secret.expose();
    match &credential.inject {
        Inject::Header { name, format } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| refuse("its header field has no valid name"))?;
            if !can_be_owned(&name) {
                return Err(refuse("its header field is set by the host"));
            }
            let value = Zeroizing::new(format.replace("{}", secret));
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                refuse(
                    "its value has a line break or another character that no header field may hold",
                )
            })?;
            // Kept out of debug output and of HTTP/2 compression tables.
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Inject::Query { name } => {
            let added = Zeroizing::new(encode_query(&[(name.clone(), secret.to_owned())]));
            let query = match url.query() {
                Some(query) => Zeroizing::new(format!("{query}&{}", *added)),
                None => added,
            };
            url.set_query(Some(&query));
        }
    }
    Ok(())
}
