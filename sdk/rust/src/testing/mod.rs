//! What stands in for the host in `cargo test`.
pub mod media;
