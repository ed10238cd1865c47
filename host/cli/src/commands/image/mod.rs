//! `chela image …`.

pub(super) mod describe;
pub(super) mod describe_many;
pub(super) mod edit;
pub(super) mod generate;
