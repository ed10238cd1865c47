//! The walls of the house, held by tests: which room may lean on which, what may be named where, what every crate and every
//! line of the contract has.
//!
//! `clippy.toml` holds the same perimeter while one writes; these tests also see dependencies, code behind a `cfg`, and
//! whoever says that a rule is not for them. ARCHITECTURE.md tells why each wall is there.
#![forbid(unsafe_code)]

mod arrows;
mod contract;
mod house;
mod perimeter;
mod reference;
mod source;
