//! What the host offers a component: one file per interface of `wit/`.
//!
//! Permission is not checked here but below, in egress, so that a later version of the contract cannot forget it.

mod context;
pub(crate) mod http;
mod log;
mod media;
mod wasi;

use std::collections::HashSet;

use chela_egress::{Blob, Call};
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};
use wasmtime_wasi::{WasiCtxView, WasiView};

use self::log::LogBudget;
pub(crate) use self::wasi::add_to_linker as add_empty_wasi;
use crate::error::{LimitHit, LimitKind};
use crate::instance::Provider;
use crate::limits::{GuestClock, Limiter};

/// What a piece of media counts at least, in bytes: an empty one is not free for the host.
const LEAST_MEDIA: u64 = 4 << 10;

/// The most files that one call holds open with its media. The process has some thousand for everything.
const MEDIA_FILES: usize = 128;

/// Everything the host keeps for one call.
pub(crate) struct HostState {
    pub(crate) provider: Provider,
    pub(crate) call: Call,
    pub(crate) limiter: Limiter,
    pub(crate) clock: GuestClock,
    table: ResourceTable,
    media_bytes: u64,
    files: MediaFiles,
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
            files: MediaFiles::default(),
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

    /// The same for media that the component made, or had the host keep.
    fn lend_made(&mut self, blob: Blob) -> wasmtime::Result<Resource<Blob>> {
        let in_file = blob.is_in_file();
        if in_file && self.files.count() >= MEDIA_FILES {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Handles)));
        }
        let handle = self.lend(blob)?;
        if in_file {
            self.files.held.insert(handle.rep());
        }
        Ok(handle)
    }

    /// Takes back media that the component gave away.
    pub(crate) fn take(&mut self, blob: Resource<Blob>) -> wasmtime::Result<Blob> {
        if self.files.held.remove(&blob.rep()) {
            self.files.given += 1;
        }
        Ok(self.table.delete(blob)?)
    }

    /// How many bytes of media the call may still hand over.
    fn media_left(&self) -> u64 {
        let limit = self.provider.limits.media_bytes;
        limit.saturating_sub(self.media_bytes)
    }

    /// Counts a piece of media against the call's limit.
    fn count_media(&mut self, bytes: u64) -> wasmtime::Result<()> {
        self.media_bytes = self.media_bytes.saturating_add(bytes.max(LEAST_MEDIA));
        if self.media_bytes > self.provider.limits.media_bytes {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Media)));
        }
        Ok(())
    }
}

/// The files that media of a component keeps open.
#[derive(Default)]
struct MediaFiles {
    /// Those the component has a handle to, by its number.
    held: HashSet<u32>,
    /// Those it gave away, which whoever called it may still hold.
    given: usize,
}

impl MediaFiles {
    fn count(&self) -> usize {
        self.held.len() + self.given
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
