//! The one place where chela reads what surrounds the process: arguments, variables, standard input. Everything else is
//! handed what was read here.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one reader of the process's environment"
)]

use crate::args::Raw;
use crate::paths;
use chela_credentials::Environment;
use std::ffi::OsString;
use std::io::{self, BufRead as _, IsTerminal, Read};
use std::path::PathBuf;

/// The most bytes of a prompt on standard input: far above any model's context, far below what hurts.
const LONGEST_INPUT: u64 = 16 * 1024 * 1024;

/// What surrounds the process, as it was when it started.
#[derive(Debug)]
pub(crate) struct Process {
    /// The command line.
    pub(crate) raw: Raw,
    /// The variables that are UTF-8 text (a credential is never anything else), and the way to read key files.
    pub(crate) variables: Environment,
    /// Whether messages on standard error may be coloured.
    pub(crate) colour: bool,
    /// Whether somebody is watching standard error, on a terminal that can take back what was shown.
    pub(crate) watched: bool,
}

/// Reads it, once.
pub(crate) fn read() -> Process {
    let text = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let variables =
        Environment::new(std::env::vars_os().filter_map(text)).with_files(paths::key_file);
    let raw = Raw::new(std::env::args_os().collect());
    let terminal = io::stderr().is_terminal() && variables.var("TERM") != Some("dumb");
    let colour = terminal
        && !raw.no_color()
        && variables.var("NO_COLOR").is_none_or(str::is_empty)
        && variables.var("CLICOLOR") != Some("0");
    let watched = terminal && variables.var("CI").is_none_or(str::is_empty);
    Process {
        raw,
        variables,
        colour,
        watched,
    }
}

/// A folder that a variable names. It can be named in bytes that are no UTF-8, and empty counts as not set.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    path(name).filter(|path| !path.as_os_str().is_empty())
}

/// The folders that a variable lists as `PATH` does. Empty ones are left out.
pub(crate) fn paths(name: &str) -> Vec<PathBuf> {
    let listed = std::env::var_os(name).unwrap_or_default();
    let paths = std::env::split_paths(&listed);
    paths.filter(|path| !path.as_os_str().is_empty()).collect()
}

/// What a variable names, empty or not.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// The path of this program, to start it again as the compiler of components.
///
/// # Errors
///
/// Fails where the system does not tell, or the program was removed meanwhile.
pub(crate) fn program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// The numbers of the signals that were ignored when this process started, or none where the system does not tell.
#[cfg(unix)]
pub(crate) fn ignored_signals() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default();
    (1..=64)
        .filter(|number| mask & (1 << (number - 1)) != 0)
        .collect()
}

/// The folder that the process works in, for a shell that completes paths.
pub(crate) fn folder_of_work() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// What the system says of a failure, without its number for it.
pub(crate) fn problem(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    words.to_owned()
}

/// Whether a person would have to type what is read from standard input.
pub(crate) fn stdin_is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// A line that a person types without its being shown, or, where standard input is no terminal, what is piped in.
///
/// # Errors
///
/// See [`InputError`].
pub(crate) fn secret_text() -> Result<String, InputError> {
    if !stdin_is_terminal() {
        return stdin_text();
    }
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(LONGEST_INPUT)
        .read_line(&mut line)
        .map_err(InputError::Unreadable)?;
    Ok(line)
}

/// A terminal that does not show what is typed, until this is dropped. Nothing where standard input is no terminal.
#[must_use]
pub(crate) struct Hidden(#[cfg(unix)] Option<rustix::termios::Termios>);

impl Hidden {
    /// Hides what is typed from here on.
    #[cfg(unix)]
    pub(crate) fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = io::stdin();
        let Ok(shown) = tcgetattr(&stdin) else {
            return Self(None);
        };
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL);
        // Where it does not work, the person sees what they type.
        let _ = tcsetattr(&stdin, OptionalActions::Flush, &hidden);
        Self(Some(shown))
    }

    /// This system has no such terminals.
    #[cfg(not(unix))]
    pub(crate) fn new() -> Self {
        Self()
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(shown) = &self.0 {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, shown);
        }
    }
}

/// Standard input as bytes, for the compiler process.
pub(crate) fn stdin_bytes() -> impl Read {
    io::stdin().lock()
}

/// Why standard input gives no text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// It is longer than chela reads.
    #[error("standard input holds more than 16 MiB")]
    TooLong,
    /// It is not text.
    #[error("standard input is not UTF-8 text")]
    NotText,
    /// It cannot be read.
    #[error("standard input cannot be read: {0}")]
    Unreadable(io::Error),
}

/// All of standard input as text, without the line feed that ends its last line.
///
/// # Errors
///
/// See [`InputError`].
pub(crate) fn stdin_text() -> Result<String, InputError> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LONGEST_INPUT + 1)
        .read_to_end(&mut bytes)
        .map_err(InputError::Unreadable)?;
    if bytes.len() as u64 > LONGEST_INPUT {
        return Err(InputError::TooLong);
    }
    let mut text = String::from_utf8(bytes).map_err(|_| InputError::NotText)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
