//! Media that a request has no room for, put on Google's server before it.
//!
//! Follows <https://ai.google.dev/api/files>. A file of at most 2 GB goes up in one stream from the host's file, and Google deletes it
//! after two days. A film is usable only after it was looked through, so it is asked after until it is.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{self, object, text_field};
use chela_dialect::reply::read_rest;
use chela_sdk::http::{self, Part, Response, query_pairs};
use chela_sdk::{Blob, Failure, FailureKind, Result};
use serde_json::Value;

use crate::failure::{accept, read, told};
use crate::poll_after;

/// How often it is asked: a quarter of an hour with the pauses of the manifest. The call's own deadline is usually nearer.
const MOST_QUESTIONS: usize = 180;

/// How long to wait between two questions where the manifest does not say, in milliseconds.
const USUAL_PAUSE: u32 = 5_000;

/// Uploads, and gives the part that stands for it as soon as a model can read it.
pub(crate) fn upload(blob: &Blob) -> Result<Value> {
    let mut file = send(blob, start(blob)?)?;
    let pause = poll_after().unwrap_or(USUAL_PAUSE);
    for _ in 0..MOST_QUESTIONS {
        let state = text_field(&file.value, "state").unwrap_or_default();
        match state.as_str() {
            "PROCESSING" => {
                http::pause(pause);
                file = ask(&file)?;
            }
            "FAILED" => return Err(file.failed()),
            // Kinds that need no looking through are `ACTIVE` at once.
            _ => return file.part(blob),
        }
    }
    Err(file.envelope.failure(
        FailureKind::Timeout,
        "the provider did not finish looking through the file",
    ))
}

/// What the server says of a file.
struct File {
    envelope: Envelope,
    value: Value,
}

impl File {
    fn failed(&self) -> Failure {
        // Its own error reads like any other.
        if self.value.get("error").is_some_and(Value::is_object) {
            return Failure {
                kind: FailureKind::InvalidRequest,
                ..told(&self.envelope, &self.value)
            };
        }
        self.envelope.failure(
            FailureKind::InvalidRequest,
            "the provider cannot read the file",
        )
    }

    fn part(&self, blob: &Blob) -> Result<Value> {
        let uri = text_field(&self.value, "uri")
            .ok_or_else(|| self.envelope.bad("the uploaded file has no address"))?;
        let kind = text_field(&self.value, "mimeType").unwrap_or_else(|| blob.mime_type());
        let file = object! {"fileUri": uri.as_str(), "mimeType": kind.as_str()};
        Ok(object! {"fileData": file})
    }
}

/// Says what is to come, and gives back how the server calls it.
fn start(blob: &Blob) -> Result<Vec<(String, String)>> {
    let name = blob.file_name().unwrap_or_else(|| "upload".to_owned());
    let file = object! {"display_name": name.as_str()};
    let response = http::endpoint("upload")
        .post("/files")
        .header("X-Goog-Upload-Protocol", "resumable")
        .header("X-Goog-Upload-Command", "start")
        .header(
            "X-Goog-Upload-Header-Content-Length",
            blob.size().to_string(),
        )
        .header("X-Goog-Upload-Header-Content-Type", blob.mime_type())
        .json_with_blobs(&object! {"file": file}, &http::Blobs::new())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    // Its server is the one that was asked, whatever the address says: only what it calls the upload is taken.
    let session: Vec<_> = response
        .header("x-goog-upload-url")
        .as_deref()
        .and_then(|url| url.split_once('?'))
        .map(|(_, query)| query_pairs(query))
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.starts_with("upload"))
        .collect();
    if session.is_empty() {
        read(response, &envelope)?;
        return Err(envelope.bad("the server does not say where the file goes"));
    }
    Ok(session)
}

/// Sends the bytes, all at once.
fn send(blob: &Blob, session: Vec<(String, String)>) -> Result<File> {
    let mut request = http::endpoint("upload")
        .post("/files")
        .header("X-Goog-Upload-Offset", "0")
        .header("X-Goog-Upload-Command", "upload, finalize");
    for (name, value) in session {
        request = request.query(name, value);
    }
    let response = request
        .content(blob.mime_type(), vec![Part::Blob(blob)])
        .send_any()?;
    let (mut value, envelope) = answer(response)?;
    match value.get_mut("file") {
        Some(file) => Ok(File {
            value: file.take(),
            envelope,
        }),
        None => Err(envelope.bad("the server does not say what became of the file")),
    }
}

/// Asks how it stands.
fn ask(file: &File) -> Result<File> {
    let name = text_field(&file.value, "name")
        .filter(|name| is_name(name))
        .ok_or_else(|| file.envelope.bad("the uploaded file has no name"))?;
    let (value, envelope) = answer(http::endpoint("api").get(format!("/{name}")).send_any()?)?;
    Ok(File { value, envelope })
}

/// What a server says of a file. One that failed has an `error` of its own, which does not mean that the answer is one.
fn answer(response: Response) -> Result<(Value, Envelope)> {
    let (response, envelope) = accept(response)?;
    let body = read_rest(response, Vec::new(), &envelope)?;
    let value = match loose::read(&body) {
        Some(value) if value.get("state").is_some() => value,
        _ => envelope.read_json(&body)?,
    };
    Ok((value, envelope))
}

/// Whether that is the name of a file: `files/abc-123`.
pub(crate) fn is_name(name: &str) -> bool {
    name.strip_prefix("files/").is_some_and(|id| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests;
