//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::{Map, Value};

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

/// Any JSON, of the names above and a few values that matter.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "error", "text", "thinking", "stop", "SGVsbG8=", "0", "[DONE]"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let name = prop_oneof![
            8 => prop::sample::select(NAMES).prop_map(str::to_owned),
            1 => ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Settings as a manifest with these values gives them.
pub(crate) fn settings(values: &Value) -> Settings {
    Settings::read(&|name| values.get(name).cloned())
}
