//! What all capabilities share: who can be asked, and one call of a component.

use std::sync::Arc;

use chela_catalog::{Capability, Catalog, Wanted};
use chela_egress::{Call, Egress};
use chela_envelope::DryRun;
use chela_sandbox::families::model::Request;
use chela_sandbox::{CEILING, Imports, Instance, Limits, Sandbox};
use chela_services::Services;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::candidate::Candidate;
use crate::check::Selection;
use crate::choose::{Course, skipped};
use crate::fault::Fault;
use crate::output::Folder;
use crate::progress::{Stage, Watcher};
use crate::report::Report;
use crate::retry::{Ledger, RetryPolicy, retry};
use crate::told::{TextSink, Told, pull};
use crate::video::{JobStore, PollPolicy};

/// What a runtime needs to know besides its parts.
#[derive(Clone, Debug)]
pub struct RuntimeOptions {
    /// Where media goes when the caller names no place.
    pub media: Folder,
    /// How often and how soon transient failures are tried again.
    pub retry: RetryPolicy,
    /// How often a job is asked after.
    pub poll: PollPolicy,
    /// Where jobs that take their time are kept, so that a later process can pick them up; without one they are lost with the process.
    pub jobs: Option<JobStore>,
    /// Who is told what is happening while a caller waits.
    pub watcher: Watcher,
    /// The operator's ceiling over what manifests ask for.
    pub ceiling: Limits,
    /// What starts the servers of the operator's own. Without it none is started.
    pub services: Option<Arc<Services>>,
    /// Cancelled when the caller no longer wants what is under way: calls end as `cancelled`, with what they have.
    pub cancelled: CancellationToken,
    /// Sends nothing and stores nothing: each call ends with the request that would have been sent. The catalog and the way out are to be made
    /// for it as well.
    pub dry_run: bool,
}

impl RuntimeOptions {
    /// The usual options, with that media folder. Jobs are not kept, and nobody is told of progress.
    pub fn new(media: Folder) -> Self {
        Self {
            media,
            retry: RetryPolicy::default(),
            poll: PollPolicy::default(),
            jobs: None,
            watcher: Watcher::default(),
            ceiling: CEILING,
            services: None,
            cancelled: CancellationToken::new(),
            dry_run: false,
        }
    }
}

/// Turns one request into one envelope.
///
/// Any number of calls share it, also from several threads. Dropping a call's future ends the call and leaves nothing
/// half-written. A call's future stays on the thread that began it (it is not `Send`: it is made of async closures, for
/// which the compiler cannot tell yet), so a server gives each of its threads a `LocalSet`.
pub struct Runtime {
    catalog: Arc<Catalog>,
    sandbox: Sandbox,
    egress: Egress,
    pub(crate) options: RuntimeOptions,
}

impl Runtime {
    /// Puts the parts together. Starts nothing.
    pub fn new(
        catalog: Arc<Catalog>,
        sandbox: Sandbox,
        egress: Egress,
        options: RuntimeOptions,
    ) -> Self {
        Self {
            catalog,
            sandbox,
            egress,
            options,
        }
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.egress
    }

