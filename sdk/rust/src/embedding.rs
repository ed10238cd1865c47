//! Vectors for texts: [`Embedding`] and what it takes and gives.

use crate::Result;
use crate::bindings::embedding::exports::chela::provider::embedding as raw;
use std::marker::PhantomData;

pub use raw::{InputType, Request, Response};

/// A provider of embeddings.
pub trait Embedding: 'static {
    /// One vector per text, in the order of the texts, all of one length, every number finite.
    ///
    /// # Errors
    ///
    /// When there are no vectors.
    fn embed(request: Request) -> Result<Response>;
}

/// Carries an [`Embedding`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Embedding> raw::Guest for Adapter<T> {
    fn embed(request: Request) -> Result<Response> {
        T::embed(request)
    }
}
