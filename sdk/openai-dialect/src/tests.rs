//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::Value;

use crate::settings::Settings;

/// Names that matter somewhere, so that made-up objects are read and not only passed over.
const NAMES: &[&str] = &[
    "b64_json",
    "choices",
    "code",
    "content",
    "data",
    "delta",
    "detail",
    "embedding",
    "error",
    "finish_reason",
    "function",
    "id",
    "index",
    "message",
    "metadata",
    "model",
    "raw",
    "reasoning",
    "refusal",
    "revised_prompt",
    "text",
    "thinking",
    "tool_calls",
    "type",
    "url",
    "usage",
    "x_groq",
];

/// Words that matter as values.
const WORDS: &[&str] = &[
    "error", "text", "thinking", "stop", "SGVsbG8=", "0", "[DONE]",
];

/// Any JSON, of the names and words above among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(NAMES, WORDS)
}

/// Settings as a manifest with these values gives them.
pub(crate) fn settings(values: &Value) -> Settings {
    Settings::read(&|name| values.get(name).cloned())
}
