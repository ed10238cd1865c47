//! The one door to standard output, and to standard error.
//!
//! With `--json`, standard output is exactly one JSON document; without, it is the answer alone. Everything else goes to
//! standard error. What a provider says is filtered here ([`crate::sanitize`]), so that no caller can forget it.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one door to standard output and standard error"
)]

use crate::progress::Waiting;
use crate::render::json;
use crate::sanitize::{self, Sanitizer};
use anstyle::{AnsiColor, Style};
use chela_envelope::{ErrorBody, exit};
use chela_runtime::Watcher;
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the last piece of an answer on standard output ended in the middle of a line, for traces, which know no printer.
static MID_LINE: AtomicBool = AtomicBool::new(false);

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// What goes out of the process.
#[derive(Debug)]
pub(crate) struct Printer {
    /// Whether standard output is one JSON document.
    json: bool,
    /// Whether labels on standard error are coloured.
    colour: bool,
    /// Whether only errors go to standard error.
    quiet: bool,
    /// What shows that there is something to wait for; gone before anything else is printed.
    waiting: Waiting,
    /// The filter of the answer that is being streamed to standard output.
    answer: Sanitizer,
    /// The filter of the answer that is being shown on standard error.
    progress: Sanitizer,
    /// Whether the last thing streamed ended its line; by door: standard output, standard error.
    at_line_start: [bool; 2],
    /// Whether the one document is out.
    document_written: bool,
    /// Whether whoever read standard output went away.
    closed: bool,
    /// Why standard output could not be written.
    failure: Option<io::Error>,
}

impl Printer {
    /// A printer that has printed nothing.
    pub(crate) fn new(json: bool, colour: bool) -> Self {
        Self {
            json,
            colour,
            quiet: false,
            waiting: Waiting::default(),
            answer: Sanitizer::default(),
            progress: Sanitizer::default(),
            at_line_start: [true; 2],
            document_written: false,
            closed: false,
            failure: None,
        }
    }

    /// Whether standard output is one JSON document.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Keeps everything but errors off standard error, or not.
    pub(crate) fn quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Lets a person at a terminal see that there is something to wait for.
    pub(crate) fn show_waiting(&mut self) {
        self.waiting = Waiting::on_terminal();
    }

    /// What is to be told of the progress of work.
    pub(crate) fn watcher(&self) -> Watcher {
        self.waiting.watcher()
    }

    /// Whether nobody reads standard output any more: its reader closed the pipe, or it cannot be written.
    pub(crate) fn gone(&self) -> bool {
        self.closed || self.failure.is_some()
    }

    /// Whether the one document is out already, so that a later failure has no place in it.
    pub(crate) fn document_written(&self) -> bool {
        self.document_written
    }

    /// Prints the document of `--json`.
    pub(crate) fn document<T: Serialize + ?Sized>(&mut self, value: &T) {
        debug_assert!(
            self.json && !self.document_written,
            "there is exactly one document, with --json"
        );
        match json::document(value) {
            Ok(bytes) => {
                self.document_written = true;
                self.out(&bytes);
            }
            Err(error) => self.failure = Some(error.into()),
        }
    }

    /// Prints a text that is complete, ending its last line.
    pub(crate) fn text(&mut self, text: &str) {
        self.out(sanitize::block(text).as_bytes());
        if !text.is_empty() && !text.ends_with('\n') {
            self.out(b"\n");
        }
    }

    /// Prints the next piece of an answer that comes in pieces, at once.
    pub(crate) fn stream(&mut self, piece: &str) {
        let clean = self.answer.clean(piece);
        if !clean.is_empty() {
            self.at_line_start[0] = clean.ends_with('\n');
            MID_LINE.store(!self.at_line_start[0], Ordering::Relaxed);
            self.out(clean.as_bytes());
        }
    }

    /// Shows the next piece of an answer on standard error, while standard output waits for its document.
    pub(crate) fn preview(&mut self, piece: &str) {
        if self.quiet {
            return;
        }
        let clean = self.progress.clean(piece);
        if !clean.is_empty() {
            self.waiting.erase();
            self.at_line_start[1] = clean.ends_with('\n');
            err(clean.as_bytes());
        }
    }

