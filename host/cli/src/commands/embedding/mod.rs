//! `chela embedding …`.

pub(super) mod create;
