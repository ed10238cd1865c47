//! Why a server is not there.

use std::io;
use std::time::Duration;

/// Why a server is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The program cannot be run.
    #[error("`{command}` cannot be started: {problem}")]
    Unstartable {
        /// The program.
        command: String,
        /// What the system says.
        problem: String,
    },
    /// It ended before it served.
    #[error("its server ended before it served{}", said(tail))]
    Ended {
        /// The end of what it said.
        tail: String,
    },
    /// It did not serve in time.
    #[error("its server did not serve within {} s{}", waited.as_secs_f32(), said(tail))]
    NotReady {
        /// How long it was waited for.
        waited: Duration,
        /// The end of what it said.
        tail: String,
    },
    /// The files that callers share cannot be used.
    #[error("the state of its server cannot be kept: {0}")]
    Files(#[from] io::Error),
}

/// The end of what a server said, as the end of a sentence.
fn said(tail: &str) -> String {
    if tail.is_empty() {
        " and said nothing".to_owned()
    } else {
        format!("; its last words: {tail}")
    }
}
