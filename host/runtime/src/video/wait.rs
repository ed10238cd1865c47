//! Waiting for a job: asking how it stands until it is done, fails, or the caller's time is up.

use std::time::Duration;

use chela_envelope::ErrorType;
use chela_sandbox::families::video::{Progress, State};
use tokio::time::Instant;

use super::made::Made;
use crate::candidate::Candidate;
use crate::fault::Fault;
use crate::progress::Stage;
use crate::retry::{Ledger, RetryPolicy, retry};
use crate::runtime::Runtime;

/// The longest one question may take, the film's way here included, when the manifest does not say.
const USUAL_QUESTION: Duration = Duration::from_secs(600);

/// Answers that cannot be read, without one that can between them, before it is no accident any more: a proxy in between may have had a bad moment.
const UNREADABLE: u32 = 3;

/// How often it is asked how a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollPolicy {
    /// The shortest wait between two questions, whatever the provider says.
    pub least: Duration,
    /// The first wait where the provider names none. Each further one is half as long again.
    pub first: Duration,
    /// The longest wait where the provider names none.
    pub usual: Duration,
    /// The longest wait, whatever the provider says.
    pub most: Duration,
}

impl Default for PollPolicy {
    /// From two seconds to ten; what a provider says counts from a quarter of a second to a minute.
    fn default() -> Self {
        Self {
            least: Duration::from_millis(250),
            first: Duration::from_secs(2),
            usual: Duration::from_secs(10),
            most: Duration::from_secs(60),
        }
    }
}

impl PollPolicy {
    /// The wait before the next question, after so many of them.
    pub(super) fn after(&self, asked: u32, said: Option<u32>) -> Duration {
        match said {
            Some(said) => {
                Duration::from_millis(said.into()).clamp(self.least, self.most.max(self.least))
            }
            None => {
                let grown = self.first.as_secs_f64() * 1.5f64.powi(asked.min(64) as i32);
                Duration::from_secs_f64(grown.min(self.usual.as_secs_f64())).max(self.least)
            }
        }
    }

    /// The wait after a question that failed, so many in a row. A wait that the server asked for is kept in full, up to an
    /// hour, which is how long a job's film is there at the least.
    fn after_failures(&self, failures: u32, said: Option<Duration>) -> Duration {
        const LONGEST: Duration = Duration::from_secs(3600);
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1).min(16));
        let backoff = (self.first / 2).saturating_mul(doubled).min(self.most / 2);
        said.map_or(backoff, |said| said.max(backoff).min(LONGEST))
            .max(self.least)
    }
}

/// Why there is no film.
#[derive(Debug)]
pub(super) enum Ended {
    /// The job itself came to nothing.
    Failed(Fault),
    /// It is not known how the job stands: it may go on.
    Unknown(Fault),
}

/// How one question was answered.
enum Answered {
    Waiting(Stage, Progress),
    Made(Box<Made>),
    Failed(Fault),
}

impl Runtime {
    /// Waits for a job. `first` is the wait before the first question.
    pub(super) async fn wait(
        &self,
        candidate: &Candidate<'_>,
        token: &str,
        first: Duration,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Made, Ended> {
        let policy = self.options.poll;
        let mut pause = first;
        let mut asked = 0;
        let mut failures = 0;
        let mut unreadable = 0;
        loop {
            // A wait that ends with the deadline leaves no time for the question it is for.
            if Instant::now() + pause >= deadline {
                return Err(Ended::Unknown(Fault::out_of_time()));
            }
            let cancelled = &self.options.cancelled;
            let waited = cancelled.run_until_cancelled(tokio::time::sleep(pause));
            if waited.await.is_none() {
                return Err(Ended::Unknown(Fault::interrupted()));
            }
            asked += 1;
            match self.question(candidate, token, deadline, ledger).await {
                Ok(Answered::Made(made)) => return Ok(*made),
                Ok(Answered::Failed(fault)) => return Err(Ended::Failed(fault)),
                Ok(Answered::Waiting(stage, progress)) => {
                    (failures, unreadable) = (0, 0);
                    self.tell(candidate, stage);
                    pause = policy.after(asked, progress.poll_after_ms);
                }
                Err(fault) => {
                    failures += 1;
                    unreadable += u32::from(fault.kind == ErrorType::BadResponse);
                    let accident = fault.kind == ErrorType::BadResponse && unreadable < UNREADABLE;
                    if !fault.is_transient() && !accident {
                        return Err(Ended::Unknown(fault));
                    }
                    pause = policy.after_failures(failures, fault.retry_after);
                    tracing::debug!(failures, wait_ms = pause.as_millis(), error = %fault, "asking again");
                    if Instant::now() + pause >= deadline {
                        // Why it was not known says more than that the time is up.
                        return Err(Ended::Unknown(fault));
                    }
                }
            }
        }
    }

    /// Asks once, in an instance of its own.
    async fn question(
        &self,
        candidate: &Candidate<'_>,
        token: &str,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Answered, Fault> {
        const ONCE: RetryPolicy = RetryPolicy {
            tries: 1,
            first_wait: Duration::ZERO,
            longest_wait: Duration::ZERO,
        };
        let wall = candidate.call.unwrap_or(USUAL_QUESTION);
        let deadline = deadline.min(Instant::now() + wall);
        self.serve_locally(candidate, deadline).await?;
        retry(
            &ONCE,
            &self.options.cancelled,
            deadline,
            candidate.limits,
            ledger,
            async |call| {
                let instance = self.instance(candidate, call).await?;
                Ok(match instance.poll_video(token).await? {
                    State::Queued(progress) => {
                        Answered::Waiting(Stage::Queued(progress.queue_position), progress)
                    }
                    State::Running(progress) => {
                        let fraction = progress
                            .fraction
                            .filter(|fraction| fraction.is_finite())
                            .map(|fraction| fraction.clamp(0.0, 1.0));
                        Answered::Waiting(Stage::Running(fraction), progress)
                    }
                    State::Failed(failure) => Answered::Failed(failed(failure.into())),
                    State::Done(response) if response.clips.is_empty() => Answered::Failed(
                        Fault::new(ErrorType::EmptyOutput, "the provider gave no film"),
                    ),
                    State::Done(response) => Answered::Made(Box::new(Made::of(response).await?)),
                })
            },
        )
        .await
    }
}

/// What to do about a job that came to nothing at the provider, where its kind alone would speak of the way there.
fn failed(fault: Fault) -> Fault {
    match fault.kind {
        ErrorType::Unavailable | ErrorType::Timeout => fault.hint(
            "the provider gave up on the job: try again, or name another provider with --provider",
        ),
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn waits_grow_and_what_the_provider_says_counts_within_bounds() {
        let policy = PollPolicy::default();
        let waits: Vec<u128> = (0..6)
            .map(|asked| policy.after(asked, None).as_millis())
            .collect();
        assert_eq!(waits, [2000, 3000, 4500, 6750, 10_000, 10_000]);
        for (said, wait) in [(0, 250), (1000, 1000), (60_001, 60_000), (u32::MAX, 60_000)] {
            assert_eq!(policy.after(0, Some(said)).as_millis(), wait, "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_wait_is_nothing_or_endless(asked: u32, said: Option<u32>, after in proptest::option::of(0u64..u64::MAX / 2)) {
            let policy = PollPolicy::default();
            let after = after.map(Duration::from_millis);
            for wait in [policy.after(asked, said), policy.after_failures(asked, after)] {
                prop_assert!(wait >= policy.least && wait <= Duration::from_secs(3600));
            }
        }
    }
}
