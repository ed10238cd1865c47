//! What the manifest crate promises, from outside.

mod errors;
mod exports;
mod generate;
mod newer;
mod properties;
mod section;
