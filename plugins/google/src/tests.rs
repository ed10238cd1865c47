//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::Value;

/// Names that matter somewhere, so that made-up objects are read and not only passed over.
const NAMES: &[&str] = &[
    "args",
    "blockReason",
    "candidates",
    "code",
    "content",
    "data",
    "details",
    "embeddings",
    "error",
    "finishReason",
    "functionCall",
    "groundingChunks",
    "groundingMetadata",
    "index",
    "inlineData",
    "message",
    "models",
    "name",
    "parts",
    "promptFeedback",
    "reason",
    "retryDelay",
    "status",
    "text",
    "thought",
    "thoughtSignature",
    "usageMetadata",
    "values",
    "violations",
    "web",
];

/// Words that matter as values.
const WORDS: &[&str] = &[
    "STOP",
    "SAFETY",
    "MAX_TOKENS",
    "SGVsbG8=",
    "API_KEY_INVALID",
    "RESOURCE_EXHAUSTED",
    "3s",
];

/// Any JSON, of the names and words above among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(NAMES, WORDS)
}