    /// Ends the last line of what was streamed.
    pub(crate) fn end_stream(&mut self) {
        MID_LINE.store(false, Ordering::Relaxed);
        if !std::mem::replace(&mut self.at_line_start[0], true) {
            self.out(b"\n");
        }
        if !std::mem::replace(&mut self.at_line_start[1], true) {
            err(b"\n");
        }
        self.answer = Sanitizer::default();
        self.progress = Sanitizer::default();
    }

    /// Copies a file to standard output as it is: the one thing that is not text. False where not all of it was taken.
    pub(crate) fn bytes(&mut self, from: &mut impl Read) -> bool {
        self.waiting.erase();
        let mut stdout = io::stdout().lock();
        let result = io::copy(from, &mut stdout).and_then(|_| stdout.flush());
        let whole = result.is_ok();
        self.note_result(result);
        whole
    }

    /// Draws a picture on the terminal that standard output is. What steers the terminal in it was made here and not by a provider.
    pub(crate) fn drawing(&mut self, drawing: &str) {
        debug_assert!(!self.json, "a document is no place for a drawing");
        self.out(drawing.as_bytes());
    }

    /// Says why there is no result, on standard error.
    pub(crate) fn error(&self, error: &ErrorBody) {
        self.message(ERROR, "error", &error.message);
        if let Some(hint) = &error.hint {
            self.message(HINT, "hint", hint);
        }
    }

    /// Says what the user should know although there is a result, on standard error.
    pub(crate) fn warning(&self, message: &str) {
        if self.quiet {
            return;
        }
        self.message(WARNING, "warning", message);
    }

    /// Says something to the process that started this one, on standard error.
    pub(crate) fn plain(&self, message: &str) {
        err(format!("{}\n", sanitize::line(message)).as_bytes());
    }

    /// Asks for something on standard error, on a line that the answer ends.
    pub(crate) fn ask(&self, question: &str) {
        err(format!("{} ", sanitize::line(question)).as_bytes());
    }

    fn message(&self, style: Style, label: &str, message: &str) {
        self.waiting.erase();
        let label = if self.colour {
            Cow::from(format!("{style}{label}:{style:#}"))
        } else {
            Cow::from(format!("{label}:"))
        };
        err(format!("{label} {}\n", sanitize::line(message)).as_bytes());
    }

    /// The exit code, given the one that the work came to: output that could not be written is a failure of its own, but a
    /// reader that went away had what it wanted.
    pub(crate) fn finish(mut self, code: u8) -> u8 {
        self.waiting.erase();
        let result = io::stdout().flush();
        self.note_result(result);
        match &self.failure {
            Some(failure) => {
                self.message(
                    ERROR,
                    "error",
                    &format!("standard output cannot be written: {failure}"),
                );
                if code == exit::OK {
                    exit::INTERNAL
                } else {
                    code
                }
            }
            None => code,
        }
    }

    fn out(&mut self, bytes: &[u8]) {
        self.waiting.erase();
        if self.gone() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let result = stdout.write_all(bytes).and_then(|()| stdout.flush());
        self.note_result(result);
    }

    fn note_result(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => self.failure = self.failure.take().or(Some(error)),
        }
    }
}

/// Standard output for the one thing that is neither text nor document: the compiled code that the compiler process hands
/// to the process that started it.
pub(crate) fn compiled_code() -> impl Write {
    io::stdout().lock()
}

/// Whether standard output shows what it gets to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// How many columns the terminal has that standard output is; 80 where it does not tell.
pub(crate) fn columns() -> u32 {
    #[cfg(unix)]
    let told = rustix::termios::tcgetwinsize(io::stdout())
        .ok()
        .map(|size| u32::from(size.ws_col));
    #[cfg(not(unix))]
    let told = None;
    told.filter(|columns| *columns > 0).unwrap_or(80)
}

/// What traces of the work are written to: standard error, a line at a time, filtered like everything else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traces;

impl Write for Traces {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        // On a terminal the answer stands on the line that would go on.
        if MID_LINE.load(Ordering::Relaxed)
            && io::stdout().is_terminal()
            && io::stderr().is_terminal()
        {
            err(b"\n");
        }
        err(format!("{}\n", sanitize::line(text.trim_end())).as_bytes());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes to standard error. There is no door left to complain through when that fails.
fn err(bytes: &[u8]) {
    let mut stderr = io::stderr().lock();
    drop(stderr.write_all(bytes).and_then(|()| stderr.flush()));
}
