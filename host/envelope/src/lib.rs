//! The JSON envelope of chela, its JSON Schema and the exit codes: what scripts depend on.
//!
//! Types only. Nothing here reads, writes, prints or decides; `chela-runtime` fills an [`Envelope`] in and the program
//! prints it. The order of fields in a struct is the order in the document. Adding an optional field is a compatible change;
//! anything else is a new major version of the program.
//!
//! ```
//! use chela_envelope::{Envelope, ErrorBody, ErrorType, capability, exit, exit_code};
//!
//! let error = ErrorBody::new(ErrorType::Auth, "openai: the credential was not accepted").hint("check OPENAI_API_KEY");
//! let envelope = Envelope::failed(capability::IMAGE_GENERATE, error);
//! assert_eq!(exit_code(&envelope), exit::AUTH);
//! let document = serde_json::to_string(&envelope).expect("an envelope is always JSON");
//! assert!(document.starts_with(r#"{"ok":false,"capability":"image.generate","transport":"local","provider":null"#));
//! ```

#![forbid(unsafe_code)]

mod attempt;
pub mod capability;
mod dry_run;
mod envelope;
mod error;
pub mod exit;
mod output;
mod schema;

pub use attempt::{Attempt, AttemptOutcome};
pub use dry_run::{DryRun, PlannedBody, PlannedCredential, PlannedField, PlannedRequest};
pub use envelope::{Envelope, IgnoredOverride, Input, Normalized, Transport, Usage};
pub use error::{ErrorBody, ErrorType};
pub use exit::exit_code;
pub use output::{
    DescriptionOutput, EmbeddingOutput, FailedOutput, FetchOutput, MediaOutput, Output,
    SearchOutput, SearchResult, Segment, TextKind, TextOutput, Untrusted,
};
pub use schema::{SCHEMA_ID, schema};
