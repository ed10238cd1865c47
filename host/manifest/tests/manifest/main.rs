//! What the manifest crate promises, from outside.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends at the first thing it did not expect"
)]

mod errors;
mod exports;
mod generate;
mod newer;
mod properties;
mod section;
