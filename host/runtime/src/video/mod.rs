//! `video.generate`, `video.resume` and `video.cancel`: films from words, by jobs that outlive the process that handed them in.
//!
//! A job is paid for when it is taken on. So it is kept on the disk before the first question after it, it is never handed in twice
//! for want of an answer, nobody else is asked while it may go on, and it is taken out of the store only when its film is written or it
//! came to nothing.

mod film;
mod jobs;
mod made;
mod options;
mod wait;

use std::time::Duration;

use chela_catalog::Capability;
use chela_config::ModelRef;
use chela_egress::Blob;
use chela_envelope::{Envelope, ErrorType, Output, capability};
use chela_sandbox::families::model::Source;
use chela_sandbox::families::video::{Job, Request};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank};
use crate::choose::{Asked, Deadlines, first};
use crate::fault::{Fault, short};
use crate::fitting::Changes;
use crate::image_make::MediaAnswer;
use crate::input::{InputFile, references};
use crate::output::{Destination, Finished, Written, write_all};
use crate::progress::Stage;
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;
use jobs::{Held, Kept, KeptComponent};
use made::Made;
use wait::Ended;

pub(crate) use film::is_film;
pub use jobs::{JobStore, VideoJob, replace_private};
pub use options::VideoHints;
pub use wait::PollPolicy;

/// How long one film may take when nobody says. Most take one to five minutes, a busy provider's queue included.
const USUAL_TIME: Duration = Duration::from_secs(20 * 60);

/// How long handing in a job may take when the manifest does not say.
const USUAL_SUBMISSION: Duration = Duration::from_secs(300);

/// How long an answer to a job that is being handed in is waited for when the caller leaves: without it the job is lost, and paid for.
const LAST_WORD: Duration = Duration::from_millis(1500);

/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 4096;

/// The most seconds that a film can be asked to last: an hour. Longer ones are a mistake in the unit.
pub const LONGEST_FILM: u32 = 3600;

/// A request for a film.
#[derive(Debug)]
pub struct VideoGenerate {
    /// What to film. Never altered.
    pub prompt: String,
    /// Pictures or films to start from.
    pub files: Vec<InputFile>,
    /// How it is to come out.
    pub hints: VideoHints,
    /// Who is asked, and for how long.
    pub selection: Selection,
    /// Where the film goes.
    pub output: Destination,
    /// The same for a later process that resumes the job: an absolute path, `-` for standard output, none for the media folder.
    pub place: Option<String>,
}

/// A request for the film of a job that an earlier process handed in.
#[derive(Debug)]
pub struct VideoResume {
    /// The job's id.
    pub id: String,
    /// How long it is waited for.
    pub timeout: Option<Duration>,
    /// Where the film goes.
    pub output: Destination,
}

/// A request to stop a job.
#[derive(Debug)]
pub struct VideoCancel {
    /// The job's id.
    pub id: String,
    /// How long the provider has to answer.
    pub timeout: Option<Duration>,
    /// Only take it out of the store: the provider is not asked, and goes on.
    pub forget: bool,
}

/// A candidate whose time is that of a whole film: what a manifest says is for a single call.
struct Patient<'p, 'c>(&'p Candidate<'c>);

impl Asked for Patient<'_, '_> {
    fn provider(&self) -> &str {
        self.0.provider()
    }

    fn model(&self) -> Option<&str> {
        self.0.model()
    }

    fn timeout(&self) -> Option<Duration> {
        self.0.operator
    }
}

/// A film, its job still in hand.
struct Filmed {
    made: Made,
    changes: Changes,
    /// Options that the component says had no part in it.
    ignored: Vec<String>,
    request_id: Option<String>,
    job: Option<(String, Held)>,
}

