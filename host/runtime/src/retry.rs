//! Trying again what may do better in a moment.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chela_egress::{Call, CallLimits};
use chela_envelope::ErrorType;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;

/// How often and how soon a transient failure is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries of the same request to the same provider, the first included; at least 1.
    pub tries: u32,
    /// The wait before the second try. Each further one is twice as long.
    pub first_wait: Duration,
    /// The longest wait, unless the server itself asks for a longer one.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Three tries, with some 0.5 s and 1 s between them.
    fn default() -> Self {
        Self {
            tries: 3,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
        }
    }
}

/// What comes after a transient failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Try again after this wait.
    Wait(Duration),
    /// This provider has had its chances, or the wait would outlast the deadline.
    GiveUp,
}

impl RetryPolicy {
    /// Decides after `tried` tries, with `remaining` time left.
    ///
    /// `jitter`, from 0 to 1, spreads callers that failed together: half of the wait is fixed and half of it random. A wait
    /// that the server asked for is kept in full.
    pub(crate) fn after(
        &self,
        tried: u32,
        asked: Option<Duration>,
        remaining: Duration,
        jitter: f64,
    ) -> Step {
        if tried >= self.tries {
            return Step::GiveUp;
        }
        let doubled = 2u32.saturating_pow(tried.saturating_sub(1));
        let backoff = self
            .first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait);
        let spread = backoff / 2 + (backoff / 2).mul_f64(jitter.clamp(0.0, 1.0));
        let wait = asked.map_or(spread, |asked| asked.max(spread));
        // A wait that ends with the deadline leaves no time for the try it is for.
        if wait >= remaining {
            Step::GiveUp
        } else {
            Step::Wait(wait)
        }
    }
}

/// The calls of one candidate, retries included. Parallel requests of one candidate share it.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// Every call that was begun, and whether it succeeded. A call that was broken off counts what it sent until then.
    calls: Vec<(Call, bool)>,
    last: Option<Fault>,
}

impl Ledger {
    fn begin(&self, call: Call) -> usize {
        let mut entries = self.entries();
        entries.calls.push((call, false));
        entries.calls.len() - 1
    }

    fn succeeded(&self, at: usize) {
        self.entries().calls[at].1 = true;
    }

    fn failed(&self, fault: &Fault) {
        self.entries().last = Some(fault.clone());
    }

    /// The last failure of a call, when there was one.
    pub(crate) fn last_failure(&self) -> Option<Fault> {
        self.entries().last.clone()
    }

