//! Pictures.
//!
//! Follows <https://platform.openai.com/docs/api-reference/images>.

mod answer;
mod request;

use chela_sdk::http::{self, Blobs, Form, Response};
use chela_sdk::image::{self, EditRequest, GenerateRequest, Options, Picture};
use chela_sdk::{Blob, FailureKind, Result};

use crate::reply::accept;
use crate::scan::{self, Taken};
use crate::settings::Settings;
use answer::Place;

/// Draws.
///
/// # Errors
///
/// A refusal, and an answer that cannot be read or holds no picture.
pub fn generate(request: &GenerateRequest) -> Result<image::Response> {
    let settings = Settings::of_provider();
    let fields = request::fields(&request.model, &request.prompt, &request.options, &settings)?;
    let response = http::endpoint("api")
        .post("/images/generations")
        .json_with_blobs(&fields.into(), &Blobs::new())
        .send_any()?;
    collect(response, &request.options)
}

/// Changes.
///
/// # Errors
///
/// As [`generate`].
pub fn edit(request: &EditRequest) -> Result<image::Response> {
    let settings = Settings::of_provider();
    let fields = request::fields(&request.model, &request.prompt, &request.options, &settings)?;
    let mut form = Form::new();
    for (name, value) in &fields {
        form = form.text(name, request::form_value(value));
    }
    let field = request::image_field(&request.model, request.images.len());
    for (number, picture) in request.images.iter().enumerate() {
        let name = picture
            .file_name()
            .unwrap_or_else(|| request::file_name(&picture.mime_type(), number));
        form = form.file(field, name, picture);
    }
    if let Some(mask) = &request.mask {
        form = form.file("mask", "mask.png", mask);
    }
    let response = http::endpoint("api")
        .post("/images/edits")
        .form(form)
        .send_any()?;
    collect(response, &request.options)
}

/// Reads an answer: its pictures go to the host one by one as they come.
fn collect(response: Response, options: &Options) -> Result<image::Response> {
    let (response, envelope) = accept(response)?;
    let mut taken_out = Vec::new();
    let kept = scan::read(response, &envelope, "b64_json", &mut |taken| {
        taken_out.push(match taken {
            Taken::Bytes(picture) => Some(Blob::new("", &picture)),
            Taken::List(_) | Taken::Broken => None,
        });
    })?;
    let answer = answer::read(&kept, taken_out.len(), &envelope)?;
    let mut pictures = Vec::with_capacity(answer.entries.len());
    let mut failure = None;
    for entry in answer.entries {
        let media = match entry.place {
            Place::TakenOut(number) => taken_out
                .get_mut(number)
                .and_then(Option::take)
                .ok_or_else(|| envelope.bad("a picture of the answer is no base64")),
            Place::Here(bytes) => Ok(Blob::new("", &bytes)),
            Place::Url(url) => download(url),
            Place::Broken(why) => Err(envelope.bad(why)),
        };
        match media {
            Ok(media) => pictures.push(Picture {
                media,
                revised_prompt: entry.revised_prompt,
                seed: entry.seed,
                extra: Vec::new(),
            }),
            // The others were paid for too. That one is missing the host sees by their number.
            Err(one) => failure = failure.or(Some(one)),
        }
    }
    if let (true, Some(failure)) = (pictures.is_empty(), failure) {
        return Err(failure);
    }
    Ok(image::Response {
        pictures,
        model: answer.model,
        usage: answer.usage,
        request_id: envelope.request_id,
        // This API takes no seed, although some of its servers tell theirs.
        ignored: options.seed.iter().map(|_| "seed".to_owned()).collect(),
        extra: answer.extra,
    })
}

/// Fetches a picture that the server only points at, past the component. The host finds from its bytes what it is.
///
/// A failure here is none of those that pass: trying again would have the picture made, and paid for, once more.
fn download(url: String) -> Result<Blob> {
    let fetch = || {
        let (response, _) = accept(http::download(url).send_any()?)?;
        response.into_any_blob("")
    };
    fetch().map_err(|mut failure| {
        if failure.kind != FailureKind::Denied {
            failure.kind = FailureKind::BadResponse;
        }
        failure
            .message
            .insert_str(0, "the picture was made and could not be fetched: ");
        failure
    })
}

#[cfg(test)]
mod tests;
