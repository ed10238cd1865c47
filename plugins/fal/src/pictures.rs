//! Pictures, in one request.
//!
//! Follows <https://fal.ai/docs/api-reference/inference-api> and the pages of the models, such as
//! <https://fal.ai/models/fal-ai/flux/dev/api>. Pictures go from fal's file servers to the host without passing through here.

mod request;

use chela_dialect::failure::Envelope;
use chela_dialect::levels::setting;
use chela_dialect::loose::{count_field, text_field};
use chela_dialect::made::{self, Home};
use chela_dialect::{extra, sentence};
use chela_sdk::http::{self, Blobs};
use chela_sdk::image::{self, EditRequest, GenerateRequest, Picture};
use chela_sdk::{Blob, Failure, FailureKind, Result};
use serde_json::Value;

use crate::failure::read;
use crate::model::Family;

/// Draws.
pub(crate) fn generate(request: &GenerateRequest) -> Result<image::Response> {
    let families = setting("pictures");
    let family = Family::of(&families, &request.model);
    let part = request::drawing(&family);
    let path = family.path(&request.model, part)?;
    let (fields, ignored) = request::fields(&request.prompt, &request.options, &family, part)?;
    make(
        path,
        &fields.into(),
        &Blobs::new(),
        &request.prompt,
        ignored,
    )
}

/// Changes.
pub(crate) fn edit(request: &EditRequest) -> Result<image::Response> {
    let families = setting("pictures");
    let family = Family::of(&families, &request.model);
    let part = request::changing(&family, request)?;
    let path = family.path(&request.model, part)?;
    let (mut fields, ignored) = request::fields(&request.prompt, &request.options, &family, part)?;
    let mut blobs = Blobs::new();
    request::put_pictures(request, part, &mut fields, &mut blobs)?;
    make(path, &fields.into(), &blobs, &request.prompt, ignored)
}

fn make(
    path: String,
    fields: &Value,
    blobs: &Blobs<'_>,
    prompt: &str,
    ignored: Vec<String>,
) -> Result<image::Response> {
    let request = http::endpoint("api").post(path.as_str());
    let response = request.json_with_blobs(fields, blobs).send_any()?;
    let home = Home::of(&response, "api", &path);
    let (answer, envelope) = read(response)?;
    let mut pictures = Vec::new();
    let mut failure = None;
    for (number, entry) in entries(&answer).into_iter().enumerate() {
        match picture(&answer, entry, number, &envelope, home.as_ref()) {
            Ok(media) => pictures.push(Picture {
                revised_prompt: text_field(&answer, "prompt").filter(|said| said != prompt),
                // Of several pictures it is that of the first.
                seed: count_field(&answer, "seed").filter(|_| number == 0),
                ..Picture::new(media)
            }),
            // The others were paid for too. That one is missing the host sees by their number.
            Err(one) => failure = failure.or(Some(one)),
        }
    }
    if pictures.is_empty() {
        return Err(failure.unwrap_or_else(|| none(&answer, &envelope)));
    }
    Ok(image::Response {
        pictures,
        model: None,
        usage: None,
        request_id: envelope.request_id,
        ignored,
        extra: extra::named(&answer, &["timings", "has_nsfw_concepts", "description"]),
    })
}

/// The entries for pictures, which are a list or one alone.
fn entries(answer: &Value) -> Vec<&Value> {
    match answer.get("images") {
        Some(Value::Array(list)) => list.iter().filter(|entry| !entry.is_null()).collect(),
        _ => answer
            .get("image")
            .filter(|entry| !entry.is_null())
            .into_iter()
            .collect(),
    }
}

fn picture(
    answer: &Value,
    entry: &Value,
    number: usize,
    envelope: &Envelope,
    home: Option<&Home>,
) -> Result<Blob> {
    let flagged = |name: &str| {
        let flags = answer.get(name).and_then(Value::as_array);
        flags.and_then(|flags| flags.get(number)) == Some(&Value::Bool(true))
    };
    if flagged("has_nsfw_concepts") || flagged("nsfw_content_detected") {
        // What is there in its place is black.
        let message = "the provider's safety checker blacked the picture out";
        return Err(envelope.failure(FailureKind::ContentFiltered, message));
    }
    let url = text_field(entry, "url").or_else(|| entry.as_str().map(str::to_owned));
    match url.filter(|url| !url.is_empty()) {
        Some(url) => made::picture(url, home),
        None => Err(envelope.bad("a picture of the answer has no address")),
    }
}

/// Why an answer has no picture.
fn none(answer: &Value, envelope: &Envelope) -> Failure {
    if answer.get("images").is_none() && answer.get("image").is_none() {
        return envelope.bad("the answer holds no pictures");
    }
    let said = text_field(answer, "description").map(|said| sentence::first(&said));
    let message = match said.filter(|said| !said.is_empty()) {
        Some(said) => format!("the model gave no picture: {said}"),
        None => "the model gave no picture".to_owned(),
    };
    envelope.failure(FailureKind::EmptyOutput, message)
}

#[cfg(test)]
mod tests;
