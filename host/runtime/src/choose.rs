//! The candidates one after the other, until one gives the result or none is left.

use std::time::Duration;

use chela_config::Cost;
use chela_envelope::{Attempt, AttemptOutcome, ErrorType};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::retry::Ledger;

/// Who is asked: a provider with a model of it.
pub(crate) trait Asked {
    /// The provider's id.
    fn provider(&self) -> &str;
    /// The model's id at the provider.
    fn model(&self) -> Option<&str>;
    /// How long a call of it may take when the caller does not say, where its configuration says.
    fn timeout(&self) -> Option<Duration>;
    /// What its model costs, where that is known.
    fn cost(&self) -> Option<Cost> {
        None
    }
}

/// When calls end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// When the caller asked.
    pub(crate) started: Instant,
    /// What the caller allows for everything together, waits and further candidates included.
    pub(crate) asked: Option<Duration>,
    /// What one candidate gets when neither the caller nor its configuration says.
    pub(crate) usual: Duration,
}

impl Deadlines {
    /// When the call of a candidate that is asked now ends.
    ///
    /// Without a word of the caller each candidate has a time of its own: the next one is there for when this one hangs.
    fn of(&self, candidate: &impl Asked) -> Instant {
        match self.asked {
            Some(asked) => self.started + asked,
            None => Instant::now() + candidate.timeout().unwrap_or(self.usual),
        }
    }

    fn passed(&self) -> bool {
        self.asked
            .is_some_and(|asked| Instant::now() >= self.started + asked)
    }
}

/// How the candidates did.
#[derive(Debug)]
pub(crate) struct Course<T> {
    /// What was tried and did not give the result, in order.
    pub(crate) attempts: Vec<Attempt>,
    /// The index of the candidate that answered, or was asked last, with its answer.
    pub(crate) outcome: Result<(usize, T), (Option<usize>, Fault)>,
}

/// Asks the candidates in order. A failure that no other candidate can mend ends it; so does the caller's deadline.
///
/// `serve` makes the requests of one candidate until its deadline, retries included, and notes in the ledger what failed.
pub(crate) async fn first<C: Asked, T>(
    candidates: &[C],
    deadlines: Deadlines,
    mut serve: impl AsyncFnMut(&C, Instant, &Ledger) -> Result<T, Fault>,
) -> Course<T> {
    let mut attempts = Vec::new();
    let mut last: Option<(usize, Fault)> = None;
    for (index, candidate) in candidates.iter().enumerate() {
        if deadlines.passed() {
            let fault = Fault::out_of_time();
            attempts.push(skipped(candidate.provider(), candidate.model(), &fault));
            last.get_or_insert((index, fault));
            continue;
        }
        let ledger = Ledger::default();
        let began = Instant::now();
        let served = serve(candidate, deadlines.of(candidate), &ledger).await;
        let noted = ledger.last_failure();
        let fault = served.as_ref().err().or(noted.as_ref());
        tracing::info!(
            provider = candidate.provider(),
            model = candidate.model(),
            duration_ms = milliseconds(began.elapsed()),
            failure = fault.map(tracing::field::display),
            "{}",
            if served.is_ok() {
                "answered"
            } else {
                "gave no result"
            }
        );
        if let Some(fault) = fault.filter(|fault| fault.salvage.planned.is_none()) {
            attempts.push(Attempt {
                provider: candidate.provider().to_owned(),
                model: candidate.model().map(str::to_owned),
                path: None,
                outcome: AttemptOutcome::Failed,
                error: fault.message.clone(),
                reason: fault.kind,
                status: fault.status,
                code: fault.code.clone(),
                requests: ledger.wasted_requests(served.is_err()),
                duration_ms: milliseconds(began.elapsed()),
            });
        }
        match served {
            Ok(value) => {
                return Course {
                    attempts,
                    outcome: Ok((index, value)),
                };
            }
            Err(fault) if fault.is_final() => {
                return Course {
                    attempts,
                    outcome: Err((Some(index), fault)),
                };
            }
            Err(mut fault) => {
                // A part of an answer that an earlier candidate gave is better than none at all.
                if let Some((_, earlier)) = last
                    && fault.salvage.outputs.is_empty()
                {
                    fault.salvage = earlier.salvage;
                }
                last = Some((index, fault));
            }
        }
    }
    let outcome = match last {
        Some((index, mut fault)) => {
            fault
                .message
                .push_str(&before(&attempts, candidates[index].provider()));
            Err((Some(index), fault))
        }
        None => Err((
            None,
            Fault::new(ErrorType::Internal, "no candidate was given"),
        )),
    };
    Course { attempts, outcome }
}

/// An attempt that was not made.
pub(crate) fn skipped(provider: &str, model: Option<&str>, fault: &Fault) -> Attempt {
    Attempt {
        provider: provider.to_owned(),
        model: model.map(str::to_owned),
        path: None,
        outcome: AttemptOutcome::Skipped,
        error: fault.message.clone(),
        reason: fault.kind,
        status: None,
        code: None,
        requests: 0,
        duration_ms: 0,
    }
}

/// Names those that failed before the last one, for the reader of one sentence.
fn before(attempts: &[Attempt], last: &str) -> String {
    let others: Vec<String> = attempts
        .iter()
        .filter(|attempt| attempt.outcome == AttemptOutcome::Failed && attempt.provider != last)
        .map(|attempt| format!("{}: {}", attempt.provider, attempt.error))
        .collect();
    if others.is_empty() {
        String::new()
    } else {
        format!(" (before that, {})", others.join("; "))
    }
}

