//! The process that starts a server, and stops it when nobody needs it any more.
#![expect(
    clippy::disallowed_types,
    reason = "a keeper runs the program that the operator named"
)]

use std::fs::File;
use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use cap_std::fs::Dir;

use crate::files::{Log, open};
use crate::{ServiceError, Spec};

/// How long a server may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a keeper waits for.
enum Event {
    /// The server ended by itself.
    Ended,
    /// Nobody needs it any more. The lock that comes along keeps others from using it while it goes.
    Unused(File),
    /// The keeper is to end.
    Told,
}

/// Starts the server, keeps it while someone needs it, and stops it. This is all that a keeper's process does; it is begun by
/// [`Services`](crate::Services), which hold the lock on the server's use meanwhile.
///
/// # Errors
///
/// When the server cannot be started, or the files of the folder cannot be used.
pub fn keep(spec: &Spec, folder: &Dir) -> Result<(), ServiceError> {
    let log = Arc::new(Log::begin(folder, &spec.id)?);
    let usage = open(folder, &spec.id, "use")?;
    let (events, happened) = channel();
    told(&events)?;
    let mut child = match start(spec) {
        Ok(child) => child,
        Err(error) => {
            let problem = error.to_string();
            log.take(format!("{}: {problem}\n", spec.command).as_bytes());
            return Err(ServiceError::Unstartable {
                command: spec.command.clone(),
                problem,
            });
        }
    };
    if let Some(pipe) = child.stdout.take() {
        let log = Arc::clone(&log);
        thread::spawn(move || log.take(pipe));
    }
    if let Some(pipe) = child.stderr.take() {
        thread::spawn(move || log.take(pipe));
    }
    let group = child.id();
    let ended = events.clone();
    thread::spawn(move || {
        let _ = child.wait();
        let _ = ended.send(Event::Ended);
    });
    let idle = spec.idle;
    thread::spawn(move || {
        if let Ok(lock) = unused(usage, idle) {
            let _ = events.send(Event::Unused(lock));
        }
    });
    // Who is held off by the lock may go on when this is back.
    let _held = match happened.recv() {
        Ok(Event::Ended) | Err(_) => {
            end(group);
            return Ok(());
        }
        Ok(Event::Unused(lock)) => Some(lock),
        Ok(Event::Told) => None,
    };
    stop(group, &happened);
    Ok(())
}

/// A group of its own, so that what is typed at a terminal does not reach it, and what it starts ends with it.
fn start(spec: &Spec) -> io::Result<Child> {
    let mut command = Command::new(&spec.command);
    command
        .args(&spec.args)
        .envs(&spec.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = &spec.cwd {
        command.current_dir(folder);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// Waits until nobody has needed the server for so long, and gives the lock that says so.
fn unused(usage: File, idle: Duration) -> io::Result<File> {
    loop {
        usage.lock()?;
        if idle.is_zero() {
            return Ok(usage);
        }
        let since = SystemTime::now();
        usage.unlock()?;
        thread::sleep(idle);
        // Whoever needs it says when it began; one who came and went in between has begun the time anew.
        match usage.try_lock() {
            Ok(()) if usage.metadata()?.modified()? <= since => return Ok(usage),
            Ok(()) => usage.unlock()?,
            Err(_) => {}
        }
    }
}

/// Tells when the keeper itself is asked to end.
#[cfg(unix)]
fn told(events: &Sender<Event>) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let events = events.clone();
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = events.send(Event::Told);
        }
    });
    Ok(())
}

/// Elsewhere nobody asks.
#[cfg(not(unix))]
fn told(_: &Sender<Event>) -> io::Result<()> {
    Ok(())
}

/// Asks the server and all that it started to end, and ends them when they do not.
#[cfg(unix)]
fn stop(group: u32, happened: &Receiver<Event>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) else {
        return;
    };
    let _ = kill_process_group(group, Signal::TERM);
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        match happened.recv_timeout(left) {
            Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Event::Unused(_) | Event::Told) => {}
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    let _ = kill_process_group(group, Signal::KILL);
}

/// Ends what a server started and left behind.
#[cfg(unix)]
fn end(group: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Elsewhere nobody can.
#[cfg(not(unix))]
fn end(_: u32) {}

/// Elsewhere a server ends with its keeper's pipes.
#[cfg(not(unix))]
fn stop(_: u32, happened: &Receiver<Event>) {
    let _ = happened.recv_timeout(PATIENCE);
}
