//! The eight capability families as plain Rust values and typed calls.
//!
//! What holds no handle is the contract's own type, re-exported. What holds media is written again here with
//! [`Blob`](chela_egress::Blob) in place of a handle, so that nothing above this crate sees wasmtime.

pub mod embedding;
pub mod fetch;
pub mod image;
pub mod model;
pub mod search;
pub mod speech;
pub mod transcription;
pub mod video;

pub use crate::bindings::imports::chela::provider::types::{
    AspectRatio, Dimensions, Failure, FailureKind, NamedValue, Usage,
};

/// Puts a failure of the provider on the outside and a fault of the host on the inside where both can happen.
pub(crate) trait TransposeFailure<T> {
    /// `Ok(Err(failure))` for a provider's failure, `Err` for a fault.
    fn transpose_failure(self) -> wasmtime::Result<Result<T, Failure>>;
}

impl<T> TransposeFailure<T> for Result<wasmtime::Result<T>, Failure> {
    fn transpose_failure(self) -> wasmtime::Result<Result<T, Failure>> {
        match self {
            Ok(lifted) => Ok(Ok(lifted?)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}
