//! Pictures, which come from the same method as text.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/image-generation>. The pictures go to the host one by one as they come.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{set, text_field};
use chela_dialect::scan::{self, Taken};
use chela_dialect::sentence;
use chela_sdk::http::{self, Blobs, Response};
use chela_sdk::image::{self, EditRequest, GenerateRequest, Options, Picture};
use chela_sdk::{Blob, Failure, FailureKind, Result};
use serde_json::{Map, Value};

use crate::content::{self, inline, text_part};
use crate::failure::{accept, blocked, is_filter};
use crate::{method, usage};

/// Draws.
pub(crate) fn generate(request: &GenerateRequest) -> Result<image::Response> {
    let parts = vec![text_part(&request.prompt)];
    make(&request.model, parts, &Blobs::new(), &request.options)
}

/// Changes.
pub(crate) fn edit(request: &EditRequest) -> Result<image::Response> {
    if request.mask.is_some() {
        return Err(Failure::unsupported(
            "this API takes no mask; the prompt can say where to paint",
        ));
    }
    let mut blobs = Blobs::new();
    let mut parts: Vec<Value> = request
        .images
        .iter()
        .map(|picture| inline(picture, &mut blobs))
        .collect();
    parts.push(text_part(&request.prompt));
    make(&request.model, parts, &blobs, &request.options)
}

fn make(
    model: &str,
    parts: Vec<Value>,
    blobs: &Blobs<'_>,
    options: &Options,
) -> Result<image::Response> {
    let mut ignored = Vec::new();
    let config = config(model, options, &mut ignored);
    let mut turn = Map::new();
    set(&mut turn, "role", "user");
    set(&mut turn, "parts", parts);
    let body = content::request(
        vec![Value::Object(turn)],
        config,
        Map::new(),
        &options.extra,
    )?;
    let response = http::endpoint("api")
        .post(method(model, "generateContent"))
        .json_with_blobs(&body, blobs)
        .send_any()?;
    collect(response, ignored)
}

/// What is said of generating.
fn config(model: &str, options: &Options, ignored: &mut Vec<String>) -> Map<String, Value> {
    let mut picture = Map::new();
    if let Some(ratio) = options.aspect_ratio {
        let ratio = format!("{}:{}", ratio.width, ratio.height);
        set(&mut picture, "aspectRatio", ratio.as_str());
    }
    match &options.resolution {
        // The models before Gemini 3 draw in one size.
        Some(_) if model.starts_with("gemini-2") => ignored.push("resolution".to_owned()),
        Some(size) => set(&mut picture, "imageSize", size.as_str()),
        None => {}
    }
    let mut config = Map::new();
    // Words too: some of the models refuse to give pictures alone.
    let modalities = vec![Value::from("TEXT"), Value::from("IMAGE")];
    set(&mut config, "responseModalities", modalities);
    if !picture.is_empty() {
        set(&mut config, "imageConfig", Value::Object(picture));
    }
    if let Some(seed) = options.seed {
        set(&mut config, "seed", Value::from(seed));
    }
    for (name, set) in [
        ("size", options.size.is_some()),
        ("format", options.format.is_some()),
        ("background", options.background.is_some()),
        ("quality", options.quality.is_some()),
        ("moderation", options.moderation.is_some()),
    ] {
        if set {
            ignored.push(name.to_owned());
        }
    }
    config
}

/// Reads an answer: its pictures go to the host as they come.
fn collect(response: Response, ignored: Vec<String>) -> Result<image::Response> {
    let (response, envelope) = accept(response)?;
    let mut taken_out = Vec::new();
    let kept = scan::read(response, &envelope, "data", &mut |taken| {
        taken_out.push(match taken {
            Taken::Bytes(picture) if !picture.is_empty() => Some(Blob::new("", &picture)),
            _ => None,
        });
    })?;
    let answer = envelope.read_json(&kept)?;
    let mut said = Said::default();
    for part in answer
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        // A model that thinks sketches first; the sketches are paid for, and no part of the answer.
        if part.get("thought") != Some(&Value::Bool(true)) {
            said.part(part, &mut taken_out);
        }
    }
    if said.pictures.is_empty() {
        return Err(none(&answer, &said, &envelope));
    }
    let words = Some(said.words).filter(|words| !words.trim().is_empty());
    let request_id = envelope.request_id.clone();
    Ok(image::Response {
        pictures: said.pictures,
        model: text_field(&answer, "modelVersion"),
        usage: answer.get("usageMetadata").and_then(usage::parse),
        request_id: request_id.or_else(|| text_field(&answer, "responseId")),
        ignored,
        extra: words
            .map(|words| chela_sdk::NamedValue {
                name: "text".to_owned(),
                value: chela_dialect::loose::write(&Value::from(words)),
            })
            .into_iter()
            .collect(),
    })
}

/// What an answer holds.
#[derive(Default)]
struct Said {
    pictures: Vec<Picture>,
    words: String,
    /// Whether there was a picture that is none.
    broken: bool,
}

impl Said {
    fn part(&mut self, part: &Value, taken_out: &mut [Option<Blob>]) {
        if let Some(text) = text_field(part, "text") {
            self.words.push_str(&text);
        }
        let Some(data) = part.get("inlineData").and_then(|inline| inline.get("data")) else {
            return;
        };
        // The scanner put a number where data was.
        let number = data
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        match number.and_then(|number| taken_out.get_mut(number)?.take()) {
            Some(media) => self.pictures.push(Picture::new(media)),
            None => self.broken = true,
        }
    }
}

/// Why an answer has no picture.
fn none(answer: &Value, said: &Said, envelope: &Envelope) -> Failure {
    if let Some(reason) = answer
        .get("promptFeedback")
        .and_then(|feedback| text_field(feedback, "blockReason"))
    {
        return blocked(envelope, &reason);
    }
    let candidate = answer.pointer("/candidates/0").unwrap_or(&Value::Null);
    let told = text_field(candidate, "finishMessage").unwrap_or_else(|| said.words.clone());
    let told = sentence::first(&told);
    let with = |message: &str| {
        if told.is_empty() {
            message.to_owned()
        } else {
            format!("{message}: {told}")
        }
    };
    if let Some(reason) = text_field(candidate, "finishReason").filter(|reason| is_filter(reason)) {
        return Failure {
            code: Some(reason),
            ..envelope.failure(
                FailureKind::ContentFiltered,
                with("the provider's content filter kept the picture"),
            )
        };
    }
    if said.broken {
        return envelope.bad("a picture of the answer is no base64");
    }
    if !candidate.is_object() && answer.get("usageMetadata").is_none() {
        return envelope.bad("the answer holds no candidates");
    }
    envelope.failure(FailureKind::EmptyOutput, with("the model gave no picture"))
}

#[cfg(test)]
mod tests;
