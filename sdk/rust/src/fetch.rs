//! Reading one page of the web: [`Fetch`] and what it takes and gives.

use crate::Result;
use crate::bindings::fetch::exports::chela::provider::fetch as raw;
use std::marker::PhantomData;

pub use raw::{Format, Request, Response};

/// A provider of pages.
pub trait Fetch: 'static {
    /// Reads a page and turns it into the format asked for.
    ///
    /// # Errors
    ///
    /// When there is no page.
    fn fetch(request: Request) -> Result<Response>;
}

/// Carries a [`Fetch`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Fetch> raw::Guest for Adapter<T> {
    fn fetch(request: Request) -> Result<Response> {
        T::fetch(request)
    }
}