/// A duration in the envelope's unit.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::{RetryPolicy, retry};
    use chela_egress::CallLimits;
    use tokio_util::sync::CancellationToken;

    struct Fake(&'static str);

    impl Asked for Fake {
        fn provider(&self) -> &str {
            self.0
        }
        fn model(&self) -> Option<&str> {
            Some("m")
        }
        fn timeout(&self) -> Option<Duration> {
            (self.0 == "slow").then_some(Duration::from_secs(300))
        }
    }

    fn deadlines(asked: Option<u64>) -> Deadlines {
        Deadlines {
            started: Instant::now(),
            asked: asked.map(Duration::from_secs),
            usual: Duration::from_secs(60),
        }
    }

    /// Each provider fails as its name says, after the retries that this kind of failure gets; `good` answers.
    async fn ask(names: &[&'static str], asked: Option<u64>) -> Course<&'static str> {
        let candidates: Vec<Fake> = names.iter().copied().map(Fake).collect();
        first(
            &candidates,
            deadlines(asked),
            async |candidate, deadline, ledger| {
                retry(
                    &RetryPolicy::default(),
                    &CancellationToken::new(),
                    deadline,
                    CallLimits::default(),
                    ledger,
                    async |_| match candidate.0 {
                        "good" => Ok("answer"),
                        "busy" => Err(Fault::new(ErrorType::RateLimited, "too many requests")),
                        "locked" => Err(Fault::new(ErrorType::Auth, "not accepted")),
                        "strict" => Err(Fault::new(ErrorType::InvalidRequest, "not like that")),
                        "hangs" => {
                            tokio::time::sleep_until(deadline).await;
                            Err(Fault::out_of_time())
                        }
                        _ => Err(Fault::new(ErrorType::Internal, "unknown")),
                    },
                )
                .await
            },
        )
        .await
    }

    fn told<T>(course: &Course<T>) -> Vec<(&str, AttemptOutcome, ErrorType)> {
        course
            .attempts
            .iter()
            .map(|a| (a.provider.as_str(), a.outcome, a.reason))
            .collect()
    }

    use AttemptOutcome::{Failed, Skipped};

    #[tokio::test(start_paused = true)]
    async fn the_next_candidate_is_asked_after_transient_and_credential_failures() {
        let course = ask(&["busy", "locked", "good", "strict"], None).await;
        assert_eq!(course.outcome.as_ref().expect("the third answers").0, 2);
        assert_eq!(
            told(&course),
            [
                ("busy", Failed, ErrorType::RateLimited),
                ("locked", Failed, ErrorType::Auth)
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_invalid_request_stops() {
        let course = ask(&["strict", "good"], None).await;
        let (index, fault) = course.outcome.as_ref().expect_err("the request is refused");
        assert_eq!((*index, fault.kind), (Some(0), ErrorType::InvalidRequest));
        assert_eq!(course.attempts.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_the_answer_and_names_the_others() {
        let course = ask(&["busy", "locked"], None).await;
        let (index, fault) = course.outcome.expect_err("all fail");
        assert_eq!((index, fault.kind), (Some(1), ErrorType::Auth));
        assert_eq!(
            fault.message,
            "not accepted (before that, busy: too many requests)"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_word_of_the_caller_each_candidate_has_its_own_time() {
        let started = Instant::now();
        let course = ask(&["hangs", "good"], None).await;
        assert!(course.outcome.is_ok());
        assert_eq!(started.elapsed().as_secs(), 60);
        let own = deadlines(None).of(&Fake("slow"));
        assert_eq!((own - Instant::now()).as_secs(), 300);
    }

    #[tokio::test(start_paused = true)]
    async fn the_callers_deadline_is_for_everything_together() {
        let started = Instant::now();
        let course = ask(&["hangs", "good"], Some(5)).await;
        assert_eq!(started.elapsed().as_secs(), 5);
        assert_eq!(
            told(&course),
            [
                ("hangs", Failed, ErrorType::Timeout),
                ("good", Skipped, ErrorType::Timeout)
            ]
        );
        let (index, fault) = course.outcome.expect_err("there was no time");
        assert_eq!((index, fault.kind), (Some(0), ErrorType::Timeout));
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_succeeds_leaves_its_failures_in_the_attempts() {
        let mut tries = 0;
        let course = first(
            &[Fake("p")],
            deadlines(None),
            async |_, deadline, ledger| {
                retry(
                    &RetryPolicy::default(),
                    &CancellationToken::new(),
                    deadline,
                    CallLimits::default(),
                    ledger,
                    async |_| {
                        tries += 1;
                        if tries < 3 {
                            Err(Fault::new(ErrorType::Unavailable, "reset"))
                        } else {
                            Ok(tries)
                        }
                    },
                )
                .await
            },
        )
        .await;
        assert_eq!(told(&course), [("p", Failed, ErrorType::Unavailable)]);
        assert_eq!(course.outcome.expect("the third try succeeds"), (0, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_answer_follows_one_that_was_shown() {
        let mut asked = 0;
        let course: Course<()> =
            first(&[Fake("a"), Fake("b")], deadlines(None), async |_, _, _| {
                asked += 1;
                let mut fault = Fault::new(ErrorType::BadResponse, "cut short");
                fault.salvage.shown = true;
                Err(fault)
            })
            .await;
        assert!(course.outcome.is_err());
        assert_eq!(asked, 1);
    }
}
