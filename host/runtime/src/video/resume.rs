//! Picking up a job that an earlier process handed in.

use std::time::Duration;

use chela_catalog::Capability;
use chela_config::ModelRef;
use chela_envelope::{ErrorType, capability};

use super::finish::{Filmed, failed};
use super::jobs::{JobStore, Kept};
use super::{Patient, USUAL_TIME, VideoResume};
use crate::candidate::Candidate;
use crate::check::Selection;
use crate::choose::{Deadlines, first};
use crate::fault::Fault;
use crate::image_make::MediaAnswer;
use crate::report::Report;
use crate::runtime::Runtime;

impl Runtime {
    /// Picks up a job that an earlier process handed in: waits for it, and delivers its film.
    pub async fn video_resume(&self, request: VideoResume) -> MediaAnswer {
        let mut report = Report::new(capability::VIDEO_RESUME);
        match self.resume(&request, &mut report).await {
            Ok(filmed) => self.deliver_film(filmed, &request.output, report).await,
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
    pub(super) fn who_works_on(
        &self,
        kept: &Kept,
        report: &mut Report,
    ) -> Result<Vec<Candidate<'_>>, Fault> {
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
        let candidates = self
            .candidates(Capability::VideoGenerate, &selection, report)
            .map_err(stays)?;
        let now = candidates.first().and_then(Candidate::server);
        match (&kept.server, now) {
            // Another server has nothing to say of it, and is told nothing of it.
            (Some(then), Some(now)) if *then != now => {
                let message = format!(
                    "the job {} was handed in at {then}, and {} is at {now} now",
                    kept.id, kept.provider
                );
                let hint = format!(
                    "set models.providers.{}.baseUrl to where it was; the job stays",
                    kept.provider
                );
                Err(Fault::new(ErrorType::Config, message).hint(hint))
            }
            _ => Ok(candidates),
        }
    }

    pub(super) fn jobs(&self) -> Result<&JobStore, Fault> {
        self.options
            .jobs
            .as_ref()
            .ok_or_else(|| Fault::new(ErrorType::Unsupported, "no jobs are kept here"))
    }
}
