//! `chela web …`.

pub(super) mod fetch;
pub(super) mod providers;
pub(super) mod search;
