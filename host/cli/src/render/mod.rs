//! What people and scripts get to read.

mod envelope;
pub(crate) mod json;
mod table;
pub(crate) mod transcript;

pub(crate) use envelope::envelope;
pub(crate) use table::Table;
