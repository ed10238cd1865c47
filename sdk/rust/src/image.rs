//! Making and changing pictures: [`Image`] and what it takes and gives.

use crate::bindings::image::exports::chela::provider::image as raw;
use crate::{Failure, Result};
use std::marker::PhantomData;

pub use raw::{Background, EditRequest, Format, GenerateRequest, Options, Picture, Response};

/// A provider of pictures. Implement one function or both.
pub trait Image: 'static {
    /// Draws.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Unsupported`](crate::FailureKind::Unsupported) unless it is implemented.
    fn generate(request: GenerateRequest) -> Result<Response> {
        let _ = request;
        Err(Failure::unsupported("the provider makes no new pictures"))
    }

    /// Changes pictures.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Unsupported`](crate::FailureKind::Unsupported) unless it is implemented.
    fn edit(request: EditRequest) -> Result<Response> {
        let _ = request;
        Err(Failure::unsupported("the provider changes no pictures"))
    }
}

/// Carries an [`Image`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

impl<T: Image> raw::Guest for Adapter<T> {
    fn generate(request: GenerateRequest) -> Result<Response> {
        T::generate(request)
    }

    fn edit(request: EditRequest) -> Result<Response> {
        T::edit(request)
    }
}
