//! `provider.toml`: what a provider is and what it asks for.
//!
//! An author writes a manifest as TOML. The packer checks it and embeds it, as JSON of the same grammar, in a custom section right
//! after the preamble of the component, one section per provider. A host reads those sections from the first few KB of a file,
//! and checks them again: a manifest is a claim of whoever made the file. [`mod@grammar`] describes every key.
//!
//! This crate reads bytes it is given. It opens no file and no socket, and runs no component.
//!
//! ```
//! use chela_manifest::{Family, Manifest};
//!
//! let manifest = Manifest::parse_toml(
//!     r#"
//!     id = "acme-images"
//!     name = "Acme Images"
//!     version = "1.2.0"
//!     contract = "0.1"
//!     [endpoints.api]
//!     base = "https://api.acme.example/v1"
//!     [image]
//!     default-model = "acme-1"
//!     generate = { max-count = 4, sizes = ["1024x1024"] }
//!     "#,
//!     "provider.toml",
//! )?;
//! assert_eq!(manifest.families(), [Family::Image]);
//! assert_eq!(Manifest::from_json(&manifest.to_json())?, manifest);
//! # Ok::<(), chela_manifest::ManifestError>(())
//! ```

#![forbid(unsafe_code)]

mod digest;
pub mod document;
mod error;
pub mod exports;
mod family;
pub mod grammar;
mod id;
mod limits;
mod manifest;
mod network;
mod origin;
mod read;
pub mod section;
mod spec;

pub use digest::digest;
pub use error::ManifestError;
pub use family::{ContractVersion, Family};
pub use id::ProviderId;
pub use limits::{Limits, format_duration, format_size, parse_duration, parse_size};
pub use manifest::Manifest;
pub use network::{Credential, Downloads, Endpoint, Inject, is_host_header};
pub use origin::{Origin, OriginPattern};
pub use spec::{
    EmbeddingModel, EmbeddingSpec, FetchSpec, ImageModes, ImageSpec, ModelEntry, ModelSpec,
    SearchSpec, SpeechSpec, TranscriptionSpec, VideoSpec,
};
