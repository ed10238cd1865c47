//! Stopping a job.

use std::time::Duration;

use chela_envelope::{Envelope, ErrorType, capability};

use super::VideoCancel;
use crate::candidate::Candidate;
use crate::choose::{Deadlines, first};
use crate::fault::Fault;
use crate::report::Report;
use crate::runtime::Runtime;

/// How long the provider has to answer when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(120);

impl Runtime {
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
            usual: USUAL_TIME,
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
}
