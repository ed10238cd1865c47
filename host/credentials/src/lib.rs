//! Where keys live and how one is had.
//!
//! A manifest says in which environment variables a credential may be; the operator's configuration may say another place. This crate
//! looks there, and among the keys that a person had chela keep ([`KeyStore`]), and nowhere else, and hands the key on as a [`Secret`], which cannot be shown, copied or written out. It reads
//! neither the environment nor files itself: the program hands down an [`Environment`].
//!
//! ```
//! use chela_credentials::{Environment, find};
//! use chela_manifest::{Credential, Inject};
//!
//! let credential = Credential {
//!     env: vec!["ACME_API_KEY".to_owned(), "ACME_KEY".to_owned()],
//!     required: true,
//!     inject: Inject::Query { name: "key".to_owned() },
//! };
//! let environment = Environment::new([("ACME_KEY".to_owned(), "sk-1".to_owned())]);
//! let lookup = find(&credential, None, &environment);
//! assert_eq!(lookup.looked_for, ["environment variable ACME_API_KEY", "environment variable ACME_KEY"]);
//! assert_eq!(lookup.found.unwrap().source.to_string(), "environment variable ACME_KEY");
//! ```

#![forbid(unsafe_code)]

mod environment;
mod find;
mod secret;
mod store;

pub use environment::Environment;
pub use find::{CredentialError, Found, Lookup, MAX_KEY_SIZE, Source, find};
pub use secret::Secret;
pub use store::KeyStore;
