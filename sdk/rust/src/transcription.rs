//! Speech to text: [`Transcription`] and what it takes and gives.

use crate::Result;
use crate::bindings::transcription::exports::chela::provider::transcription as raw;
use std::marker::PhantomData;

pub use raw::{Request, Response, Segment, Timestamps};

/// A provider that writes down what is said.
pub trait Transcription: 'static {
    /// Writes down what is said.
    ///
    /// # Errors
    ///
    /// When there is no transcript.
    fn transcribe(request: Request) -> Result<Response>;
}

/// Carries a [`Transcription`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Transcription> raw::Guest for Adapter<T> {
    fn transcribe(request: Request) -> Result<Response> {
        T::transcribe(request)
    }
}
