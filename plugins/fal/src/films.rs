//! Films, which are jobs of a queue.
//!
//! Follows <https://fal.ai/docs/documentation/model-apis/inference/queue>. A film goes from fal's file servers to the host without passing
//! through here.

mod request;

use chela_dialect::failure::Envelope;
use chela_dialect::job::is_id;
use chela_dialect::levels::setting;
use chela_dialect::loose::{self, count, count_field, number_field, text_field};
use chela_dialect::made::{self, Home};
use chela_dialect::reply::{accept_or, read_rest};
use chela_dialect::{extra, sentence};
use chela_sdk::http::{self, Method, RequestBuilder};
use chela_sdk::video::{Clip, Job, Progress, Request, Response, State};
use chela_sdk::{Dimensions, Failure, FailureKind, Result, context};
use serde_json::Value;

use crate::failure::{read, refusal, told};
use crate::model::{app, is_path};

/// Hands in a job.
pub(crate) fn submit(wanted: &Request) -> Result<Job> {
    let sent = request::build(wanted, &setting("films"))?;
    let response = queue(Method::Post, sent.path.clone())
        .json_with_blobs(&sent.fields, &sent.blobs)
        .send_any()?;
    let (answer, envelope) = read(response)?;
    let id = text_field(&answer, "request_id").filter(|id| is_id(id));
    let id = id.ok_or_else(|| envelope.bad("the answer names no job"))?;
    let told = text_field(&answer, "response_url");
    Ok(Job {
        request_id: envelope.request_id.or_else(|| Some(id.clone())),
        poll_after_ms: poll_after(),
        ignored: sent.ignored,
        ..Job::new(token(&sent.path, &id, told.as_deref()))
    })
}

/// Asks how a job stands, and fetches its film when it is done.
pub(crate) fn poll(token: &str) -> Result<State> {
    let path = path_of(token)?;
    let response = queue(Method::Get, format!("{path}/status")).send_any()?;
    let (response, envelope) = accept_or(response, &refusal)?;
    let body = read_rest(response, Vec::new(), &envelope)?;
    // The error of a job that failed stands in it like that of a refusal, so the status is looked at first.
    let job = loose::read(&body).filter(|job| text_field(job, "status").is_some());
    let Some(job) = job else {
        envelope.read_json(&body)?;
        return Err(envelope.bad("the answer does not say how the job stands"));
    };
    let progress = || Progress {
        fraction: None,
        queue_position: count_field(&job, "queue_position").and_then(|place| place.try_into().ok()),
        poll_after_ms: poll_after(),
        extra: Vec::new(),
    };
    match text_field(&job, "status").unwrap_or_default().as_str() {
        "IN_QUEUE" => Ok(State::Queued(progress())),
        "IN_PROGRESS" => Ok(State::Running(progress())),
        "COMPLETED" => result(&path, &job),
        "FAILED" | "ERROR" => Ok(State::Failed(failed(told(&unstated(&envelope), &job)))),
        "CANCELLED" | "CANCELED" => Ok(State::Failed(
            unstated(&envelope).failure(FailureKind::Cancelled, "the job was cancelled"),
        )),
        other => {
            let other = sentence::word(other);
            Err(envelope.bad(&format!("the job stands at {other:?}, which is not known")))
        }
    }
}

/// Asks the queue to drop a job. One that is done already is left alone.
pub(crate) fn cancel(token: &str) -> Result<()> {
    let path = path_of(token)?;
    let response = queue(Method::Put, format!("{path}/cancel")).send_any()?;
    if response.status() == 400 {
        let envelope = Envelope::of(&response);
        let body = read_rest(response, Vec::new(), &envelope)?;
        let told = loose::read(&body).and_then(|answer| text_field(&answer, "status"));
        return match told.as_deref() {
            Some("ALREADY_COMPLETED") => Ok(()),
            _ => Err(refusal(&envelope, &String::from_utf8_lossy(&body))),
        };
    }
    match accept_or(response, &refusal) {
        Err(failure) if failure.kind != FailureKind::NotFound => Err(failure),
        _ => Ok(()),
    }
}

