//! What the tests of several modules share.

use chela_sdk::testing::Reply;
use chela_sdk::{Failure, FailureKind};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that matter somewhere, so that made-up objects are read and not only passed over.
const NAMES: &[&str] = &[
    "args",
    "begin",
    "blockReason",
    "candidates",
    "code",
    "content",
    "data",
    "details",
    "domain",
    "done",
    "embeddings",
    "end",
    "error",
    "file",
    "finishMessage",
    "finishReason",
    "functionCall",
    "generateVideoResponse",
    "generatedSamples",
    "groundingChunkIndices",
    "groundingChunks",
    "groundingMetadata",
    "groundingSupports",
    "index",
    "inlineData",
    "message",
    "metadata",
    "mimeType",
    "models",
    "name",
    "parts",
    "promptFeedback",
    "raiMediaFilteredCount",
    "raiMediaFilteredReasons",
    "reason",
    "response",
    "retryDelay",
    "segment",
    "segments",
    "speaker",
    "state",
    "status",
    "text",
    "thought",
    "thoughtSignature",
    "title",
    "uri",
    "usageMetadata",
    "values",
    "video",
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
    "00:01.5",
    "ACTIVE",
    "audio/L16;codec=pcm;rate=24000",
    "files/a-1",
    "models/veo-3.1-generate-preview/operations/a1",
    "https://generativelanguage.googleapis.com/v1beta/files/a-1:download?alt=media",
    "PROCESSING",
];

/// Any JSON, of the names and words above among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(NAMES, WORDS)
}

/// Every answer that is none, and what it means: what a family makes of its own answers comes on top of it.
pub(crate) fn no_answers() -> Vec<(Reply, FailureKind)> {
    let refused = |status: u16, word: &str| Reply::json(status, refused_within(status, word));
    let wrong_key = json!({"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT",
        "details": [{"reason": "API_KEY_INVALID"}]}});
    let spent = json!({"error": {"code": 429, "message": "You exceeded your quota.", "status": "RESOURCE_EXHAUSTED",
        "details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}]}});
    vec![
        (
            refused(400, "INVALID_ARGUMENT"),
            FailureKind::InvalidRequest,
        ),
        (Reply::json(400, wrong_key.to_string()), FailureKind::Auth),
        (refused(401, "UNAUTHENTICATED"), FailureKind::Auth),
        (refused(403, "PERMISSION_DENIED"), FailureKind::Permission),
        (refused(404, "NOT_FOUND"), FailureKind::NotFound),
        (refused(408, "DEADLINE_EXCEEDED"), FailureKind::Timeout),
        (
            refused(413, "INVALID_ARGUMENT"),
            FailureKind::InvalidRequest,
        ),
        (
            refused(422, "INVALID_ARGUMENT"),
            FailureKind::InvalidRequest,
        ),
        (refused(429, "RESOURCE_EXHAUSTED"), FailureKind::RateLimited),
        (Reply::json(429, spent.to_string()), FailureKind::Quota),
        (refused(500, "INTERNAL"), FailureKind::Unavailable),
        (refused(503, "UNAVAILABLE"), FailureKind::Unavailable),
        (
            Reply::new(503, "text/html", "<html>"),
            FailureKind::Unavailable,
        ),
        (
            Reply::json(200, refused_within(503, "UNAVAILABLE")),
            FailureKind::Unavailable,
        ),
        (Reply::json(200, ""), FailureKind::BadResponse),
        (Reply::json(200, "{}"), FailureKind::BadResponse),
        (Reply::json(200, "[]"), FailureKind::BadResponse),
        (Reply::json(200, "null"), FailureKind::BadResponse),
        (
            Reply::json(200, "{\"candidates\": [{\"cont"),
            FailureKind::BadResponse,
        ),
        (
            Reply::json(200, "{\"candidates\": [").cut(),
            FailureKind::BadResponse,
        ),
        (
            Reply::new(200, "text/html", "<html>"),
            FailureKind::BadResponse,
        ),
    ]
}

fn refused_within(status: u16, word: &str) -> String {
    json!({"error": {"code": status, "message": "So it is.", "status": word}}).to_string()
}

/// Holds a call against all of them.
pub(crate) fn tells_apart(call: &dyn Fn() -> Result<(), Failure>) {
    for (reply, kind) in no_answers() {
        let shown = format!("{reply:?}");
        chela_sdk::testing::reply(reply);
        let failure = call().expect_err(&shown);
        assert_eq!(failure.kind, kind, "{shown}");
    }
    // What cannot be reached at all the host tells, in its own words.
    assert_eq!(
        call().expect_err("nothing answers").kind,
        FailureKind::Unavailable
    );
}
