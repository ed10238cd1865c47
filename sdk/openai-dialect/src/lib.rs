//! The HTTP dialect of OpenAI, for the components whose providers speak it: chat completions, pictures, vectors and the catalogue.
//!
//! It is a library and exports nothing: the components `openai` and `openai-compatible` each export the families that their
//! providers serve. How providers differ stands in their manifests and is read in [`settings`]. No provider is known here by name.
#![forbid(unsafe_code)]

pub mod catalogue;
pub mod chat;
pub mod embeddings;
pub mod images;
pub mod schema;
pub mod settings;
pub mod usage;

use chela_dialect::{extra, failure, loose, reply, scan, sentence};

#[cfg(test)]
mod tests;
