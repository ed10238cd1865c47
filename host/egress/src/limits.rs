//! What one provider call may use of the network, and what it has used. `wit/README.md` tells authors the numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::audit::Refusals;
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
/// Parts of a body, or fields of a form, at most.
pub const MAX_PARTS: usize = 1024;
/// Bytes of a form field's name, of its file name and of its media type, at most each.
pub const MAX_FORM_NAME_BYTES: usize = 1024;
/// Redirects that one request follows, at most.
pub const MAX_REDIRECTS: u32 = 5;
/// Bytes that one read of a response or a blob hands out, at most.
pub const MAX_READ: usize = 1024 * 1024;
/// Refusals of one call that are recorded one by one. Those after them are recorded as one event with their number.
pub const REFUSALS_RECORDED: u32 = 32;
/// Requests that a call may still ask for when it has none left. Whoever asks on then does not listen, and is stopped.
pub const ASKED_BEYOND: u32 = 32;
/// How long making one connection may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a name that a proxy will connect to may take to be resolved here, for its addresses to be judged.
pub const RESOLVE_TIMEOUT: Duration = Duration::from_secs(2);

/// What one provider call may use of the network. The defaults are generous for a person's call and fatal for a flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Requests, each hop of a redirect counted, and each that was refused.
    pub requests: u32,
    /// Bytes in the body of one request, base64 and form borders counted.
    pub request_bytes: u64,
    /// Bytes in all response bodies of the call together, after decompression.
    pub response_bytes: u64,
    /// How long a server may be silent: between the request, once it is sent, and the head of the answer, and between two pieces of a
    /// body. The deadline of the call holds besides.
    pub idle: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            requests: 64,
            request_bytes: 2 * 1024 * 1024 * 1024,
            response_bytes: 1024 * 1024 * 1024,
            idle: Self::USUAL_IDLE,
        }
    }
}

impl CallLimits {
    /// The most requests that a manifest gets by asking.
    pub const MOST_REQUESTS: u32 = 1024;
    /// The most bytes of response bodies that a manifest gets by asking.
    pub const MOST_RESPONSE_BYTES: u64 = 16 << 30;
    /// How long a server may be silent when nobody says.
    pub const USUAL_IDLE: Duration = Duration::from_secs(120);
    /// The longest silence that a manifest gets by asking. The operator may allow more.
    pub const LONGEST_IDLE: Duration = Duration::from_secs(3600);

    /// These limits with what a manifest asks for in their place, up to the most there is.
    #[must_use]
    pub fn asked(
        self,
        requests: Option<u32>,
        response_bytes: Option<u64>,
        idle: Option<Duration>,
    ) -> Self {
        Self {
            idle: idle.unwrap_or(self.idle).min(Self::LONGEST_IDLE),
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
    asked: AtomicU32,
    beyond: AtomicU32,
    requests: AtomicU32,
    sent: AtomicU64,
    received: AtomicU64,
    refusals: Refusals,
}

impl Call {
    /// A call that has used nothing yet.
    pub fn new(deadline: Instant, limits: CallLimits) -> Self {
        Self(Arc::new(State {
            deadline,
            limits,
            asked: AtomicU32::new(0),
            beyond: AtomicU32::new(0),
            requests: AtomicU32::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            refusals: Refusals::default(),
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

    /// Requests that have been sent, each hop of a redirect counted. Those that were refused were not sent.
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

    /// Whether the call goes on asking for requests although it was told that it has none left. It is to be stopped then: to
    /// refuse is work too.
    pub fn is_flooding(&self) -> bool {
        self.0.beyond.load(Ordering::Relaxed) >= ASKED_BEYOND
    }

    /// Counts one request that is asked for, or refuses it.
    pub(crate) fn count_asked(&self) -> Result<(), Rule> {
        let limit = self.0.limits.requests;
        let counted = count_below(&self.0.asked, limit);
        if !counted {
            count_below(&self.0.beyond, ASKED_BEYOND);
            return Err(Rule::RequestCount);
        }
        Ok(())
    }

    /// Counts one request that was allowed and is sent.
    pub(crate) fn count_request(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// What of the call was refused, for the record.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
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

/// Counts one more, unless that is over the limit.
fn count_below(counter: &AtomicU32, limit: u32) -> bool {
    let one_more = |count| (count < limit).then_some(count + 1);
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
        .is_ok()
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
        assert_eq!(call.count_asked(), Ok(()));
        assert_eq!(call.clone().count_asked(), Ok(()));
        assert_eq!(call.count_asked(), Err(Rule::RequestCount));
        assert_eq!(call.requests(), 0, "none was sent");
        call.count_request();
        assert_eq!(call.requests(), 1);
    }

    #[test]
    fn who_goes_on_asking_floods() {
        let call = call(CallLimits {
            requests: 0,
            ..CallLimits::default()
        });
        for _ in 0..ASKED_BEYOND {
            assert!(!call.is_flooding());
            assert_eq!(call.count_asked(), Err(Rule::RequestCount));
        }
        assert!(call.is_flooding());
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
