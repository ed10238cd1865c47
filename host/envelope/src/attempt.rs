//! What was tried and did not give the result.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ErrorType;

/// How an attempt that gave no result ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// It was made and failed.
    Failed,
    /// It was not made.
    Skipped,
}

/// An attempt that gave no result. Retries on the same provider and model are one attempt; `requests` counts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Attempt {
    /// The provider.
    pub provider: String,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The file that it was about, where a call is about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// One sentence for a person.
    pub error: String,
    /// What a script acts on.
    pub reason: ErrorType,
    /// The HTTP status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How many HTTP requests went out.
    pub requests: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}
