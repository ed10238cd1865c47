//! One call into one component: a store of its own, its limits, its deadline, its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chela_egress::{Call, ProviderEgress};
use chela_manifest::ProviderId;
use wasmtime::{Store, Trap, UpdateDeadline};

use crate::component::Component;
use crate::engine::Ticking;
use crate::error::{CallError, HostFault, LimitHit, LimitKind, Planned};
use crate::families::Failure;
use crate::host::HostState;
use crate::limits::Limits;

/// The provider a component runs as: what it may know and reach.
#[derive(Clone)]
pub struct Provider {
    /// The provider's id.
    pub id: ProviderId,
    /// Its own way out.
    pub egress: ProviderEgress,
    /// Its settings, each as JSON text.
    pub settings: Arc<BTreeMap<String, String>>,
    /// The endpoints whose base URL the operator replaced.
    pub replaced_endpoints: Arc<BTreeSet<String>>,
    /// The names of credentials that are there to be attached.
    pub credentials_present: Arc<BTreeSet<String>>,
    /// Its limits.
    pub limits: Limits,
}

/// A component made ready for one call as one provider.
///
/// Nothing is shared between two instances. A call that trapped, hit a limit or was dropped leaves no instance behind.
pub struct Instance {
    component: Component,
    /// None once a call ended badly: what a trap left behind is never entered again.
    store: Option<Store<HostState>>,
    _ticking: Ticking,
}

impl Instance {
    pub(crate) fn new(
        component: Component,
        provider: Provider,
        call: Call,
        ticking: Ticking,
    ) -> Self {
        let limits = provider.limits;
        let mut store = Store::new(
            component.engine(),
            HostState::new(provider, call, component.uses_wasi()),
        );
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits.host_call_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            store
                .data_mut()
                .clock
                .look()
                .map_err(wasmtime::Error::new)?;
            // Giving way at each look lets the deadline, other calls and Ctrl-C come to their turn.
            Ok(UpdateDeadline::Yield(1))
        });
        Self {
            component,
            store: Some(store),
            _ticking: ticking,
        }
    }

    pub(crate) fn component(&self) -> &Component {
        &self.component
    }

    /// Runs `work` on the store within the call's deadline, and says in the sandbox's terms how it ended.
    pub(crate) async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Store<HostState>) -> wasmtime::Result<Result<T, Failure>>,
    ) -> Result<T, CallError> {
        let Some(mut store) = self.store.take() else {
            return Err(CallError::Trap(
                "it was called again after it had crashed".into(),
            ));
        };
        let deadline = store.data().call.deadline();
        store.data_mut().clock.resume();
        let outcome = tokio::time::timeout_at(deadline, work(&mut store)).await;
        store.data_mut().clock.pause();
        match outcome {
            Ok(Ok(Ok(value))) => {
                self.store = Some(store);
                Ok(value)
            }
            Ok(Ok(Err(failure))) => {
                self.store = Some(store);
                Err(CallError::Failure(failure))
            }
            Ok(Err(error)) => match error.downcast::<Planned>() {
                Ok(Planned(request)) => Err(CallError::DryRun(request)),
                Err(error) => Err(classify(&error)),
            },
            Err(_elapsed) => Err(CallError::Limit(LimitKind::Deadline)),
        }
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Instance")
            .field("component", &self.component)
            .finish_non_exhaustive()
    }
}

fn classify(error: &wasmtime::Error) -> CallError {
    if let Some(LimitHit(limit)) = error.downcast_ref::<LimitHit>() {
        return CallError::Limit(*limit);
    }
    if let Some(HostFault(failure)) = error.downcast_ref::<HostFault>() {
        return CallError::Failure(failure.clone());
    }
    if let Some(Trap::StackOverflow) = error.downcast_ref::<Trap>() {
        return CallError::Limit(LimitKind::Stack);
    }
    // wasmtime has no types for these two; tests hold the words in place.
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        return CallError::Limit(LimitKind::HostCallSize);
    }
    if text.contains("resource limit exceeded") {
        return CallError::Limit(LimitKind::Instances);
    }
    CallError::Trap(text)
}
