//! `chela plugin …`.

pub(super) mod inspect;
