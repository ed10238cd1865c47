//! What a person at a terminal sees while there is something to wait for: a line on standard error that says who does what for how
//! long, and how far it is. It comes only when the wait is worth a line, and is gone without a trace before anything else is
//! printed ([`crate::printer`] sees to that).
//!
//! One thread draws, so that what is told never waits for a terminal. Whether there is anybody to show it to is decided in
//! [`crate::commands`].

use crate::sanitize;
use chela_runtime::{Progress, Stage, Watcher};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long nothing is shown. What is answered by then needs no line.
const PATIENCE: Duration = Duration::from_millis(400);

/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

const SPINNER: &str = "{spinner} {elapsed:>4} {wide_msg}";
const BAR: &str = "{spinner} {elapsed:>4} [{bar:24}] {percent:>3}% {wide_msg}";

/// The line, or nothing where nobody is to see it. Clones are the same line.
#[derive(Clone, Default)]
pub(crate) struct Waiting(Option<Arc<Mutex<Option<Drawing>>>>);

/// The thread that draws. It ends when its sender goes.
struct Drawing {
    tell: Sender<Progress>,
    thread: JoinHandle<()>,
}

impl Waiting {
    /// A line that is shown when there is something to tell.
    pub(crate) fn on_terminal() -> Self {
        Self(Some(Arc::default()))
    }

    /// What work is to tell of its progress.
    pub(crate) fn watcher(&self) -> Watcher {
        let this = self.clone();
        if this.0.is_none() {
            return Watcher::default();
        }
        Watcher::new(move |progress| this.tell(progress))
    }

    fn tell(&self, progress: &Progress) {
        let Some(mut drawing) = self.drawing() else {
            return;
        };
        // Once it was erased, what is told begins a new one.
        let drawing = drawing.get_or_insert_with(|| {
            let (tell, told) = mpsc::channel();
            Drawing {
                tell,
                thread: thread::spawn(move || draw(&told)),
            }
        });
        // A thread that is gone has nothing to show it on.
        drop(drawing.tell.send(progress.clone()));
    }

    /// Takes the line away. When this is done, nothing of it is left.
    pub(crate) fn erase(&self) {
        let Some(drawing) = self.drawing().and_then(|mut drawing| drawing.take()) else {
            return;
        };
        drop(drawing.tell);
        drop(drawing.thread.join());
    }

    fn drawing(&self) -> Option<MutexGuard<'_, Option<Drawing>>> {
        let shared = self.0.as_ref()?;
        Some(shared.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Waiting")
            .field(&self.0.is_some())
            .finish()
    }
}

/// Draws what it is told until nothing more will be.
fn draw(told: &mpsc::Receiver<Progress>) {
    let began = Instant::now();
    let mut last = None;
    while let Some(left) = PATIENCE.checked_sub(began.elapsed()) {
        match told.recv_timeout(left) {
            Ok(progress) => last = Some(progress),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
    // On standard error, and hidden where that is no terminal.
    let bar = ProgressBar::new(100).with_elapsed(began.elapsed());
    if let Some(progress) = last {
        show(&bar, &progress);
    }
    loop {
        match told.recv_timeout(TICK) {
            Ok(progress) => show(&bar, &progress),
            Err(RecvTimeoutError::Timeout) => bar.tick(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    bar.finish_and_clear();
}

fn show(bar: &ProgressBar, progress: &Progress) {
    let fraction = match progress.stage {
        Stage::Running(fraction) => fraction,
        Stage::Asked | Stage::Queued(_) => None,
    };
    let template = if fraction.is_some() { BAR } else { SPINNER };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    if let Some(fraction) = fraction {
        bar.set_position((fraction * 100.0) as u64);
    }
    bar.set_message(words(progress));
}

/// Who does what.
fn words(progress: &Progress) -> String {
    let mut who = progress.provider.clone();
    if !progress.model.is_empty() {
        who.push('/');
        who.push_str(&progress.model);
    }
    let words = match progress.stage {
        Stage::Asked => format!("waiting for {who}"),
        Stage::Queued(None) => format!("queued at {who}"),
        Stage::Queued(Some(before)) => format!("queued at {who}, {before} before it"),
        Stage::Running(_) => format!("{who} is working on it"),
    };
    sanitize::line(&words).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(stage: Stage) -> Progress {
        Progress {
            provider: "openai".into(),
            model: "sora\u{1b}[2J-2".into(),
            stage,
        }
    }

    #[test]
    fn it_is_said_who_does_what_and_nothing_moves_the_cursor() {
        for (stage, expected) in [
            (Stage::Asked, "waiting for openai/sora"),
            (Stage::Queued(None), "queued at openai/sora"),
            (Stage::Queued(Some(3)), ", 3 before it"),
            (Stage::Running(Some(0.5)), "is working on it"),
        ] {
            let words = words(&progress(stage));
            assert!(words.contains(expected), "{words}");
            assert!(!words.contains('\u{1b}'), "{words}");
        }
        let no_model = Progress {
            model: String::new(),
            ..progress(Stage::Asked)
        };
        assert_eq!(words(&no_model), "waiting for openai");
    }

    #[test]
    fn a_line_comes_again_after_it_was_erased_and_no_line_does_nothing() {
        for waiting in [Waiting::on_terminal(), Waiting::default()] {
            for _ in 0..3 {
                waiting.tell(&progress(Stage::Asked));
                waiting.tell(&progress(Stage::Running(Some(0.2))));
                waiting.erase();
                waiting.erase();
                assert!(waiting.drawing().is_none_or(|drawing| drawing.is_none()));
            }
        }
    }

    #[test]
    fn both_templates_can_be_read() {
        for template in [SPINNER, BAR] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
