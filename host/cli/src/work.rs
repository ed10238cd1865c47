//! Work that waits for providers: done until it ends or the user interrupts it.

use chela_envelope::{Envelope, ErrorBody, ErrorType};
use std::future::{self, Future};
use std::io;

/// Does the work on this thread. Ctrl-C and a request to terminate end it: the work is dropped, which closes its connections
/// and removes what it staged.
///
/// # Errors
///
/// `cancelled` when it was interrupted, `internal` when the system has no means to wait for a socket.
pub(crate) fn until_done<T>(work: impl Future<Output = T>) -> Result<T, ErrorBody> {
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
        tokio::select! {
            // The interrupt first, so that work that is always ready cannot hold it off.
            biased;
            () = interrupted() => Err(ErrorBody::new(ErrorType::Cancelled, "interrupted")),
            done = work => Ok(done),
        }
    });
    // A name that is being resolved, or a file that is being read, must not hold up the end.
    runtime.shutdown_background();
    done
}

/// The envelope of work that ended before it could make its own.
pub(crate) fn envelope_of(capability: &str, done: Result<Envelope, ErrorBody>) -> Envelope {
    done.unwrap_or_else(|error| Envelope::failed(capability, error))
}

/// Waits until the user wants no more of it. Where the system gives no such signals, that is never.
async fn interrupted() {
    if terminated().await.is_err() {
        future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn terminated() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
