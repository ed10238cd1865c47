//! What a component can do and cannot: the sandbox with real components, most of them hostile.
//!
//! The components are `tests/guests`, each named after its one bad behaviour.
#![forbid(unsafe_code)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test builds guests and looks at the files of its folders"
)]

mod compiling;
mod conversation;
mod films;
mod host_calls;
mod house;
mod isolation;
mod limits;
mod structure;
