//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::Value;

/// Names that matter somewhere, so that made-up objects are read and not only passed over.
const NAMES: &[&str] = &[
    "capabilities",
    "citation",
    "content",
    "content_block",
    "data",
    "delta",
    "error",
    "id",
    "index",
    "input",
    "levels",
    "message",
    "models",
    "name",
    "partial_json",
    "signature",
    "stop_details",
    "stop_reason",
    "text",
    "thinking",
    "type",
    "usage",
];

/// Words that matter as values.
const WORDS: &[&str] = &[
    "content_block_delta",
    "content_block_start",
    "content_block_stop",
    "end_turn",
    "error",
    "input_json_delta",
    "message_delta",
    "message_start",
    "message_stop",
    "redacted_thinking",
    "signature_delta",
    "text",
    "text_delta",
    "thinking",
    "thinking_delta",
    "tool_use",
];

/// Any JSON, of the names and words above among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(NAMES, WORDS)
}
