//! Searching the web: [`Search`] and what it takes and gives.

use crate::Result;
use crate::bindings::search::exports::chela::provider::search as raw;
use std::marker::PhantomData;

pub use raw::{Freshness, Hit, Request, Response};

/// A provider of web search.
pub trait Search: 'static {
    /// Searches. No hits is an answer too.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    fn search(request: Request) -> Result<Response>;
}

/// Carries a [`Search`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Search> raw::Guest for Adapter<T> {
    fn search(request: Request) -> Result<Response> {
        T::search(request)
    }
}
