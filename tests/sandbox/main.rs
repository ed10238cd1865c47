//! What a component can do and cannot: the sandbox with real components, most of them hostile.
//!
//! The components are `tests/guests`, each named after its one bad behaviour.

mod compiling;
mod house;
mod isolation;
mod limits;
