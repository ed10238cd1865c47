//! `chela audio …`.

pub(super) mod transcribe;
