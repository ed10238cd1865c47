//! Write a provider for chela in Rust.
//!
//! A provider is a crate with three files. `Cargo.toml` asks for `crate-type = ["cdylib"]` and for this crate; `provider.toml`
//! says who the provider is, where its servers are, which credential it uses and what it can do; `src/lib.rs` implements
//! the trait of each family it serves and registers the type:
//!
//! ```
//! use chela_sdk::{Embedding, Result, embedding, http};
//!
//! #[derive(serde::Deserialize)]
//! struct Answer { vectors: Vec<Vec<f32>> }
//!
//! struct Acme;
//!
//! impl Embedding for Acme {
//!     fn embed(request: embedding::Request) -> Result<embedding::Response> {
//!         let body = serde_json::json!({ "model": request.model, "input": request.texts });
//!         let answer: Answer = http::endpoint("api").post("/embed").json(&body).send()?.json()?;
//!         Ok(embedding::Response { vectors: answer.vectors, ..Default::default() })
//!     }
//! }
//!
//! chela_sdk::register!(Acme: embedding);
//! ```
//!
//! `cargo run -p chela-pack -- <the crate's folder> -o acme.wasm` builds it and packs it into one file; `examples/hello` in
//! chela's repository is such a crate.
//!
//! What the author need not do: hold keys (the host attaches them where the manifest says, and a component never sees one),
//! retry, wait, choose file names, check sizes and counts against the manifest. What an author can rely on: [`http`] by
//! endpoint with every refusal turned into a [`Failure`], [`sse`] and [`ndjson`] streams that survive any cut, forms and JSON
//! with media that never pass through the component, and, in `cargo test`, the module `testing` in the place of the host.
//!
//! What a component never has: files, environment, clock, randomness, sockets. `std` functions that need one fail or trap.

#[doc(hidden)]
pub mod bindings;
mod chunks;
pub mod context;
pub mod embedding;
mod failure;
pub mod fetch;
pub mod html;
pub mod http;
pub mod image;
pub mod log;
pub mod media;
pub mod model;
pub mod ndjson;
mod register;
pub mod search;
pub mod speech;
pub mod sse;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod transcription;
pub mod video;

pub use bindings::base::chela::provider::types::{AspectRatio, Dimensions, NamedValue, Usage};
pub use embedding::Embedding;
pub use failure::{Failure, FailureKind, Result};
pub use fetch::Fetch;
pub use image::Image;
pub use media::Blob;
pub use model::{EventStream, Model};
pub use search::Search;
pub use speech::Speech;
pub use transcription::Transcription;
pub use video::Video;