impl Runtime {
    /// Films.
    pub async fn video_generate(&self, request: VideoGenerate) -> MediaAnswer {
        let mut report = Report::new(capability::VIDEO_GENERATE);
        let output = request.output.clone();
        let hints = request.hints.clone();
        match self.generate(request, &mut report).await {
            Ok(filmed) => self.deliver_film(filmed, &hints, &output, report).await,
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
                let (ask, changes) = order.request(candidate)?;
                let job = self.submit(candidate, &ask, deadline, ledger).await?;
                let mut kept = Kept::new(candidate, &job, request.place.clone());
                kept.inputs.clone_from(&inputs);
                kept.set_changes(changes.clone());
                let held = self.hold(&kept);
                self.tell(candidate, Stage::Queued(None));
                let wait = self.options.poll.after(0, job.poll_after_ms);
                let made = self
                    .finish(candidate, &kept, held, wait, deadline, ledger)
                    .await?;
                Ok(Filmed {
                    ignored: job.ignored,
                    changes,
                    ..made
                })
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
        let wall = candidate.wall.unwrap_or(USUAL_SUBMISSION);
        let deadline = deadline.min(Instant::now() + wall);
        let cancelled = &self.options.cancelled;
        let lingering = CancellationToken::new();
        let submitting =
            self.tries_until(&lingering, candidate, deadline, ledger, async |instance| {
                Ok(instance.submit_video(request.clone()).await?)
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

    /// Waits for a job, and takes one that came to nothing out of the store.
    async fn finish(
        &self,
        candidate: &Candidate<'_>,
        kept: &Kept,
        held: Option<Held>,
        wait: Duration,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Filmed, Fault> {
        let waited = self
            .wait(candidate, &kept.token, wait, deadline, ledger)
            .await;
        match waited {
            Ok(made) => Ok(Filmed {
                request_id: made.request_id.clone().or(kept.request_id.clone()),
                made,
                changes: kept.changes(),
                ignored: Vec::new(),
                job: held.map(|held| (kept.id.clone(), held)),
            }),
            Err(Ended::Failed(fault)) => {
                if let Some(held) = held {
                    held.forget();
                }
                Err(Fault {
                    request_id: fault.request_id.clone().or(kept.request_id.clone()),
                    ..fault
                })
            }
            Err(Ended::Unknown(fault)) => Err(Fault {
                request_id: fault.request_id.clone().or(kept.request_id.clone()),
                ..left_to_itself(fault, candidate, kept, held.is_some())
            }),
        }
    }

    /// Picks up a job that an earlier process handed in: waits for it, and delivers its film.
    pub async fn video_resume(&self, request: VideoResume) -> MediaAnswer {
        let mut report = Report::new(capability::VIDEO_RESUME);
        match self.resume(&request, &mut report).await {
            Ok(filmed) => {
                let hints = VideoHints::default();
                self.deliver_film(filmed, &hints, &request.output, report)
                    .await
            }
            Err(fault) => failed(report, fault),
        }
    }

    async fn resume(&self, request: &VideoResume, report: &mut Report) -> Result<Filmed, Fault> {
        request.output.check(&self.options.media, 1)?;
        let (kept, held) = self.jobs()?.take(&request.id)?;
        report.inputs(kept.inputs.clone());
        let candidates = self.who_works_on(&kept, report)?;
        let patient: Vec<Patient<'_, '_>> = candidates.iter().map(Patient).collect();
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.timeout,
            usual: USUAL_TIME,
        };
        let mut held = Some(held);
        let course = first(
            &patient,
            deadlines,
            async |patient: &Patient<'_, '_>, deadline, ledger| {
                self.finish(
                    patient.0,
                    &kept,
                    held.take(),
                    Duration::ZERO,
                    deadline,
                    ledger,
                )
                .await
            },
        )
        .await;
        self.conclude(course, &candidates, report)
    }

    /// The provider that took a job on, with the model that it works with, and no other.
    fn who_works_on(&self, kept: &Kept, report: &mut Report) -> Result<Vec<Candidate<'_>>, Fault> {
        let stays = |mut fault: Fault| {
            fault
                .message
                .push_str(&format!("; the job {} stays", kept.id));
            fault
        };
        let provider = kept.provider.parse().map_err(|_| {
            let message = format!("the job {} names no provider", kept.id);
            Fault::new(ErrorType::Config, message)
        })?;
        let selection = Selection {
            model: Some(ModelRef {
                provider,
                model: kept.model.clone(),
            }),
            ..Selection::default()
        };
        self.candidates(Capability::VideoGenerate, &selection, report)
            .map_err(stays)
    }

    fn jobs(&self) -> Result<&JobStore, Fault> {
        self.options
            .jobs
            .as_ref()
            .ok_or_else(|| Fault::new(ErrorType::Unsupported, "no jobs are kept here"))
    }

    /// Asks the provider of a job to stop it, and takes it out of the store.
    pub async fn video_cancel(&self, request: VideoCancel) -> Envelope {
        let mut report = Report::new(capability::VIDEO_CANCEL);
        match self.cancel(&request, &mut report).await {
            Ok(()) => report.succeed(Vec::new()),
            Err(fault) => report.fail(fault),
        }
    }

    async fn cancel(&self, request: &VideoCancel, report: &mut Report) -> Result<(), Fault> {
        let store = self.jobs()?;
        let forget = || {
            // One that another process waits for is that one's to take out: it sees how the job ends.
            if let Ok((_, held)) = store.take(&request.id) {
                held.forget();
            }
        };
        if request.forget {
            store.take(&request.id)?.1.forget();
            return Ok(());
        }
        let kept = store.find(&request.id)?;
        let candidates = self.who_works_on(&kept, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.timeout,
            usual: USUAL_SUBMISSION,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate: &Candidate<'_>, deadline, ledger| {
                self.tries(candidate, deadline, ledger, async |instance| {
                    Ok(instance.cancel_video(&kept.token).await?)
                })
                .await
            },
        )
        .await;
        let id = &request.id;
        match self.conclude(course, &candidates, report) {
            Ok(()) => {
                forget();
                Ok(())
            }
            Err(mut fault) => {
                if fault.kind == ErrorType::NotFound {
                    forget();
                    fault.message.push_str("; the job is forgotten here too");
                    fault = fault.hint("there is nothing left to stop");
                } else if fault.kind == ErrorType::Unsupported {
                    fault = fault.hint(format!(
                        "wait for it with `chela video resume {id}`, or write `chela video cancel {id} --forget`: {} goes on and bills it",
                        kept.provider
                    ));
                }
                Err(fault)
            }
        }
    }

    /// Writes a film where it is to go, and is done with its job.
    async fn deliver_film(
        &self,
        filmed: Filmed,
        hints: &VideoHints,
        output: &Destination,
        mut report: Report,
    ) -> MediaAnswer {
        report.usage(filmed.made.usage);
        report.envelope.request_id = filmed.request_id;
        report.envelope.ignored_overrides = filmed.changes.ignored;
        report.ignored(&filmed.ignored, |name| hints.option(name));
        report.envelope.normalization = filmed.changes.normalization;
        let results: Vec<Finished<'_>> = filmed
            .made
            .clips
            .iter()
            .map(|(blob, seen)| Finished {
                blob,
                seen,
                revised_prompt: None,
            })
            .collect();
        let folder = &self.options.media;
        let name = capability::VIDEO_GENERATE;
        let count = results.len();
        let (written, unwritten) = match output {
            Destination::Stdout if count > 1 => {
                let message = format!("{count} films came, and standard output takes one");
                (
                    Written::default(),
                    Some(Fault::new(ErrorType::Unsupported, message)),
                )
            }
            output => write_all(output, folder, name, count, &results).await,
        };
        for (asked, is) in &written.renamed {
            report.renamed(asked, is);
        }
        let Written {
            mut outputs,
            stdout,
            ..
        } = written;
        let media = |outputs: Vec<_>| outputs.into_iter().map(Output::Media).collect();
        let Some(mut fault) = unwritten else {
            if let Some((_, held)) = filmed.job {
                held.forget();
            }
            return MediaAnswer {
                envelope: report.succeed(media(outputs)),
                stdout,
            };
        };
        // They were paid for: what cannot go where it should go is kept where it can be found.
        let rest = &results[outputs.len()..];
        let (kept, lost) = write_all(&Destination::MediaFolder, folder, name, count, rest).await;
        outputs.extend(kept.outputs);
        match (lost, filmed.job) {
            (None, job) => {
                if let Some((_, held)) = job {
                    held.forget();
                }
                fault
                    .message
                    .push_str("; what was made is in the media folder");
            }
            (Some(_), Some((id, _))) => {
                fault = fault.hint(format!("make room, then fetch it again: {}", command(&id)));
            }
            (Some(_), None) => {}
        }
        MediaAnswer {
            envelope: report.fail_with(fault.body(None), media(outputs)),
            stdout: None,
        }
    }
}

/// The command that picks up a job.
fn command(id: &str) -> String {
    format!("chela video resume {id}")
}

fn failed(report: Report, fault: Fault) -> MediaAnswer {
    MediaAnswer {
        envelope: report.fail(fault),
        stdout: None,
    }
}

/// What to say of a job that may go on. Nobody else is asked for a film meanwhile: it would be paid for twice.
fn left_to_itself(
    mut fault: Fault,
    candidate: &Candidate<'_>,
    kept: &Kept,
    is_kept: bool,
) -> Fault {
    let id = candidate.id();
    fault.ends = true;
    // What a provider does not understand may be the word of another version of its component.
    let component = KeptComponent::of(candidate);
    if component != kept.component && !fault.is_transient() && fault.kind != ErrorType::Cancelled {
        fault.message.push_str(&format!(
            "; the job was handed in by another version of the component ({}, now {})",
            kept.component.version, component.version
        ));
    }
    if !is_kept {
        return fault.hint(format!(
            "the job goes on at {id}; it could not be kept here and cannot be resumed"
        ));
    }
    let resume = command(&kept.id);
    let hint = match fault.kind {
        ErrorType::NotFound => format!(
            "check the base URL of {id} and try again: {resume}; if the job is gone: chela video cancel {} --forget",
            kept.id
        ),
        ErrorType::Auth | ErrorType::Permission => {
            format!("the job goes on at {id}; once the key is right: {resume}")
        }
        _ => format!("the job goes on at {id}; to pick it up: {resume}"),
    };
    fault.hint(hint)
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

impl VideoGenerate {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        not_blank(&self.prompt, "the prompt")?;
        if let Some(resolution) = &self.hints.resolution {
            not_blank(resolution, "the resolution")?;
        }
        let longest = f64::from(LONGEST_FILM);
        match self.hints.duration {
            Some(seconds) if !(seconds > 0.0 && seconds <= longest) => {
                let message = format!("a film cannot last {seconds} seconds");
                Err(Fault::usage(message).hint(format!("give up to {LONGEST_FILM} seconds")))
            }
            _ => Ok(()),
        }
    }
}

impl Kept {
    fn new(candidate: &Candidate<'_>, job: &Job, output: Option<String>) -> Self {
        let (id, submitted_at) = Self::identity();
        Self::of(
            (id, submitted_at),
            (candidate.id(), &candidate.model),
            KeptComponent::of(candidate),
            job.token.clone(),
            output,
            job.request_id.as_deref().map(short),
        )
    }
}

impl KeptComponent {
    fn of(candidate: &Candidate<'_>) -> Self {
        Self {
            version: candidate.manifest().version.clone(),
            digest: candidate.component.digest.clone(),
        }
    }
}
