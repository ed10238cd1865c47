//! Text to speech: [`Speech`] and what it takes and gives.

use crate::bindings::speech::exports::chela::provider::speech as raw;
use crate::{Failure, Result};
use std::marker::PhantomData;

pub use raw::{Format, Request, Response, Voice};

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
