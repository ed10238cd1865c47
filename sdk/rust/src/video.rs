//! Making film: [`Video`] and what it takes and gives.
//!
//! A film takes minutes. A component only starts the work and looks after it; waiting, progress and resuming in a later
//! process are the host's.

use crate::bindings::video::exports::chela::provider::video as raw;
use crate::{Blob, Failure, Result};
use std::marker::PhantomData;

pub use raw::{Clip, Job, Progress, Reference, ReferenceRole, Request, Response, State};

impl Job {
    /// A job that is found again by this token, of which the provider says nothing more.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            request_id: None,
            poll_after_ms: None,
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }
}

impl Default for Request {
    /// A request for nothing in particular, to lay a prompt and wishes over.
    fn default() -> Self {
        Self {
            model: String::new(),
            prompt: String::new(),
            references: Vec::new(),
            size: None,
            aspect_ratio: None,
            resolution: None,
            duration: None,
            audio: None,
            watermark: None,
            seed: None,
            extra: Vec::new(),
        }
    }
}

impl Clip {
    /// A film of which the provider says nothing more.
    pub fn new(media: Blob) -> Self {
        Self {
            media,
            duration: None,
            size: None,
            seed: None,
            extra: Vec::new(),
        }
    }
}

/// A provider of film.
pub trait Video: 'static {
    /// Hands in a job.
    ///
    /// # Errors
    ///
    /// When the provider does not take it on.
    fn submit(request: Request) -> Result<Job>;

    /// Asks once how a job stands. `token` is the [`Job::token`] of an earlier [`submit`](Video::submit), perhaps of another
    /// process.
    ///
    /// # Errors
    ///
    /// When the question failed. A job that failed is [`State::Failed`].
    fn poll(token: String) -> Result<State>;

    /// Asks the provider to stop.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Unsupported`](crate::FailureKind::Unsupported) unless it is implemented.
    fn cancel(token: String) -> Result<()> {
        let _ = token;
        Err(Failure::unsupported("the provider cannot stop a job"))
    }
}

/// Carries a [`Video`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Video> raw::Guest for Adapter<T> {
    fn submit(request: Request) -> Result<Job> {
        T::submit(request)
    }

    fn poll(token: String) -> Result<State> {
        T::poll(token)
    }

    fn cancel(token: String) -> Result<()> {
        T::cancel(token)
    }
}
