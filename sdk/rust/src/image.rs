//! Making and changing pictures: [`Image`] and what it takes and gives.

use crate::bindings::image::exports::chela::provider::image as raw;
use crate::{Blob, Failure, Result};
use std::marker::PhantomData;

pub use raw::{Background, EditRequest, Format, GenerateRequest, Options, Picture, Response};

impl Options {
    /// As many pictures, and everything else as the provider finds fit.
    pub fn new(count: u32) -> Self {
        Self {
            count,
            size: None,
            aspect_ratio: None,
            resolution: None,
            format: None,
            background: None,
            quality: None,
            moderation: None,
            seed: None,
            extra: Vec::new(),
        }
    }
}

impl Picture {
    /// A picture of which the provider says nothing more.
    pub fn new(media: Blob) -> Self {
        Self {
            media,
            revised_prompt: None,
            seed: None,
            extra: Vec::new(),
        }
    }
}

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
