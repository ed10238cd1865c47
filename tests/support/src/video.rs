//! Answers in the shape of OpenAI's API for films.
//!
//! The shapes follow <https://platform.openai.com/docs/api-reference/videos>; the words are ours.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::openai::REQUEST_ID;

/// The id of every job.
pub const JOB: &str = "video_68d7512d07848190";

/// How a job stands: `queued`, `in_progress` or `completed`, and how far it is. The next question is to come at once.
#[must_use]
pub fn job(status: &str, percent: u32) -> Answer {
    answer(&value(status, percent))
}

/// A job that failed.
#[must_use]
pub fn failed(code: &str, message: &str) -> Answer {
    let mut job = value("failed", 0);
    job["error"] = json!({"code": code, "message": message});
    answer(&job)
}

/// A film, under the media type that the server says.
#[must_use]
pub fn content(content_type: &str, bytes: Vec<u8>) -> Answer {
    Answer::new(200)
        .header("x-request-id", REQUEST_ID)
        .header("Content-Type", content_type)
        .body(bytes)
}

fn answer(job: &Value) -> Answer {
    Answer::new(200)
        .header("x-request-id", REQUEST_ID)
        .header("openai-poll-after-ms", "1")
        .json_body(job)
}

fn value(status: &str, percent: u32) -> Value {
    json!({
        "id": JOB, "object": "video", "model": "sora-2", "status": status, "progress": percent, "created_at": 1_758_941_485,
        "completed_at": null, "expires_at": null, "prompt": null, "size": "1280x720", "seconds": "8",
        "remixed_from_video_id": null, "error": null,
    })
}
