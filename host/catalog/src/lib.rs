//! Which providers exist, which of them are configured, and which one is used.
//!
//! A catalog is made from three things: the components carried in the program, the operator's configuration, and the environment that the
//! program hands down. It reads the manifests at the head of the components and nothing behind them: no component is
//! compiled or started, no file is opened and no connection made. A provider of the operator's own (`models.providers.<id>`) is made
//! from the template of the component that speaks its dialect, and from then on is a provider like any other.
//!
//! ```
//! use chela_catalog::{Capability, Catalog, Wanted};
//! use chela_config::Config;
//! use chela_credentials::Environment;
//!
//! let catalog = Catalog::new(&[], &Config::default(), &Environment::default());
//! let choice = catalog.choose(Capability::ImageGenerate, Wanted::Any);
//! assert!(choice.candidates.is_empty());
//! assert!(choice.into_result().unwrap_err().to_string().contains("no provider is configured for image.generate"));
//! ```

#![forbid(unsafe_code)]

mod access;
mod capability;
mod catalog;
mod choose;
mod custom;
mod error;
mod listing;
mod provider;
pub mod record;

pub use access::Auth;
pub use capability::Capability;
pub use catalog::Catalog;
pub use choose::{Because, Candidate, Choice, Skipped, Wanted};
pub use error::CatalogError;
pub use provider::{Component, Provider, Source, Status};