    /// HTTP requests that were sent in vain: those of the calls that failed, and, where the candidate as a whole gave no
    /// result, those of the others too.
    pub(crate) fn wasted_requests(&self, whole: bool) -> u32 {
        self.entries()
            .calls
            .iter()
            .filter(|(_, succeeded)| whole || !succeeded)
            .fold(0, |sum, (call, _)| sum.saturating_add(call.requests()))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls `once` until it succeeds, fails for good, or the policy gives up. Each try is a call of its own under the same
/// deadline. A caller who no longer wants it ends the try, or the wait for the next one, as `cancelled`.
pub(crate) async fn retry<T>(
    policy: &RetryPolicy,
    cancelled: &CancellationToken,
    deadline: Instant,
    limits: CallLimits,
    ledger: &Ledger,
    mut once: impl AsyncFnMut(Call) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut tried = 0;
    loop {
        let call = Call::new(deadline, limits);
        let entry = ledger.begin(call.clone());
        let done = tokio::select! {
            // The work first: it sees the same signal and ends with what it has.
            biased;
            done = once(call) => done,
            () = cancelled.cancelled() => Err(Fault::interrupted()),
        };
        let fault = match done {
            Ok(value) => {
                ledger.succeeded(entry);
                return Ok(value);
            }
            // Whatever fails while everything is being ended fails because of that.
            Err(fault) if cancelled.is_cancelled() && fault.kind != ErrorType::Cancelled => Fault {
                salvage: fault.salvage,
                ..Fault::interrupted()
            },
            Err(fault) => fault,
        };
        tried += 1;
        ledger.failed(&fault);
        if !fault.is_transient() {
            return Err(fault);
        }
        let remaining = deadline.saturating_duration_since(Instant::now());
        match policy.after(tried, fault.retry_after, remaining, jitter()) {
            Step::Wait(wait) => {
                tracing::debug!(tried, wait_ms = wait.as_millis(), error = %fault, "trying again");
                let waited = cancelled.run_until_cancelled(tokio::time::sleep(wait));
                if waited.await.is_none() {
                    return Err(Fault::interrupted());
                }
            }
            Step::GiveUp => return Err(fault),
        }
    }
}

/// A number from 0 to 1. Without a source of randomness callers are not spread, which harms nobody but the server.
fn jitter() -> f64 {
    getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: RetryPolicy = RetryPolicy {
        tries: 4,
        first_wait: Duration::from_millis(500),
        longest_wait: Duration::from_secs(1),
    };
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<Step> = (1..=4)
            .map(|tried| POLICY.after(tried, None, LONG, 1.0))
            .collect();
        let ms = |ms| Step::Wait(Duration::from_millis(ms));
        assert_eq!(waits, [ms(500), ms(1000), ms(1000), Step::GiveUp]);
        assert_eq!(POLICY.after(1, None, LONG, 0.0), ms(250));
    }

    #[test]
    fn the_servers_wait_is_honoured_but_not_beyond_the_deadline() {
        let asked = Some(Duration::from_secs(30));
        assert_eq!(
            POLICY.after(1, asked, LONG, 0.5),
            Step::Wait(Duration::from_secs(30))
        );
        assert_eq!(
            POLICY.after(1, asked, Duration::from_secs(30), 0.5),
            Step::GiveUp
        );
        assert_eq!(POLICY.after(1, None, Duration::ZERO, 0.0), Step::GiveUp);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_shorter_than_asked_nor_longer_than_the_time_left(
            tried in 0u32..100, asked in proptest::option::of(0u64..100_000), left in 0u64..100_000, jitter: f64,
        ) {
            let asked = asked.map(Duration::from_millis);
            let left = Duration::from_millis(left);
            if let Step::Wait(wait) = POLICY.after(tried, asked, left, jitter) {
                prop_assert!(tried < POLICY.tries);
                prop_assert!(wait < left);
                prop_assert!(asked.is_none_or(|asked| wait >= asked));
                prop_assert!(wait <= POLICY.longest_wait || asked == Some(wait));
            }
        }
    }

    fn transient(retry_after: Option<Duration>) -> Fault {
        Fault {
            retry_after,
            ..Fault::new(ErrorType::RateLimited, "too many requests")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_transient_failure_is_tried_again_after_the_wait_the_server_asked_for() {
        let started = Instant::now();
        let ledger = Ledger::default();
        let mut tries = 0;
        let answer = retry(
            &POLICY,
            &CancellationToken::new(),
            started + LONG,
            CallLimits::default(),
            &ledger,
            async |_| {
                tries += 1;
                if tries == 1 {
                    Err(transient(Some(Duration::from_secs(7))))
                } else {
                    Ok("yes")
                }
            },
        )
        .await;
        assert_eq!(answer.expect("the second try succeeds"), "yes");
        assert_eq!(started.elapsed().as_secs(), 7);
        assert_eq!(
            ledger.last_failure().expect("the first try is noted").kind,
            ErrorType::RateLimited
        );
    }

    #[tokio::test(start_paused = true)]
    async fn tries_are_limited_and_other_failures_are_not_tried_again() {
        for (kind, expected) in [
            (ErrorType::Unavailable, 4),
            (ErrorType::Auth, 1),
            (ErrorType::BadResponse, 1),
        ] {
            let mut tries = 0;
            let ledger = Ledger::default();
            let answer: Result<(), _> = retry(
                &POLICY,
                &CancellationToken::new(),
                Instant::now() + LONG,
                CallLimits::default(),
                &ledger,
                async |_| {
                    tries += 1;
                    Err(Fault::new(kind, "no"))
                },
            )
            .await;
            assert_eq!(answer.expect_err("it always fails").kind, kind);
            assert_eq!(tries, expected, "{kind}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_deadline_is_not_begun() {
        let started = Instant::now();
        let answer: Result<(), _> = retry(
            &POLICY,
            &CancellationToken::new(),
            started + LONG,
            CallLimits::default(),
            &Ledger::default(),
            async |_| Err(transient(Some(Duration::from_secs(3600)))),
        )
        .await;
        assert!(answer.is_err());
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_leaves_ends_the_try_and_the_wait() {
        for (limit, hangs) in [(1, true), (7, false)] {
            let started = Instant::now();
            let cancelled = CancellationToken::new();
            let leave = async {
                tokio::time::sleep(Duration::from_secs(limit)).await;
                cancelled.cancel();
            };
            let ledger = Ledger::default();
            let tries = retry(
                &POLICY,
                &cancelled,
                started + LONG,
                CallLimits::default(),
                &ledger,
                async |_| {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    Err::<(), _>(transient(Some(Duration::from_secs(30))))
                },
            );
            let (answer, ()) = tokio::join!(tries, leave);
            assert_eq!(answer.expect_err("it left").kind, ErrorType::Cancelled);
            assert_eq!(started.elapsed().as_secs(), limit);
        }
    }
}
