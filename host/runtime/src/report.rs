//! The envelope of one call while it is being filled in.

use std::path::Path;

use chela_config::Cost;
use chela_envelope::{
    Attempt, DryRun, Envelope, ErrorBody, Input, Normalized, Output, Usage, capability,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::check::Selection;
use crate::choose::{Asked, milliseconds};
use crate::cost;
use crate::fault::Fault;
use crate::fitting::add_ignored;

/// The envelope of one call, from the request to the answer.
pub(crate) struct Report {
    started: Instant,
    pub(crate) envelope: Envelope,
    /// What the model of the one who answered costs.
    cost: Option<Cost>,
}

impl Report {
    /// Starts with the request: durations and deadlines count from here.
    pub(crate) fn new(capability: &'static str) -> Self {
        Self {
            started: Instant::now(),
            envelope: Envelope::succeeded(capability, Vec::new()),
            cost: None,
        }
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn inputs(&mut self, inputs: impl IntoIterator<Item = Input>) {
        self.envelope.inputs = inputs.into_iter().collect();
    }

    pub(crate) fn attempts(&mut self, attempts: impl IntoIterator<Item = Attempt>) {
        self.envelope.attempts.extend(attempts);
    }

    /// Names who answered, or was asked last.
    pub(crate) fn answerer(&mut self, asked: &impl Asked) {
        self.envelope.provider = Some(asked.provider().to_owned());
        self.envelope.model = asked.model().map(str::to_owned);
        self.cost = asked.cost();
    }

    /// Several answered, so that no one price is that of the whole usage.
    pub(crate) fn no_one_price(&mut self) {
        self.cost = None;
    }

    /// Adds what would have been sent.
    pub(crate) fn planned(&mut self, planned: DryRun) {
        let dry_run = self.envelope.dry_run.get_or_insert_default();
        dry_run.requests.extend(planned.requests);
    }

    /// Names who was asked for, where the caller named them and nobody could be asked.
    pub(crate) fn wanted(&mut self, selection: &Selection) {
        let model = selection.model.as_ref();
        self.envelope.provider = model
            .map(|model| &model.provider)
            .or(selection.provider.as_ref())
            .map(ToString::to_string);
        self.envelope.model = model.map(|model| model.model.clone());
    }

    pub(crate) fn usage(&mut self, usage: Option<Usage>) {
        self.envelope.usage = match (self.envelope.usage, usage) {
            (Some(before), Some(more)) => Some(before.plus(more)),
            (before, more) => before.or(more),
        };
    }

    /// Enters the options that a component says had no part in its answer. `asked` gives the envelope's name and the caller's
    /// value of an option of the contract; one that the caller did not set is nothing to tell.
    pub(crate) fn ignored<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n String>,
        asked: impl Fn(&str) -> Option<(&'static str, Value)>,
    ) {
        add_ignored(&mut self.envelope.ignored_overrides, names, asked);
    }

    /// Says that a file has another name than the caller asked for, as its bytes are of another kind.
    pub(crate) fn renamed(&mut self, asked: &Path, is: &Path) {
        self.envelope
            .normalization
            .entry("output".into())
            .or_insert_with(|| Normalized {
                requested: asked.display().to_string(),
                applied: is.display().to_string(),
                derived_from: None,
            });
    }

    /// All of the result is there.
    pub(crate) fn succeed(mut self, outputs: Vec<Output>) -> Envelope {
        self.envelope.outputs = outputs;
        self.close()
    }

    /// There is no result, or not all of it. What had been produced stays in the outputs.
    ///
    /// The end of a dry run is none of that: the envelope says what would have been sent, and nothing went wrong.
    pub(crate) fn fail(mut self, mut fault: Fault) -> Envelope {
        if let Some(planned) = fault.salvage.planned.take() {
            self.planned(planned);
            return self.succeed(Vec::new());
        }
        let body = fault.body(self.envelope.provider.as_deref());
        self.usage(fault.salvage.usage);
        let envelope = &mut self.envelope;
        envelope.finish_reason = fault
            .salvage
            .finish_reason
            .or(envelope.finish_reason.take());
        envelope.request_id = fault.request_id.or(envelope.request_id.take());
        self.fail_with(body, fault.salvage.outputs)
    }

    /// The same with an error that was made elsewhere.
    pub(crate) fn fail_with(mut self, error: ErrorBody, outputs: Vec<Output>) -> Envelope {
        self.envelope.ok = false;
        self.envelope.error = Some(error);
        self.envelope.outputs = outputs;
        self.close()
    }

    fn close(mut self) -> Envelope {
        let envelope = &mut self.envelope;
        // What a failed call used may be that of an earlier candidate.
        let is_whose = |attempt: &Attempt| {
            Some(&attempt.provider) == envelope.provider.as_ref() && attempt.model == envelope.model
        };
        if let (Some(cost), Some(usage)) = (&self.cost, envelope.usage)
            && (envelope.ok || envelope.attempts.iter().all(is_whose))
        {
            let generates = envelope.capability != capability::EMBEDDING_CREATE;
            envelope.cost_usd = cost::of(cost, usage, generates);
        }
        self.envelope.duration_ms = Some(milliseconds(self.started.elapsed()));
        self.envelope
    }
}
