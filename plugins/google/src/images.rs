//! Pictures, which come from the same method as text.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/image-generation>. The pictures go to the host one by one as they come.

use chela_dialect::loose::{set, text_field};
use chela_dialect::scan::{self, Taken};
use chela_sdk::http::{self, Response};
use chela_sdk::image::{self, EditRequest, GenerateRequest, Options, Picture};
use chela_sdk::{Blob, Failure, Result};
use serde_json::{Map, Value};

use crate::content::{self, Inputs, text_part};
use crate::failure::{accept, without};
use crate::{method, usage};

/// Draws.
pub(crate) fn generate(request: &GenerateRequest) -> Result<image::Response> {
    let parts = vec![text_part(&request.prompt)];
    make(&request.model, parts, &Inputs::new(), &request.options)
}

/// Changes.
pub(crate) fn edit(request: &EditRequest) -> Result<image::Response> {
    if request.mask.is_some() {
        return Err(Failure::unsupported(
            "this API takes no mask; the prompt can say where to paint",
        ));
    }
    let mut inputs = Inputs::new();
    let mut parts = Vec::new();
    for picture in &request.images {
        parts.push(inputs.part(picture)?);
    }
    parts.push(text_part(&request.prompt));
    make(&request.model, parts, &inputs, &request.options)
}

fn make(
    model: &str,
    parts: Vec<Value>,
    inputs: &Inputs<'_>,
    options: &Options,
) -> Result<image::Response> {
    let mut ignored = Vec::new();
    let config = config(model, options, &mut ignored);
    let turn = content::turn("user", parts);
    let body = content::request(vec![turn], config, Map::new(), &options.extra)?;
    let response = http::endpoint("api")
        .post(method(model, "generateContent"))
        .json_with_blobs(&body, inputs.blobs())
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
    // A model that thinks sketches first; the sketches are paid for, and no part of the answer.
    for part in content::parts(&answer) {
        said.part(part, &mut taken_out);
    }
    if said.pictures.is_empty() {
        return Err(if said.broken {
            envelope.bad("a picture of the answer is no base64")
        } else {
            without(&answer, &said.words, &envelope, "picture")
        });
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

#[cfg(test)]
mod tests;
