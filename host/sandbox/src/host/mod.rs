//! What the host offers a component: one file per interface of `wit/`.
//!
//! Permission is not checked here but below, in egress, so that a later version of the contract cannot forget it.

mod context;
pub(crate) mod http;
mod log;
mod media;
mod wasi;

use chela_egress::{Blob, Call};
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};
use wasmtime_wasi::{WasiCtxView, WasiView};

use self::log::LogBudget;
pub(crate) use self::wasi::add_to_linker as add_empty_wasi;
use crate::error::{LimitHit, LimitKind};
use crate::instance::Provider;
use crate::limits::{GuestClock, Limiter};

/// Everything the host keeps for one call.
pub(crate) struct HostState {
    pub(crate) provider: Provider,
    pub(crate) call: Call,
    pub(crate) limiter: Limiter,
    pub(crate) clock: GuestClock,
    table: ResourceTable,
    media_bytes: u64,
    log: LogBudget,
    wasi: Option<wasi::EmptyWasi>,
}

impl HostState {
    pub(crate) fn new(provider: Provider, call: Call, uses_wasi: bool) -> Self {
        let limits = provider.limits;
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        Self {
            limiter: Limiter::new(limits),
            clock: GuestClock::new(limits.guest_time),
            table,
            media_bytes: 0,
            log: LogBudget::new(limits.log_lines, limits.log_bytes),
            wasi: uses_wasi.then(|| wasi::EmptyWasi::new(limits.log_bytes)),
            provider,
            call,
        }
    }

    /// Gives the component a handle of its own to media the host holds.
    pub(crate) fn lend(&mut self, blob: Blob) -> wasmtime::Result<Resource<Blob>> {
        self.table.push(blob).map_err(handles)
    }

    /// The same for several.
    pub(crate) fn lend_all(&mut self, blobs: &[Blob]) -> wasmtime::Result<Vec<Resource<Blob>>> {
        blobs.iter().map(|blob| self.lend(blob.clone())).collect()
    }

    /// Takes back media that the component gave away.
    pub(crate) fn take(&mut self, blob: Resource<Blob>) -> wasmtime::Result<Blob> {
        Ok(self.table.delete(blob)?)
    }

    /// Counts media against the call's limit.
    fn count_media(&mut self, bytes: u64) -> wasmtime::Result<()> {
        self.media_bytes = self.media_bytes.saturating_add(bytes);
        if self.media_bytes > self.provider.limits.media_bytes {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Media)));
        }
        Ok(())
    }
}

impl Drop for HostState {
    /// Writes what the component left on its standard output and error into the log.
    fn drop(&mut self) {
        if let Some(wasi) = &self.wasi {
            let text = String::from_utf8_lossy(&wasi.output()).into_owned();
            self.log
                .output(&self.provider.id, &self.provider.egress.redact(text));
        }
    }
}

/// A full table is the component's doing; anything else is ours.
fn handles(error: ResourceTableError) -> wasmtime::Error {
    match error {
        ResourceTableError::Full => wasmtime::Error::new(LimitHit(LimitKind::Handles)),
        other => wasmtime::Error::new(other),
    }
}

/// `chela:provider/types` has no functions.
impl crate::bindings::imports::chela::provider::types::Host for HostState {}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.get_or_insert_with(|| wasi::EmptyWasi::new(0));
        WasiCtxView {
            ctx: &mut wasi.context,
            table: &mut self.table,
        }
    }
}
