//! The configuration file and the references to models in it.
//!
//! The file is JSON5 with the keys of the documentation that chela replaces, so that an existing file works as it is. A key that
//! chela does not know is a [`Warning`] with its path. A value of the wrong kind is a [`ConfigError`] with its path and what to
//! write instead. This crate does no I/O but reading the one file it is handed, and looks up no variable: keys in the file
//! stay what they are there, a [`KeySource`].
//!
//! ```
//! use chela_config::{ModelRef, Use};
//!
//! let (config, warnings) = chela_config::parse(
//!     r#"{
//!         agents: { defaults: { model: "inferrs/google/gemma-4-E2B-it" } },
//!         models: { providers: { inferrs: { baseUrl: "http://127.0.0.1:8080/v1", apiKey: "${INFERRS_KEY}" } } },
//!     }"#,
//!     "chela.json5",
//! )?;
//! assert!(warnings.is_empty());
//! let wanted: ModelRef = "inferrs/google/gemma-4-E2B-it".parse()?;
//! assert_eq!(config.primary(Use::Text).primary.as_ref(), Some(&wanted));
//! # Ok::<(), chela_config::ConfigError>(())
//! ```

#![forbid(unsafe_code)]

mod config;
mod error;
mod key;
mod model_ref;
mod provider;
mod read;
mod speech;
mod tools;

pub use config::{
    Agents, Choice, Config, Defaults, MAX_SIZE, Mode, ModelDefaults, Models, Use, Warning, parse,
    read,
};
pub use error::ConfigError;
pub use key::{KeySource, LiteralKey};
pub use model_ref::ModelRef;
pub use provider::{Cost, LocalService, ModelConfig, ProviderConfig};
pub use speech::{Fallback, Manner, Persona, Tts};
pub use tools::{MOST_RESULTS, MediaModel, Tools, WebTool};
