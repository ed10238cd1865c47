//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::Value;

/// Names that matter somewhere, so that made-up objects are read and not only passed over.
const NAMES: &[&str] = &[
    "arguments",
    "content",
    "details",
    "done",
    "done_reason",
    "embeddings",
    "error",
    "eval_count",
    "function",
    "id",
    "message",
    "model",
    "models",
    "name",
    "prompt_eval_count",
    "thinking",
    "tool_calls",
];

/// Words that matter as values.
const WORDS: &[&str] = &["stop", "length", "load", "assistant", "model not found"];

/// Any JSON, of the names and words above among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(NAMES, WORDS)
}
