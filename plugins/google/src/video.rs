//! Films, which Veo makes.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/video>. A film is an operation that is asked after by its name, which is all that has to be
//! kept. What it made lies among the files of the API and is fetched with the key, from no other server than that of the API.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{self, count_field, object, set, text_field};
use chela_dialect::reply::read_rest;
use chela_dialect::{extra, sentence};
use chela_sdk::http::{self, Blobs};
use chela_sdk::video::{Clip, Job, Progress, Reference, ReferenceRole, Request, Response, State};
use chela_sdk::{Failure, FailureKind, Result, context};
use serde_json::{Map, Value};

use crate::failure::{accept, read};
use crate::{files, method, poll_after};

/// What of an answer the contract has no word for.
const SAID: &[&str] = &["raiMediaFilteredCount", "raiMediaFilteredReasons"];

/// Hands in.
pub(crate) fn submit(request: &Request) -> Result<Job> {
    let mut blobs = Blobs::new();
    let instance = instance(request, &mut blobs)?;
    let mut ignored = Vec::new();
    let parameters = parameters(request, &mut ignored)?;
    let mut body = Map::new();
    set(&mut body, "instances", vec![instance]);
    if !parameters.is_empty() {
        set(&mut body, "parameters", Value::Object(parameters));
    }
    let response = http::endpoint("api")
        .post(method(&request.model, "predictLongRunning"))
        .json_with_blobs(&Value::Object(body), &blobs)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let answer = read(response, &envelope)?;
    let name = text_field(&answer, "name")
        .filter(|name| is_operation(name))
        .ok_or_else(|| envelope.bad("the answer names no operation"))?;
    Ok(Job {
        request_id: envelope.request_id,
        poll_after_ms: poll_after(),
        ignored,
        ..Job::new(name)
    })
}

/// What the film is of.
fn instance<'a>(request: &'a Request, blobs: &mut Blobs<'a>) -> Result<Value> {
    let mut instance = Map::new();
    set(&mut instance, "prompt", request.prompt.as_str());
    let mut references = Vec::new();
    for Reference { role, media } in &request.references {
        let (name, bytes, kind) = match role {
            ReferenceRole::FirstFrame => ("image", "bytesBase64Encoded", "mimeType"),
            ReferenceRole::LastFrame => ("lastFrame", "bytesBase64Encoded", "mimeType"),
            ReferenceRole::Reference => ("", "bytesBase64Encoded", "mimeType"),
            ReferenceRole::SourceVideo => ("video", "encodedVideo", "encoding"),
        };
        let mut fields = Map::new();
        fields.insert(bytes.to_owned(), blobs.base64(media));
        set(&mut fields, kind, media.mime_type().as_str());
        let fields = Value::Object(fields);
        if name.is_empty() {
            references.push(object! {"image": fields, "referenceType": "asset"});
        } else if instance.insert(name.to_owned(), fields).is_some() {
            return Err(Failure::unsupported(
                "this API takes one first picture, one last picture and one film to go on from",
            ));
        }
    }
    if !references.is_empty() {
        set(&mut instance, "referenceImages", references);
    }
    Ok(Value::Object(instance))
}

/// How it is to be. Further fields join these: `negativePrompt`, `personGeneration`.
fn parameters(request: &Request, ignored: &mut Vec<String>) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    if let Some(ratio) = request.aspect_ratio {
        let ratio = format!("{}:{}", ratio.width, ratio.height);
        set(&mut fields, "aspectRatio", ratio.as_str());
    }
    if let Some(resolution) = &request.resolution {
        // The API writes its letter small: `720p`.
        set(
            &mut fields,
            "resolution",
            resolution.to_ascii_lowercase().as_str(),
        );
    }
    if let Some(seconds) = request.duration {
        // Whole seconds: the API refuses `8.0`.
        set(
            &mut fields,
            "durationSeconds",
            Value::from(seconds.round().max(1.0) as u64),
        );
    }
    if let Some(seed) = request.seed {
        set(&mut fields, "seed", Value::from(seed));
    }
    for (name, set) in [
        ("size", request.size.is_some()),
        ("audio", request.audio.is_some()),
        ("watermark", request.watermark.is_some()),
    ] {
        if set {
            ignored.push(name.to_owned());
        }
    }
    extra::lay_over(&mut fields, &request.extra, &[])?;
    Ok(fields)
}