    /// Cancelled by the caller when what is under way is no longer wanted.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.options.cancelled
    }

    /// Who can be asked, in order. What was named and cannot be asked goes into the report as skipped.
    pub(crate) fn candidates(
        &self,
        capability: Capability,
        selection: &Selection,
        report: &mut Report,
    ) -> Result<Vec<Candidate<'_>>, Fault> {
        let wanted = match (&selection.model, &selection.provider) {
            (Some(model), _) => Wanted::Model(model),
            (None, Some(provider)) => Wanted::Provider(provider),
            (None, None) => Wanted::Any,
        };
        let choice = self.catalog.choose(capability, wanted);
        report.attempts(choice.skipped.iter().map(|one| {
            skipped(
                one.provider.as_str(),
                one.model.as_deref(),
                &Fault::from(one.error.clone()),
            )
        }));
        let chosen = choice.into_result();
        if chosen.is_err() {
            // Whoever was asked for by name is who the failure is about.
            report.wanted(selection);
        }
        chosen?
            .into_iter()
            .map(|chosen| Candidate::new(chosen, &self.egress, &self.options.ceiling))
            .collect()
    }

    /// Has a candidate do one thing until it succeeds, fails for good, or was tried often enough. Each try has an instance of
    /// its own.
    pub(crate) async fn tries<T>(
        &self,
        candidate: &Candidate<'_>,
        deadline: Instant,
        ledger: &Ledger,
        once: impl AsyncFnMut(Instance) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.tries_until(&self.options.cancelled, candidate, deadline, ledger, once)
            .await
    }

    /// The same for work that something else than the caller's wish ends.
    pub(crate) async fn tries_until<T>(
        &self,
        cancelled: &CancellationToken,
        candidate: &Candidate<'_>,
        deadline: Instant,
        ledger: &Ledger,
        mut once: impl AsyncFnMut(Instance) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.tell(candidate, Stage::Asked);
        // Nobody is asked in a dry run, so nothing has to be up.
        if !self.options.dry_run {
            self.serve_locally(candidate, deadline).await?;
        }
        let done = retry(
            &self.options.retry,
            cancelled,
            deadline,
            candidate.limits,
            ledger,
            async |call| once(self.instance(candidate, call).await?).await,
        )
        .await;
        match done {
            // It asked no server, so there is nothing to show.
            Ok(_) if self.options.dry_run => Err(Fault::dry_run(DryRun::default())),
            Err(mut fault) => {
                let request = fault.salvage.request.take();
                if let (Some(planned), Some(request)) = (&mut fault.salvage.planned, request) {
                    planned.requests.push(candidate.planned(*request));
                }
                Err(fault)
            }
            done => done,
        }
    }

    /// Asks a model of a candidate and pulls the answer to its end.
    pub(crate) async fn ask(
        &self,
        instance: Instance,
        request: Request,
        sink: Option<&mut dyn TextSink>,
    ) -> Result<Told, Fault> {
        // What a dry run would show is no answer.
        let sink = sink.filter(|_| !self.options.dry_run);
        let mut stream = instance.start_model(request).await?;
        pull(async || stream.next().await, sink, &self.options.cancelled).await
    }

    /// Tells who waits what a candidate is doing.
    pub(crate) fn tell(&self, candidate: &Candidate<'_>, stage: Stage) {
        self.options
            .watcher
            .tell(candidate.id(), &candidate.model, stage);
    }

    /// A component instance for one call.
    pub(crate) async fn instance(
        &self,
        candidate: &Candidate<'_>,
        call: Call,
    ) -> Result<Instance, Fault> {
        // Bundled components are held to the contract alone; there are no others yet.
        let load = self.sandbox.load(&candidate.component, Imports::Contract);
        let component = tokio::time::timeout_at(call.deadline(), load)
            .await
            .map_err(|_| Fault::out_of_time())??;
        Ok(component.instantiate(candidate.runs_as.clone(), call)?)
    }

    /// Enters how the candidates did into the report, and gives the answer.
    pub(crate) fn conclude<T>(
        &self,
        course: Course<T>,
        candidates: &[Candidate<'_>],
        report: &mut Report,
    ) -> Result<T, Fault> {
        report.attempts(course.attempts);
        let (index, answer) = match course.outcome {
            Ok((index, answer)) => (Some(index), Ok(answer)),
            Err((index, fault)) => (index, Err(fault)),
        };
        let Some(candidate) = index.map(|index| &candidates[index]) else {
            return answer;
        };
        report.answerer(candidate);
        answer.map_err(|fault| candidate.explain(fault))
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Runtime")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
const _: () = {
    const fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<Runtime>();
};
