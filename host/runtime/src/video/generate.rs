//! Handing in a job.

use std::time::Duration;

use chela_catalog::Capability;
use chela_egress::Blob;
use chela_envelope::{ErrorType, capability};
use chela_sandbox::families::model::Source;
use chela_sandbox::families::video::{Job, Request};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::finish::{Filmed, failed};
use super::jobs::{Held, Kept, KeptComponent, identity};
use super::options::{self, VideoHints};
use super::{Patient, USUAL_TIME, VideoGenerate};
use crate::candidate::Candidate;
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, short};
use crate::fitting::{Changes, add_ignored};
use crate::image_make::MediaAnswer;
use crate::input::references;
use crate::progress::Stage;
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;

/// How long handing in a job may take when the manifest does not say.
const USUAL_SUBMISSION: Duration = Duration::from_secs(300);

/// How long an answer to a job that is being handed in is waited for when the caller leaves: without it the job is lost, and paid for.
const LAST_WORD: Duration = Duration::from_millis(1500);

/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 4096;

impl Runtime {
    /// Films.
    pub async fn video_generate(&self, request: VideoGenerate) -> MediaAnswer {
        let mut report = Report::new(capability::VIDEO_GENERATE);
        let output = request.output.clone();
        match self.generate(request, &mut report).await {
            Ok(filmed) => self.deliver_film(filmed, &output, report).await,
            Err(fault) => failed(report, fault),
        }
    }

    async fn generate(&self, request: VideoGenerate, report: &mut Report) -> Result<Filmed, Fault> {
        request.check()?;
        request.output.check(&self.options.media, 1)?;
        if let Some(store) = &self.options.jobs {
            store.check()?;
        }
        let files = references(request.files)?;
        report.inputs(files.iter().map(|file| file.input.clone()));
        let blobs: Vec<Blob> = files
            .into_iter()
            .filter_map(|file| match file.source {
                Source::Blob(blob) => Some(blob),
                Source::Url(_) => None,
            })
            .collect();
        let candidates = self.candidates(Capability::VideoGenerate, &request.selection, report)?;
        let patient: Vec<Patient<'_, '_>> = candidates.iter().map(Patient).collect();
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.selection.timeout,
            usual: USUAL_TIME,
        };
        let inputs = report.envelope.inputs.clone();
        let order = Order {
            prompt: &request.prompt,
            hints: &request.hints,
            files: &blobs,
        };
        let course = first(
            &patient,
            deadlines,
            async |patient: &Patient<'_, '_>, deadline, ledger| {
                let candidate = patient.0;
                let (ask, mut changes) = order.request(candidate)?;
                let job = self.submit(candidate, &ask, deadline, ledger).await?;
                add_ignored(&mut changes.ignored, &job.ignored, |name| {
                    order.hints.option(name)
                });
                let (id, submitted_at) = identity();
                let kept = Kept {
                    server: candidate.server(),
                    id,
                    provider: candidate.id().to_owned(),
                    model: candidate.model.clone(),
                    component: KeptComponent::of(candidate),
                    token: job.token,
                    submitted_at,
                    output: request.place.clone(),
                    request_id: job.request_id.as_deref().map(short),
                    inputs: inputs.clone(),
                    changes,
                };
                let held = self.hold(&kept);
                self.tell(candidate, Stage::Queued(None));
                let wait = self.options.poll.after(0, job.poll_after_ms);
                self.finish(candidate, &kept, held, wait, deadline, ledger)
                    .await
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }

    /// Hands in a job. A caller who leaves meanwhile waits a moment for the answer: without it the job is lost, and paid for.
    async fn submit(
        &self,
        candidate: &Candidate<'_>,
        request: &Request,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Job, Fault> {
        let wall = candidate.call.unwrap_or(USUAL_SUBMISSION);
        let deadline = deadline.min(Instant::now() + wall);
        let cancelled = &self.options.cancelled;
        let lingering = CancellationToken::new();
        let submitting =
            self.tries_until(&lingering, candidate, deadline, ledger, async |instance| {
                let submitted = instance.submit_video(request.clone()).await;
                submitted.map_err(|error| unanswered(error.into(), candidate.id()))
            });
        let left = async {
            cancelled.cancelled().await;
            tokio::time::sleep(LAST_WORD).await;
        };
        let job = tokio::select! {
            biased;
            job = submitting => job,
            () = left => Err(Fault::interrupted().hint(format!(
                "{} had not answered yet and may have taken the job on: look there before you try again",
                candidate.id()
            ))),
        };
        let job = match job {
            // What fails while everything is being ended fails because of that.
            Err(fault) if cancelled.is_cancelled() && fault.kind != ErrorType::Cancelled => {
                return Err(Fault::interrupted());
            }
            job => job?,
        };
        if job.token.is_empty() || job.token.len() > LONGEST_TOKEN {
            let message = format!(
                "the component gave a token of {} bytes, where it has to have 1 to {LONGEST_TOKEN}",
                job.token.len()
            );
            return Err(Fault {
                ends: true,
                ..Fault::new(ErrorType::BadResponse, message)
            });
        }
        Ok(job)
    }

    /// Keeps a job for later processes, where there is a store. One that cannot be kept is waited for all the same.
    fn hold(&self, kept: &Kept) -> Option<Held> {
        let held = self.options.jobs.as_ref()?.keep(kept);
        held.map_err(|fault| tracing::warn!(job = kept.id, error = %fault, "the job is not kept"))
            .ok()
    }
}

/// A job that was handed in and not answered may have been taken on: it is not handed in a second time, to nobody. A status that refuses
/// says that it was not, and so does a server that is busy; one that broke, or was given up by what stands before it, says nothing.
fn unanswered(fault: Fault, provider: &str) -> Fault {
    let perhaps = match fault.status {
        None => matches!(fault.kind, ErrorType::BadResponse | ErrorType::Timeout),
        Some(408 | 500 | 502 | 504) => true,
        Some(status) => status < 400 && fault.kind == ErrorType::BadResponse,
    };
    let fault = Fault {
        once: perhaps || fault.status.is_none(),
        ends: fault.ends || perhaps,
        ..fault
    };
    if !perhaps {
        return fault;
    }
    let look = format!("{provider} may have taken the job on: look there before you try again");
    if fault.kind == ErrorType::BadResponse {
        return fault.hint(format!(
            "{look}, and check its base URL: a web page, a proxy or another API may be answering there"
        ));
    }
    fault.hint(look)
}

/// What every candidate is asked for.
struct Order<'o> {
    prompt: &'o str,
    hints: &'o VideoHints,
    files: &'o [Blob],
}

impl Order<'_> {
    /// The request as one candidate takes it, and what became of the hints.
    fn request(&self, candidate: &Candidate<'_>) -> Result<(Request, Changes), Fault> {
        let unable = || Fault::new(ErrorType::Unsupported, "it makes no films");
        let spec = candidate.manifest().video.as_ref().ok_or_else(unable)?;
        let mut request = Request {
            model: candidate.model.clone(),
            prompt: self.prompt.to_owned(),
            references: options::references(self.files, spec)?,
            ..Request::default()
        };
        let changes = options::fit(self.hints, spec, &mut request);
        Ok((request, changes))
    }
}
