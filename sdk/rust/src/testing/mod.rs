//! What stands in for the host in `cargo test`.
//!
//! A provider built for another target than WebAssembly talks to this module, per thread, so that all of its code can be
//! tested without a sandbox: queue answers, call the family's function, look at what was sent.
//!
//! ```
//! use chela_sdk::testing::{self, Reply};
//!
//! testing::reply(Reply::json(200, r#"{"name": "m-1"}"#));
//! let answer: serde_json::Value = chela_sdk::http::endpoint("api").get("/model").send()?.json()?;
//! assert_eq!(answer["name"], "m-1");
//! assert_eq!(testing::sent()[0].path, "/model");
//! # Ok::<(), chela_sdk::Failure>(())
//! ```

pub mod context;
pub mod media;
pub mod wire;

pub use context::{replace_endpoint, set};
pub use wire::{Reply, Sent, SentBody, SentField, pauses, reply, sent};

use crate::Blob;

/// A blob that has a file name, as a file that a person names has.
pub fn file(file_name: &str, mime_type: &str, bytes: &[u8]) -> Blob {
    Blob::named(mime_type, Some(file_name), bytes)
}