/// What came of a job that is done.
fn result(path: &str, job: &Value) -> Result<State> {
    let response = queue(Method::Get, path.to_owned()).send_any()?;
    let home = Home::of(&response, queue_name(), path);
    let status = response.status();
    let broke = job.get("error").is_some_and(|error| !error.is_null());
    let (response, envelope) = match accept_or(response, &refusal) {
        Ok(accepted) => accepted,
        // The queue repeats what the model answered, its status with it; other refusals are of the question.
        Err(failure) if broke || (matches!(status, 400 | 413 | 422) && failure.code.is_some()) => {
            return Ok(State::Failed(failed(failure)));
        }
        Err(failure) => return Err(failure),
    };
    let body = read_rest(response, Vec::new(), &envelope)?;
    let answer = match loose::read(&body) {
        Some(answer) if answer.get("detail").is_some_and(|detail| !detail.is_null()) => {
            return Ok(State::Failed(failed(told(&unstated(&envelope), &answer))));
        }
        Some(answer) => answer,
        None => envelope.read_json(&body)?,
    };
    let mut clips = Vec::new();
    for film in films(&answer) {
        if let Some(url) = text_field(film, "url").or_else(|| film.as_str().map(str::to_owned)) {
            let side = |name| count_field(film, name).and_then(|side| u32::try_from(side).ok());
            let sides = side("width")
                .filter(|side| *side > 0)
                .zip(side("height").filter(|side| *side > 0));
            clips.push(Clip {
                duration: number_field(film, "duration"),
                size: sides.map(|(width, height)| Dimensions { width, height }),
                seed: count_field(&answer, "seed").filter(|_| clips.is_empty()),
                ..Clip::new(made::film(url, home.as_ref())?)
            });
        }
    }
    if clips.is_empty() {
        // It was made and paid for: what cannot be read here may be read later, or by a person.
        let names: Vec<&str> = answer
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys().map(String::as_str))
            .take(8)
            .collect();
        return Err(envelope.bad(&format!(
            "the job is done, and no film is found in its answer, which holds {}",
            if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            }
        )));
    }
    Ok(State::Done(Response {
        clips,
        model: None,
        usage: None,
        request_id: envelope.request_id,
        extra: [
            extra::named(&answer, &["timings"]),
            extra::named(job, &["metrics"]),
        ]
        .concat(),
    }))
}

/// The entries for films, which are one alone or a list.
fn films(answer: &Value) -> Vec<&Value> {
    match answer.get("videos") {
        Some(Value::Array(list)) => list.iter().collect(),
        _ => match answer.get("video") {
            Some(Value::Array(list)) => list.iter().collect(),
            film => film.into_iter().collect(),
        },
    }
}

/// The failure of a job. The answer that says so is none of a failed request, so its status says nothing.
fn failed(failure: Failure) -> Failure {
    let kind = match failure.kind {
        // Nothing it says fits: the server's own fault, and another try may do better.
        FailureKind::BadResponse => FailureKind::Unavailable,
        kind => kind,
    };
    Failure {
        kind,
        status: None,
        ..failure
    }
}

fn unstated(envelope: &Envelope) -> Envelope {
    Envelope {
        status: 0,
        retry_after_ms: None,
        request_id: envelope.request_id.clone(),
    }
}

/// A request to the queue, or to the operator's server in its place: that one is asked for everything.
fn queue<'a>(method: Method, path: String) -> RequestBuilder<'a> {
    http::endpoint(queue_name()).request(method, path)
}

fn queue_name() -> &'static str {
    if context::endpoint_replaced("api") {
        "api"
    } else {
        "queue"
    }
}

/// The path of a job below the queue, which is its token.
///
/// It is made of the model's app, and not of the address that the server gave: that may lead anywhere. Where that one says another
/// length of the same path it is right, because an app may have more parts than two.
fn token(path: &str, id: &str, told: Option<&str>) -> String {
    let path = path.trim_start_matches('/');
    let usual = app(path);
    let tail = format!("/requests/{id}");
    let said = told
        .and_then(|url| url.split(['?', '#']).next())
        .and_then(|url| url.strip_suffix(&tail));
    let ends = path.match_indices('/').map(|(at, _)| &path[..at]);
    let longest = said.and_then(|said| {
        let mut matching = ends.chain([path]).filter(|start| {
            start.contains('/')
                && said
                    .strip_suffix(start)
                    .is_some_and(|rest| rest.ends_with('/'))
        });
        matching.next_back()
    });
    format!("{}{tail}", longest.unwrap_or(&usual))
}

/// The path that a token stands for.
fn path_of(token: &str) -> Result<String> {
    let parts: Vec<&str> = token.split('/').collect();
    if is_path(token) && parts.len() > 3 && parts[parts.len() - 2] == "requests" {
        return Ok(format!("/{token}"));
    }
    Err(Failure::invalid_request(
        "the token is not that of a job of fal's",
    ))
}

/// How long to wait before the next question, as the manifest says.
fn poll_after() -> Option<u32> {
    let wait = count(&setting("pollAfterMs"))?;
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
