//! Text to speech: [`Speech`] and what it takes and gives.

use crate::bindings::speech::exports::chela::provider::speech as raw;
use crate::{Blob, Failure, Result};
use std::marker::PhantomData;

pub use raw::{Format, Request, Response, Voice};

impl Response {
    /// Sound of which the provider says nothing more.
    pub fn new(media: Blob) -> Self {
        Self {
            media,
            sample_rate: None,
            duration: None,
            voice: None,
            model: None,
            usage: None,
            request_id: None,
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }
}

impl Voice {
    /// A voice of which nothing but the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            languages: Vec::new(),
            description: None,
            gender: None,
            preview_url: None,
            extra: Vec::new(),
        }
    }
}

/// A provider that speaks.
pub trait Speech: 'static {
    /// Speaks.
    ///
    /// # Errors
    ///
    /// When there is no sound.
    fn synthesize(request: Request) -> Result<Response>;

    /// The provider's voices.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Unsupported`](crate::FailureKind::Unsupported) unless it is implemented.
    fn list_voices() -> Result<Vec<Voice>> {
        Err(Failure::unsupported("the provider has no list of voices"))
    }
}

/// Carries a [`Speech`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Speech> raw::Guest for Adapter<T> {
    fn synthesize(request: Request) -> Result<Response> {
        T::synthesize(request)
    }

    fn list_voices() -> Result<Vec<Voice>> {
        T::list_voices()
    }
}
