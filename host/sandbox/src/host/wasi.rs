//! WASI with nothing in it, for components that JavaScript and Python toolchains make.
//!
//! No folders, no environment, no arguments, no sockets, no name lookup; standard input is closed, standard output and error go
//! to the log. Clocks are coarse, because nothing a provider does needs a fine one.

use std::time::{Duration, Instant, SystemTime};

use wasmtime::component::Linker;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder};

use super::HostState;

/// The finest step of time a component sees.
const RESOLUTION: Duration = Duration::from_millis(1);

/// A WASI context that gives nothing.
pub(super) struct EmptyWasi {
    pub(super) context: WasiCtx,
    output: MemoryOutputPipe,
}

impl EmptyWasi {
    /// `output_bytes` is how much of standard output and error is kept; a component that writes more finds them closed.
    pub(super) fn new(output_bytes: usize) -> Self {
        let output = MemoryOutputPipe::new(output_bytes);
        let context = WasiCtxBuilder::new()
            .stdout(output.clone())
            .stderr(output.clone())
            .wall_clock(CoarseWallClock)
            .monotonic_clock(CoarseMonotonicClock(Instant::now()))
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .build();
        Self { context, output }
    }

    /// What was written to standard output and error.
    pub(super) fn output(&self) -> bytes::Bytes {
        self.output.contents()
    }
}

/// Adds the `wasi:*` imports of WASI 0.2.
pub(crate) fn add_to_linker(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)
}

struct CoarseWallClock;

impl HostWallClock for CoarseWallClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Counts from the start of the call, so that two calls cannot be compared by it.
struct CoarseMonotonicClock(Instant);

impl HostMonotonicClock for CoarseMonotonicClock {
    fn resolution(&self) -> u64 {
        u64::try_from(RESOLUTION.as_nanos()).unwrap_or(u64::MAX)
    }

    fn now(&self) -> u64 {
        let milliseconds = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        milliseconds.saturating_mul(self.resolution())
    }
}
