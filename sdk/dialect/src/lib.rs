//! What the dialects of bundled providers read and write alike.
//!
//! Servers of all dialects write JSON loosely, refuse in a dozen shapes, stream with and without asking, and put megabytes of
//! base64 into an answer; what they make may take minutes and lie somewhere else. How one reads that is here, once; what an answer says
//! in its own dialect is in the folders under `plugins/`.
#![forbid(unsafe_code)]

pub mod extra;
pub mod failure;
pub mod job;
pub mod levels;
pub mod loose;
pub mod made;
pub mod reply;
pub mod retry;
pub mod scan;
pub mod sentence;
pub mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tools;
pub mod vectors;
