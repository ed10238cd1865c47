//! What the configuration promises, from outside.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends at the first thing it did not expect"
)]

mod documented;
mod errors;
mod hostile;
mod speech;
mod warnings;
