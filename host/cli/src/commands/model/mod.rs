//! `chela model …`.

pub(super) mod auth;
pub(super) mod inspect;
pub(super) mod list;
pub(super) mod run;
