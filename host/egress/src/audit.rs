//! One structured event for every request that was sent, hops of a redirect included, and for every one that was refused.
//!
//! A component that is refused again and again does not fill the record with it: after the first refusals of a call the others
//! are one event, which says how many they were.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chela_manifest::ProviderId;

use crate::limits::REFUSALS_RECORDED;
use crate::{Call, ErrorKind, Method, Rule};

/// Takes audit events. It is called on the thread that serves the request and should not block it.
pub trait AuditSink: Send + Sync {
    /// Takes one event.
    fn record(&self, event: &AuditEvent);
}

/// A sink that takes nothing. Events still go to `tracing`, under the target `chela::audit`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAudit;

impl AuditSink for NoAudit {
    fn record(&self, _: &AuditEvent) {}
}

/// What went where, or did not. No path, no query, no credential's value: where, by what right and how much.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuditEvent {
    /// The provider that asked.
    pub provider: ProviderId,
    /// The digest of its component, where the caller named one.
    pub component: Option<Arc<str>>,
    /// What it asked for.
    pub target: AuditTarget,
    /// The method.
    pub method: Method,
    /// Scheme, host and port; none when the target has none.
    pub origin: Option<String>,
    /// 0 for the request itself, 1 for its first redirect, and so on.
    pub hop: u32,
    /// The rule that allowed it or refused it.
    pub rule: Rule,
    /// The name of the credential that went along.
    pub credential: Option<String>,
    /// The address it was sent to, once there was a connection. None where a proxy connects, which alone knows it.
    pub address: Option<SocketAddr>,
    /// The proxy it went through, or would have: scheme, host and port.
    pub proxy: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Bytes of the request's body that were sent.
    pub bytes_sent: u64,
    /// Bytes of the response's body that were received, after decompression.
    pub bytes_received: u64,
    /// From the judgement to the end.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// How many requests the event stands for. More than 1 only for refusals, of which the first one is told then.
    pub count: u64,
}

/// What a request named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditTarget {
    /// The endpoint of that name.
    Endpoint(String),
    /// An absolute URL.
    Download,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer was received whole, or redirected.
    Completed,
    /// It was refused.
    Denied,
    /// It failed on the way.
    Failed(ErrorKind),
    /// The caller wanted no more of it: the call was cancelled, or the rest of the answer not read.
    Abandoned,
}

impl fmt::Display for AuditTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(name) => write!(f, "endpoint {name}"),
            Self::Download => f.write_str("download"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "completed",
            Self::Denied => "denied",
            Self::Abandoned => "abandoned",
            Self::Failed(ErrorKind::Denied(_)) => "failed: denied",
            Self::Failed(ErrorKind::Credential) => "failed: credential",
            Self::Failed(ErrorKind::Unavailable) => "failed: unavailable",
            Self::Failed(ErrorKind::Timeout) => "failed: timeout",
            Self::Failed(ErrorKind::BadResponse) => "failed: bad response",
            Self::Failed(ErrorKind::TooLarge) => "failed: too large",
            Self::Failed(ErrorKind::Storage) => "failed: storage",
            Self::Failed(ErrorKind::DryRun) => "dry run",
        })
    }
}

/// An event in the making. It is recorded exactly once: when it is finished, or else when it is dropped.
pub(crate) struct Record {
    sink: Arc<dyn AuditSink>,
    event: AuditEvent,
    since: Instant,
    sent: Arc<AtomicU64>,
    recorded: bool,
}

impl Record {
    pub(crate) fn new(sink: Arc<dyn AuditSink>, event: AuditEvent) -> Self {
        Self {
            sink,
            event,
            since: Instant::now(),
            sent: Arc::default(),
            recorded: false,
        }
    }

    /// Where the body of the request counts what is sent.
    pub(crate) fn sent(&self) -> &Arc<AtomicU64> {
        &self.sent
    }

    /// The request goes through a proxy.
    pub(crate) fn through(&mut self, proxy: String) {
        self.event.proxy = Some(proxy);
    }

    pub(crate) fn answered(&mut self, address: Option<SocketAddr>, status: u16) {
        self.event.address = address;
        self.event.status = Some(status);
    }

    pub(crate) fn received(&mut self, bytes: u64) {
        self.event.bytes_received += bytes;
    }

    /// The request was refused: as it was judged, or by what its name resolved to.
    pub(crate) fn refuse(&mut self, rule: Rule, call: &Call) {
        self.event.rule = rule;
        self.event.credential = None;
        if self.end(Outcome::Denied) {
            call.refusals().add(&self.event, &self.sink);
        }
    }

    pub(crate) fn finish(&mut self, outcome: Outcome) {
        if self.end(outcome) {
            tell(&self.event, &*self.sink);
        }
    }

    /// Whether this is the end; there is one.
    fn end(&mut self, outcome: Outcome) -> bool {
        if std::mem::replace(&mut self.recorded, true) {
            return false;
        }
        self.event.outcome = outcome;
        self.event.duration = self.since.elapsed();
        self.event.bytes_sent = self.sent.load(Ordering::Relaxed);
        true
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.finish(Outcome::Abandoned);
    }
}

/// The refusals of one call. The first are recorded as they happen, the others as one event when the call is over.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Recorded>);

#[derive(Default)]
struct Recorded {
    one_by_one: u32,
    rest: Option<(AuditEvent, Arc<dyn AuditSink>)>,
}

impl Refusals {
    fn add(&self, event: &AuditEvent, sink: &Arc<dyn AuditSink>) {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.one_by_one < REFUSALS_RECORDED {
            recorded.one_by_one += 1;
            drop(recorded);
            tell(event, &**sink);
            return;
        }
        match &mut recorded.rest {
            Some((first, _)) => first.count = first.count.saturating_add(1),
            none => *none = Some((event.clone(), Arc::clone(sink))),
        }
    }
}

impl Drop for Refusals {
    fn drop(&mut self) {
        let recorded = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((event, sink)) = recorded.rest.take() {
            tell(&event, &*sink);
        }
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

fn tell(event: &AuditEvent, sink: &dyn AuditSink) {
    trace(event);
    sink.record(event);
}

fn trace(event: &AuditEvent) {
    macro_rules! emit {
        ($level:ident, $message:literal) => {
            tracing::$level!(
                target: "chela::audit",
                provider = %event.provider,
                target = %event.target,
                method = %event.method,
                origin = event.origin.as_deref(),
                hop = event.hop,
                rule = %event.rule,
                credential = event.credential.as_deref(),
                address = event.address.map(tracing::field::display),
                proxy = event.proxy.as_deref(),
                status = event.status,
                bytes_sent = event.bytes_sent,
                bytes_received = event.bytes_received,
                duration_ms = u64::try_from(event.duration.as_millis()).unwrap_or(u64::MAX),
                outcome = %event.outcome,
                count = event.count,
                $message
            )
        };
    }
    match event.outcome {
        Outcome::Denied => emit!(warn, "request refused"),
        _ => emit!(info, "request"),
    }
}
