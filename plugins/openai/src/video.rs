//! Films.
//!
//! Follows <https://platform.openai.com/docs/api-reference/videos>: a job is created, asked after, and its film fetched when it is
//! done. The film goes from the server to the host without passing through here. The API cannot stop a job.

use chela_dialect::extra;
use chela_dialect::failure::Envelope;
use chela_dialect::loose::{self, number_field, set, text_field};
use chela_dialect::reply::{accept, read_rest};
use chela_sdk::http::{self, Blobs, Form, Response as HttpResponse};
use chela_sdk::video::{Clip, Job, Progress, ReferenceRole, Request, Response, State};
use chela_sdk::{Dimensions, Failure, FailureKind, Result};
use serde_json::{Map, Value};

/// The field with a picture to start from.
const REFERENCE: &str = "input_reference";

/// The header field in which the server says how long to wait, as its own client libraries read it.
const POLL_AFTER: &str = "openai-poll-after-ms";

/// The longest id of a job. Real ones have some seventy characters.
const LONGEST_ID: usize = 256;

/// Hands in a job.
pub(crate) fn submit(request: &Request) -> Result<Job> {
    let (fields, ignored) = fields(request)?;
    let post = http::endpoint("api").post("/videos");
    let response = match request.references.as_slice() {
        [] => post
            .json_with_blobs(&fields.into(), &Blobs::new())
            .send_any()?,
        [one] if one.role == ReferenceRole::FirstFrame => {
            let mut form = Form::new();
            for (name, value) in &fields {
                form = form.text(
                    name,
                    loose::text(value).unwrap_or_else(|| loose::write(value)),
                );
            }
            let name = file_name(&one.media.mime_type());
            post.form(form.file(REFERENCE, name, &one.media))
                .send_any()?
        }
        _ => {
            return Err(Failure::unsupported(
                "OpenAI starts a film from one picture, its first frame, and from nothing else",
            ));
        }
    };
    let (response, envelope) = accept(response)?;
    let poll_after_ms = poll_after(&response);
    let body = read_rest(response, Vec::new(), &envelope)?;
    let answer = envelope.read_json(&body)?;
    let id = text_field(&answer, "id").filter(|id| is_id(id));
    Ok(Job {
        request_id: envelope.request_id.clone(),
        poll_after_ms,
        ignored,
        ..Job::new(id.ok_or_else(|| envelope.bad("the answer names no job"))?)
    })
}

/// Asks how a job stands, and fetches its film when it is done.
pub(crate) fn poll(token: &str) -> Result<State> {
    if !is_id(token) {
        return Err(Failure::invalid_request(
            "the token is not the id of a video of OpenAI's",
        ));
    }
    let path = format!("/videos/{token}");
    let (response, envelope) = accept(http::endpoint("api").get(path.as_str()).send_any()?)?;
    let poll_after_ms = poll_after(&response);
    let body = read_rest(response, Vec::new(), &envelope)?;
    // The error of a job that failed stands in it like that of a refusal, so the status is looked at first.
    let job = loose::read(&body).filter(|value| value.get("status").is_some_and(Value::is_string));
    let Some(job) = job else {
        envelope.read_json(&body)?;
        return Err(envelope.bad("the answer does not say how the job stands"));
    };
    let progress = || Progress {
        fraction: number_field(&job, "progress").map(|percent| (percent / 100.0).clamp(0.0, 1.0)),
        queue_position: None,
        poll_after_ms,
        extra: Vec::new(),
    };
    let status = text_field(&job, "status").unwrap_or_default();
    match status.as_str() {
        "queued" => Ok(State::Queued(progress())),
        "in_progress" => Ok(State::Running(progress())),
        "completed" => Ok(State::Done(Response {
            clips: vec![Clip {
                duration: number_field(&job, "seconds"),
                size: text_field(&job, "size").and_then(|size| dimensions(&size)),
                ..Clip::new(content(&path)?)
            }],
            model: text_field(&job, "model"),
            usage: None,
            request_id: envelope.request_id,
            extra: extra::named(&job, &["expires_at"]),
        })),
        "failed" => Ok(State::Failed(failed(&job, &envelope))),
        _ => Err(envelope.bad(&format!("the job stands at {status:?}, which is not known"))),
    }
}

/// The film of a job that is done.
fn content(path: &str) -> Result<chela_sdk::Blob> {
    let request = http::endpoint("api").get(format!("{path}/content"));
    let (response, envelope) = accept(request.send_any()?)?;
    match response.content_type().as_deref() {
        Some("application/json") => {
            let body = read_rest(response, Vec::new(), &envelope)?;
            envelope.read_json(&body)?;
            Err(envelope.bad("the server answered with JSON in place of a film"))
        }
        Some("text/html" | "application/xhtml+xml") => {
            Err(envelope.bad("the server answered with a web page in place of a film"))
        }
        _ => response.into_any_blob(""),
    }
}

/// Why a job failed. The answer that says so is none of a failed request, so its status says nothing.
fn failed(job: &Value, envelope: &Envelope) -> Failure {
    let mut failure = envelope.json_failure(job);
    let said = job
        .get("error")
        .is_some_and(|error| text_field(error, "message").is_some());
    if !said {
        failure.message = "the job failed, and the server does not say why".to_owned();
    }
    if failure.kind == FailureKind::BadResponse {
        // No word of it is known: the server's own fault, and another try may do better.
        failure.kind = FailureKind::Unavailable;
    }
    failure.status = None;
    failure
}

/// A request's fields, and the options that had no place among them.
fn fields(request: &Request) -> Result<(Map<String, Value>, Vec<String>)> {
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "prompt", request.prompt.as_str());
    if let Some(Dimensions { width, height }) = request.size {
        set(&mut fields, "size", format!("{width}x{height}").as_str());
    }
    if let Some(seconds) = request.duration {
        // A string, although it is a number.
        set(
            &mut fields,
            "seconds",
            loose::write(&whole(seconds)).as_str(),
        );
    }
    let ignored = [
        ("aspect-ratio", request.aspect_ratio.is_some()),
        ("resolution", request.resolution.is_some()),
        ("audio", request.audio.is_some()),
        ("watermark", request.watermark.is_some()),
        ("seed", request.seed.is_some()),
    ];
    let ignored = ignored.into_iter().filter(|(_, set)| *set);
    extra::lay_over(&mut fields, &request.extra, &["prompt", REFERENCE])?;
    Ok((fields, ignored.map(|(name, _)| name.to_owned()).collect()))
}

/// A length without the fraction that it does not have.
fn whole(seconds: f64) -> Value {
    if seconds.fract() == 0.0 && (0.0..1e9).contains(&seconds) {
        Value::from(seconds as u64)
    } else {
        Value::from(seconds)
    }
}

/// Whether a text can be the id of a job, and with that a part of a path.
fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

/// How long the server asks to wait before the next question.
fn poll_after(response: &HttpResponse) -> Option<u32> {
    response.header(POLL_AFTER)?.trim().parse().ok()
}

/// `1280x720`.
fn dimensions(text: &str) -> Option<Dimensions> {
    let (width, height) = text.split_once('x')?;
    Some(Dimensions {
        width: width.parse().ok()?,
        height: height.parse().ok()?,
    })
}

/// The server tells a picture's kind by its name.
fn file_name(mime_type: &str) -> &'static str {
    match mime_type {
        "image/png" => "reference.png",
        "image/webp" => "reference.webp",
        _ => "reference.jpg",
    }
}

#[cfg(test)]
mod tests;
