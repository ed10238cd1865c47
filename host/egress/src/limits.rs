//! What one provider call may use of the network, and what it has used. `wit/README.md` tells authors the numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::{EgressError, Rule};

/// Header fields of a request, at most.
pub const MAX_REQUEST_HEADERS: usize = 64;
/// Bytes in the names and values of a request's header fields, at most.
pub const MAX_REQUEST_HEADER_BYTES: usize = 32 * 1024;
/// Header fields of a response, at most.
pub const MAX_RESPONSE_HEADERS: usize = 128;
/// Bytes in the names and values of a response's header fields, at most.
pub const MAX_RESPONSE_HEADER_BYTES: usize = 64 * 1024;
/// Bytes of a URL, at most. Longer ones are refused by servers anyway.
pub const MAX_URL_BYTES: usize = 32 * 1024;
/// Redirects that one request follows, at most.
pub const MAX_REDIRECTS: u32 = 5;
/// Bytes that one read of a response or a blob hands out, at most.
pub const MAX_READ: usize = 1024 * 1024;
/// How long making one connection may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What one provider call may use of the network. The defaults are generous for a person's call and fatal for a flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Requests, each hop of a redirect counted.
    pub requests: u32,
    /// Bytes in the body of one request, base64 and form borders counted.
    pub request_bytes: u64,
    /// Bytes in all response bodies of the call together, after decompression.
    pub response_bytes: u64,
    /// How long a response body may be silent between two pieces. The deadline of the call holds besides.
    pub idle: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            requests: 64,
            request_bytes: 2 * 1024 * 1024 * 1024,
            response_bytes: 1024 * 1024 * 1024,
            idle: Duration::from_secs(300),
        }
    }
}

impl CallLimits {
    /// The most requests that a manifest gets by asking.
    pub const MOST_REQUESTS: u32 = 1024;
    /// The most bytes of response bodies that a manifest gets by asking.
    pub const MOST_RESPONSE_BYTES: u64 = 16 << 30;

    /// These limits with what a manifest asks for in their place, up to the most there is.
    #[must_use]
    pub fn asked(self, requests: Option<u32>, response_bytes: Option<u64>) -> Self {
        Self {
            requests: requests.unwrap_or(self.requests).min(Self::MOST_REQUESTS),
            response_bytes: response_bytes
                .unwrap_or(self.response_bytes)
                .min(Self::MOST_RESPONSE_BYTES),
            ..self
        }
    }
}

/// One call of a provider, which may send several requests: its deadline, its limits and its counters.
///
/// It is cheap to clone, and all clones count together.
#[derive(Clone, Debug)]
pub struct Call(Arc<State>);

#[derive(Debug)]
struct State {
    deadline: Instant,
    limits: CallLimits,
    requests: AtomicU32,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Call {
    /// A call that has used nothing yet.
    pub fn new(deadline: Instant, limits: CallLimits) -> Self {
        Self(Arc::new(State {
            deadline,
            limits,
            requests: AtomicU32::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
        }))
    }

    /// When the call ends, whatever it is doing.
    pub fn deadline(&self) -> Instant {
        self.0.deadline
    }

    /// Whether the deadline has passed.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.0.deadline
    }

    /// What the call may use.
    pub fn limits(&self) -> &CallLimits {
        &self.0.limits
    }

    /// Requests that have been sent, each hop of a redirect counted.
    pub fn requests(&self) -> u32 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// Bytes of request bodies that have been sent.
    pub fn bytes_sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Bytes of response bodies that have been received, after decompression.
    pub fn bytes_received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// Counts one request, or refuses it.
    pub(crate) fn count_request(&self) -> Result<(), Rule> {
        self.0
            .requests
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sent| {
                (sent < self.0.limits.requests).then_some(sent + 1)
            })
            .map(drop)
            .map_err(|_| Rule::RequestCount)
    }

    /// Counts bytes of a request body.
    pub(crate) fn count_sent(&self, bytes: u64) {
        self.0.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes of a response body, or stops it.
    pub(crate) fn count_received(&self, bytes: u64, host: &str) -> Result<(), EgressError> {
        let total = self
            .0
            .received
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        if total <= self.0.limits.response_bytes {
            return Ok(());
        }
        Err(EgressError::TooLarge {
            host: host.to_owned(),
            limit: self.0.limits.response_bytes,
        })
    }

    /// Refuses a body that says beforehand that it will be too large.
    pub(crate) fn expect_received(&self, bytes: u64, host: &str) -> Result<(), EgressError> {
        if self.bytes_received().saturating_add(bytes) <= self.0.limits.response_bytes {
            return Ok(());
        }
        Err(EgressError::TooLarge {
            host: host.to_owned(),
            limit: self.0.limits.response_bytes,
        })
    }

    /// When a read that starts now has been silent for too long, and whether that is the deadline's doing.
    pub(crate) fn silent_until(&self) -> (Instant, bool) {
        let idle = Instant::now() + self.0.limits.idle;
        if idle < self.0.deadline {
            (idle, false)
        } else {
            (self.0.deadline, true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(limits: CallLimits) -> Call {
        Call::new(Instant::now() + Duration::from_secs(60), limits)
    }

    #[test]
    fn requests_are_counted_up_to_the_limit_and_not_further() {
        let call = call(CallLimits {
            requests: 2,
            ..CallLimits::default()
        });
        assert_eq!(call.count_request(), Ok(()));
        assert_eq!(call.clone().count_request(), Ok(()));
        assert_eq!(call.count_request(), Err(Rule::RequestCount));
        assert_eq!(call.requests(), 2, "a refused request is not counted");
    }

    #[test]
    fn response_bytes_add_up_over_the_call() {
        let call = call(CallLimits {
            response_bytes: 10,
            ..CallLimits::default()
        });
        assert!(call.count_received(6, "h").is_ok());
        assert!(call.expect_received(4, "h").is_ok());
        assert!(call.expect_received(5, "h").is_err());
        assert!(call.expect_received(u64::MAX, "h").is_err());
        assert!(call.count_received(5, "h").is_err());
    }

    #[test]
    fn silence_ends_with_the_deadline_at_the_latest() {
        let call = call(CallLimits {
            idle: Duration::from_secs(1),
            ..CallLimits::default()
        });
        assert!(!call.silent_until().1);
        let call = Call::new(Instant::now(), CallLimits::default());
        assert_eq!(call.silent_until(), (call.deadline(), true));
    }
}