/// Asks once.
pub(crate) fn poll(token: &str) -> Result<State> {
    if !is_operation(token) {
        return Err(Failure::invalid_request(
            "the token of the job is not one of this provider",
        ));
    }
    let response = http::endpoint("api").get(format!("/{token}")).send_any()?;
    let (response, envelope) = accept(response)?;
    let operation = operation(response, &envelope)?;
    if operation.get("done") != Some(&Value::Bool(true)) {
        return Ok(State::Running(Progress {
            fraction: count_field(
                operation.get("metadata").unwrap_or(&Value::Null),
                "progressPercent",
            )
            .map(|percent| percent.min(100) as f64 / 100.0),
            poll_after_ms: poll_after(),
            ..Progress::default()
        }));
    }
    if let Some(error) = operation.get("error").filter(|error| error.is_object()) {
        return Ok(State::Failed(failed(error, &envelope)));
    }
    let made = operation
        .pointer("/response/generateVideoResponse")
        .or_else(|| operation.get("response"))
        .unwrap_or(&Value::Null);
    let mut clips = Vec::new();
    for sample in made
        .get("generatedSamples")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let uri = sample
            .get("video")
            .and_then(|video| text_field(video, "uri"))
            .ok_or_else(|| envelope.bad("a film of the answer has no address"))?;
        clips.push(fetch(&uri, &envelope)?);
    }
    if clips.is_empty() {
        return Ok(State::Failed(nothing(made, &envelope)));
    }
    Ok(State::Done(Response {
        clips,
        model: token
            .strip_prefix("models/")
            .and_then(|rest| rest.split('/').next())
            .map(str::to_owned),
        request_id: envelope.request_id,
        extra: extra::named(made, SAID),
        ..Response::default()
    }))
}

/// How an operation stands. One that failed has an `error` of its own, which does not mean that the answer is one.
fn operation(response: http::Response, envelope: &Envelope) -> Result<Value> {
    let body = read_rest(response, Vec::new(), envelope)?;
    match loose::read(&body) {
        Some(value) if text_field(&value, "name").is_some_and(|name| is_operation(&name)) => {
            Ok(value)
        }
        _ => {
            envelope.read_json(&body)?;
            Err(envelope.bad("the answer is not about the operation"))
        }
    }
}

/// Fetches a film, with the key: the name alone is taken from its address, and the server is the one that was asked. Google's own leads
/// on to the place that is asked here at once; the key would not go along.
fn fetch(uri: &str, envelope: &Envelope) -> Result<Clip> {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let name = path
        .rfind("/files/")
        .map(|at| &path[at + 1..])
        .map(|name| name.strip_suffix(":download").unwrap_or(name))
        .filter(|name| files::is_name(name))
        .ok_or_else(|| envelope.bad("the address of the film is none of the API's files"))?;
    let place = match context::endpoint_replaced("api") {
        true => "api",
        false => "download",
    };
    let response = http::endpoint(place)
        .get(format!("/{name}:download"))
        .query("alt", "media")
        .send_any()?;
    let (response, _) = accept(response)?;
    Ok(Clip::new(response.into_blob("video/mp4")?))
}

/// The failure of an operation, by the code of its status (<https://google.aip.dev/193>).
fn failed(error: &Value, envelope: &Envelope) -> Failure {
    let message = text_field(error, "message").unwrap_or_default();
    let code = count_field(error, "code");
    let kind = match code {
        _ if speaks_of_a_filter(&message) => FailureKind::ContentFiltered,
        Some(1) => FailureKind::Cancelled,
        Some(3 | 9 | 11) => FailureKind::InvalidRequest,
        Some(4) => FailureKind::Timeout,
        Some(5) => FailureKind::NotFound,
        Some(7) => FailureKind::Permission,
        Some(8) => FailureKind::RateLimited,
        Some(16) => FailureKind::Auth,
        // Among them 13, which Google says of what may well go next time.
        _ => FailureKind::Unavailable,
    };
    let shown = sentence::first(&message);
    Failure {
        code: code.map(|code| code.to_string()),
        status: None,
        ..envelope.failure(
            kind,
            match shown.is_empty() {
                true => "the film was not made, and the provider does not say why".to_owned(),
                false => shown,
            },
        )
    }
}

fn speaks_of_a_filter(message: &str) -> bool {
    ["Responsible AI", "usage guidelines", "safety", "violat"]
        .iter()
        .any(|words| message.contains(words))
}

/// Why a film that is done is not there.
fn nothing(made: &Value, envelope: &Envelope) -> Failure {
    let reasons = made
        .get("raiMediaFilteredReasons")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let filtered = count_field(made, "raiMediaFilteredCount").unwrap_or(0) > 0;
    if !filtered && reasons.is_empty() {
        return Failure {
            status: None,
            ..envelope.failure(FailureKind::EmptyOutput, "the provider made no film")
        };
    }
    let reason = reasons.iter().find_map(Value::as_str).unwrap_or_default();
    let message = "the provider's content filter kept the film".to_owned();
    let message = match sentence::first(reason) {
        reason if reason.is_empty() => message,
        reason => format!("{message}: {reason}"),
    };
    Failure {
        extra: extra::named(made, SAID),
        status: None,
        ..envelope.failure(FailureKind::ContentFiltered, message)
    }
}

/// Whether that is the name of an operation: `models/veo-3.1-generate-preview/operations/abc`. It becomes a path.
fn is_operation(name: &str) -> bool {
    let mut pieces = name.split('/');
    let word = |piece: Option<&str>| {
        piece.is_some_and(|piece| {
            !piece.is_empty()
                && !piece.starts_with('.')
                && piece
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        })
    };
    pieces.next() == Some("models")
        && word(pieces.next())
        && pieces.next() == Some("operations")
        && word(pieces.next())
        && pieces.next().is_none()
}

#[cfg(test)]
mod tests;
