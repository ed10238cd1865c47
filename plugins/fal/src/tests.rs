//! What the tests of several modules share.

use proptest::prelude::*;
use serde_json::Value;

/// A setting of the manifest.
pub(crate) fn manifest(setting: &str) -> Value {
    let manifest: toml::Value =
        toml::from_str(include_str!("../provider.toml")).expect("the manifest is TOML");
    serde_json::to_value(&manifest["settings"][setting]).expect("settings are JSON")
}

/// Any JSON, of the names and words that matter somewhere among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(
        &[
            "detail",
            "edit",
            "error",
            "error_type",
            "has_nsfw_concepts",
            "image",
            "images",
            "loc",
            "models",
            "msg",
            "path",
            "queue_position",
            "request_id",
            "response_url",
            "seed",
            "status",
            "takes",
            "text",
            "type",
            "url",
            "video",
            "videos",
        ],
        &[
            "IN_QUEUE",
            "IN_PROGRESS",
            "COMPLETED",
            "content_policy_violation",
            "fal-ai/flux",
            "/edit",
            "https://v3.fal.media/files/a.png",
            "https://queue.fal.run/fal-ai/flux/requests/1",
            "data:image/png;base64,SGVsbG8=",
        ],
    )
}
