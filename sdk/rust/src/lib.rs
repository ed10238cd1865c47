//! Write a provider for chela in Rust.
#![cfg_attr(not(test), warn(missing_docs))]

#[doc(hidden)]
pub mod bindings;
pub mod embedding;
mod failure;
pub mod fetch;
pub mod image;
pub mod media;
pub mod model;
mod register;
pub mod search;
pub mod speech;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod transcription;
pub mod video;

pub use bindings::base::chela::provider::types::{AspectRatio, Dimensions, NamedValue, Usage};
pub use embedding::Embedding;
pub use failure::{Failure, FailureKind, Result};
pub use fetch::Fetch;
pub use image::Image;
pub use media::Blob;
pub use model::{EventStream, Model};
pub use search::Search;
pub use speech::Speech;
pub use transcription::Transcription;
pub use video::Video;
