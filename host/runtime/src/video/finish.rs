//! Seeing a job through: waiting, writing its film, and taking it out of the store when it is done.

use std::time::Duration;

use chela_envelope::{ErrorType, Output, capability};
use tokio::time::Instant;

use super::jobs::{Held, Kept, KeptComponent};
use super::made::Made;
use super::wait::Ended;
use crate::candidate::Candidate;
use crate::deliver::deliver;
use crate::fault::Fault;
use crate::fitting::Changes;
use crate::image_make::MediaAnswer;
use crate::output::{Destination, Finished};
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;

/// A film, its job still in hand.
pub(super) struct Filmed {
    made: Made,
    changes: Changes,
    request_id: Option<String>,
    job: Option<(String, Held)>,
}

impl Runtime {
    /// Waits for a job, and takes one that came to nothing out of the store.
    pub(super) async fn finish(
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
                changes: kept.changes.clone(),
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

    /// Writes a film where it is to go, and is done with its job.
    pub(super) async fn deliver_film(
        &self,
        filmed: Filmed,
        output: &Destination,
        mut report: Report,
    ) -> MediaAnswer {
        report.usage(filmed.made.usage);
        report.envelope.request_id = filmed.request_id;
        report.envelope.ignored_overrides = filmed.changes.ignored;
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
        let several = matches!(output, Destination::Stdout) && count > 1;
        let place = if several {
            &Destination::MediaFolder
        } else {
            output
        };
        let delivered = deliver(&mut report, place, folder, name, ASKED, &results).await;
        let lost = delivered
            .misplaced
            .as_ref()
            .is_some_and(|misplaced| misplaced.lost);
        let fault = match delivered.misplaced {
            Some(misplaced) => Some(misplaced.fault),
            None if several => Some(Fault::new(
                ErrorType::Unsupported,
                format!(
                    "{count} films came, and standard output takes one; they are in the media folder"
                ),
            )),
            None => None,
        };
        let mut pending = None;
        let fault = match (fault, filmed.job) {
            (Some(fault), Some((id, _))) if lost => {
                let again = format!("make room, then fetch it again: {}", command(&id));
                Some(fault.hint(again))
            }
            // It is on its way to standard output, and not there yet.
            (None, Some((id, held))) if delivered.stdout.is_some() => {
                pending = Some(PendingJob { id, held });
                None
            }
            (fault, Some((_, held))) => {
                held.forget();
                fault
            }
            (fault, None) => fault,
        };
        let outputs = delivered.outputs.into_iter().map(Output::Media).collect();
        match fault {
            None => MediaAnswer {
                envelope: report.succeed(outputs),
                stdout: delivered.stdout,
                pending,
            },
            Some(fault) => MediaAnswer {
                envelope: report.fail_with(fault.body(None), outputs),
                stdout: None,
                pending: None,
            },
        }
    }
}

/// How many films are asked for. A server that gives more does not choose which files they replace.
const ASKED: usize = 1;

/// A job whose film the caller writes itself. Dropping it keeps the job.
#[derive(Debug)]
pub struct PendingJob {
    id: String,
    held: Held,
}

impl PendingJob {
    /// The film is where it was to go.
    pub fn done(self) {
        self.held.forget();
    }

    /// The command that fetches the film again.
    pub fn resume(&self) -> String {
        command(&self.id)
    }
}

/// The command that picks up a job.
fn command(id: &str) -> String {
    format!("chela video resume {id}")
}

pub(super) fn failed(report: Report, fault: Fault) -> MediaAnswer {
    MediaAnswer {
        envelope: report.fail(fault),
        stdout: None,
        pending: None,
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

impl KeptComponent {
    pub(super) fn of(candidate: &Candidate<'_>) -> Self {
        Self {
            version: candidate.manifest().version.clone(),
            digest: candidate.component.digest.clone(),
        }
    }
}
