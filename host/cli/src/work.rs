//! Work that waits for providers: done until it ends or the user interrupts it.

use crate::environment;
use chela_envelope::{Envelope, ErrorBody, ErrorType};
use std::future::{self, Future};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long work that was interrupted may take to end by itself, with what it has.
const GRACE: Duration = Duration::from_secs(2);

/// Does the work on this thread. Ctrl-C and a request to terminate end it: `stop` tells the work, which then ends with what it
/// has; work that does not listen is dropped, which closes its connections and removes what it staged. A second signal ends the
/// program at once, also while it waits for somebody to read its output.
///
/// # Errors
///
/// `cancelled` when it was dropped, `internal` when the system has no means to wait for a socket.
pub(crate) fn until_done<T>(
    stop: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, ErrorBody> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            ErrorBody::new(
                ErrorType::Internal,
                format!("this system gives chela no means to wait: {error}"),
            )
            .hint("check the limits on open files and processes (ulimit -a)")
        })?;
    let done = runtime.block_on(async {
        let dropped = async {
            let mut signals = Signals::new();
            signals.next().await;
            stop.cancel();
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            // The interrupt first, so that work that is always ready cannot hold it off.
            biased;
            () = dropped => Err(ErrorBody::new(ErrorType::Cancelled, "interrupted")),
            done = work => Ok(done),
        }
    });
    // A name that is being resolved, or a file that is being read, must not hold up the end.
    runtime.shutdown_background();
    done
}

/// Waits for something that blocks a thread and listens to nobody, such as a read of standard input.
///
/// # Errors
///
/// `cancelled` when it was interrupted, `internal` when the system has no means to wait.
pub(crate) fn until_read<T: Send + 'static>(
    read: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ErrorBody> {
    let stop = CancellationToken::new();
    let read = async {
        let reading = tokio::task::spawn_blocking(read);
        stop.run_until_cancelled(reading).await
    };
    match until_done(&stop, read)? {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(ErrorBody::new(ErrorType::Internal, error.to_string())),
        None => Err(ErrorBody::new(ErrorType::Cancelled, "interrupted")),
    }
}

/// The envelope of work that ended before it could make its own.
pub(crate) fn envelope_of(capability: &str, done: Result<Envelope, ErrorBody>) -> Envelope {
    done.unwrap_or_else(|error| Envelope::failed(capability, error))
}

/// The wishes of the user that it end: Ctrl-C, a request to terminate, the end of the terminal. One that was ignored when the
/// program started, as `nohup` and a shell's background jobs have it, stays ignored.
#[cfg(unix)]
struct Signals([Option<tokio::signal::unix::Signal>; 3]);

#[cfg(unix)]
impl Signals {
    /// Listens. Where the system gives no such signals, there are none.
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = environment::ignored_signals();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        Self(kinds.map(|kind| {
            let number = kind.as_raw_value();
            if ignored.contains(&number) {
                return None;
            }
            // The order matters: the first signal arms what the second one finds armed.
            let again = Arc::new(AtomicBool::new(false));
            let _ = signal_hook::flag::register_conditional_default(number, Arc::clone(&again));
            let _ = signal_hook::flag::register(number, again);
            signal(kind).ok()
        }))
    }

    async fn next(&mut self) {
        async fn one(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => future::pending().await,
            }
        }
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            () = one(interrupt) => {}
            () = one(terminate) => {}
            () = one(hangup) => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            future::pending::<()>().await;
        }
    }
}
