//! Tasks: started, asked after, fetched, stopped.
//!
//! Follows <https://docs.dev.runwayml.com/api#tag/Task-management>.

use chela_dialect::failure::Envelope;
use chela_dialect::levels::setting;
use chela_dialect::loose::{count, number_field, text_field};
use chela_dialect::made::{self, Home};
use chela_dialect::reply::accept_or;
use chela_dialect::{extra, job, sentence};
use chela_sdk::http::Method;
use chela_sdk::video::{Clip, Job, Progress, Request, Response, State};
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::Value;

use crate::failure::{of_task, read, refusal};
use crate::request;
use crate::request::build;

/// Starts a task.
pub(crate) fn submit(wanted: &Request) -> Result<Job> {
    let sent = build(wanted, &setting("rules"))?;
    let response = request(Method::Post, sent.path.to_owned())
        .json_with_blobs(&sent.fields, &sent.blobs)
        .send_any()?;
    let (answer, envelope) = read(response)?;
    let id = text_field(&answer, "id").filter(|id| job::is_id(id));
    Ok(Job {
        request_id: envelope.request_id.clone(),
        poll_after_ms: poll_after(),
        ignored: sent.ignored,
        extra: extra::named(&answer, &["estimatedCost"]),
        ..Job::new(id.ok_or_else(|| envelope.bad("the answer names no task"))?)
    })
}

/// Asks how a task stands, and fetches its films when it is done.
pub(crate) fn poll(token: &str) -> Result<State> {
    let (task, envelope, home) = ask(token)?;
    let status = text_field(&task, "status").unwrap_or_default();
    Ok(match status.as_str() {
        "PENDING" | "THROTTLED" => State::Queued(progress(&task)),
        "RUNNING" => State::Running(progress(&task)),
        "SUCCEEDED" => done(&task, envelope, home.as_ref())?,
        "FAILED" => State::Failed(of_task(&task, &envelope)),
        "CANCELLED" | "CANCELED" => State::Failed(Failure {
            status: None,
            ..envelope.failure(FailureKind::Cancelled, "the task was cancelled")
        }),
        "" => return Err(envelope.bad("the answer does not say how the task stands")),
        other => {
            let other = sentence::word(other);
            return Err(envelope.bad(&format!("the task stands at {other:?}, which is not known")));
        }
    })
}

/// Stops a task that is not done.
///
/// The same request deletes one that is done, and its films with it; so it is asked first how the task stands.
pub(crate) fn cancel(token: &str) -> Result<()> {
    let status = match ask(token) {
        Ok((task, ..)) => text_field(&task, "status").unwrap_or_default(),
        Err(failure) if failure.kind == FailureKind::NotFound => return Ok(()),
        Err(failure) => return Err(failure),
    };
    if !matches!(status.as_str(), "PENDING" | "THROTTLED" | "RUNNING") {
        return Ok(());
    }
    let response = request(Method::Delete, path(token)).send_any()?;
    match accept_or(response, &refusal) {
        Err(failure) if failure.kind != FailureKind::NotFound => Err(failure),
        _ => Ok(()),
    }
}

fn ask(token: &str) -> Result<(Value, Envelope, Option<Home>)> {
    if !job::is_id(token) {
        return Err(Failure::invalid_request(
            "the token is not the id of a task of Runway's",
        ));
    }
    let response = request(Method::Get, path(token)).send_any()?;
    let home = Home::of(&response, "api", &path(token));
    let (task, envelope) = read(response)?;
    Ok((task, envelope, home))
}

fn path(token: &str) -> String {
    format!("/v1/tasks/{token}")
}

fn progress(task: &Value) -> Progress {
    Progress {
        fraction: number_field(task, "progress").map(|fraction| fraction.clamp(0.0, 1.0)),
        queue_position: None,
        poll_after_ms: poll_after(),
        extra: extra::named(task, &["estimatedCost"]),
    }
}

/// The films of a task that is done. Where one cannot be fetched none is lost: asking again gives fresh addresses.
fn done(task: &Value, envelope: Envelope, home: Option<&Home>) -> Result<State> {
    let outputs = match task.get("output") {
        Some(Value::Array(list)) => list.iter().collect(),
        output => Vec::from_iter(output),
    };
    let url = |output: &'_ Value| match output {
        Value::String(url) => Some(url.clone()),
        output => text_field(output, "url"),
    };
    let urls = outputs.into_iter().filter_map(url);
    let clips = urls
        .map(|url| made::film(url, home).map(Clip::new))
        .collect::<Result<Vec<_>>>()?;
    if clips.is_empty() {
        // It was made and paid for: what cannot be read here may be read later, or by a person.
        return Err(envelope.bad("the task is done, and no film is found in its answer"));
    }
    Ok(State::Done(Response {
        clips,
        model: None,
        usage: None,
        request_id: envelope.request_id,
        extra: extra::named(task, &["cost", "createdAt"]),
    }))
}

/// How long to wait before the next question, as the manifest says.
fn poll_after() -> Option<u32> {
    let wait = count(&setting("pollAfterMs"))?;
    Some(u32::try_from(wait).unwrap_or(u32::MAX))
}

#[cfg(test)]
pub(crate) mod tests;
