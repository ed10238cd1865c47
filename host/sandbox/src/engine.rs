//! The engine: which WebAssembly runs here, and the clock that interrupts it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Thread;

use wasmtime::{Config, Engine, OptLevel};

use crate::error::SandboxError;
use crate::limits::TICK;

/// Makes an engine. The process that compiles and the one that serves make the same, or compiled code would not load.
pub(crate) fn engine() -> Result<Engine, SandboxError> {
    let mut config = Config::new();
    config
        // A component was optimised by its own compiler. Doing it again costs a sixth more time at the first call and gains
        // nothing that could be measured on the bundled ones.
        .cranelift_opt_level(OptLevel::None)
        .epoch_interruption(true)
        // Room for deep but honest recursion; a runaway one ends here and not in the host's stack.
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20)
        // Nothing reads a component's addresses or backtraces, and both cost size and start.
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false);
    Engine::new(&config).map_err(|error| SandboxError::Engine(format!("{error:#}")))
}

/// Advances an engine's epoch every [`TICK`] while at least one call runs. Idle, its thread is parked.
pub(crate) struct Ticker {
    running: Arc<AtomicUsize>,
    engine: Engine,
    thread: Mutex<Option<Thread>>,
}

impl Ticker {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self {
            running: Arc::default(),
            engine: engine.clone(),
            thread: Mutex::new(None),
        }
    }

    /// Keeps the epoch advancing until the guard is dropped.
    ///
    /// # Errors
    ///
    /// When the system gives no thread; nothing may run then, because nothing would stop it.
    pub(crate) fn run(&self) -> std::io::Result<Ticking> {
        let mut thread = self
            .thread
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let thread = match &mut *thread {
            Some(thread) => thread,
            none => none.insert(self.start()?),
        };
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            thread.unpark();
        }
        Ok(Ticking(Arc::clone(&self.running)))
    }

    fn start(&self) -> std::io::Result<Thread> {
        let running = Arc::downgrade(&self.running);
        let engine = self.engine.weak();
        let handle = std::thread::Builder::new()
            .name("chela-epoch".into())
            .spawn(move || {
                while let (Some(running), Some(engine)) = (running.upgrade(), engine.upgrade()) {
                    let idle = running.load(Ordering::Acquire) == 0;
                    drop(running);
                    if idle {
                        drop(engine);
                        std::thread::park();
                    } else {
                        engine.increment_epoch();
                        drop(engine);
                        std::thread::park_timeout(TICK);
                    }
                }
            })?;
        Ok(handle.thread().clone())
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // Wake a parked thread, so that it sees that the engine is gone and ends.
        self.running = Arc::default();
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            thread.unpark();
        }
    }
}

/// Keeps the epoch advancing while it lives.
pub(crate) struct Ticking(Arc<AtomicUsize>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
