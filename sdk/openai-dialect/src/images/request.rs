//! Image requests: JSON to draw, a form to change.
//!
//! Follows <https://platform.openai.com/docs/api-reference/images/create> and
//! <https://platform.openai.com/docs/api-reference/images/createEdit>.

use chela_sdk::Result;
use chela_sdk::image::{Background, Format, Options};
use serde_json::{Map, Value};

use crate::extra;
use crate::loose;
use crate::settings::Settings;

/// The fields of a request, beside its pictures. The same for drawing and changing.
pub(crate) fn fields(
    model: &str,
    prompt: &str,
    options: &Options,
    settings: &Settings,
) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    set("model", Some(model.into()));
    set("prompt", Some(prompt.into()));
    set("n", (options.count > 1).then(|| options.count.into()));
    set(
        "size",
        options
            .size
            .map(|size| format!("{}x{}", size.width, size.height).into()),
    );
    set("quality", options.quality.as_deref().map(Value::from));
    set("moderation", options.moderation.as_deref().map(Value::from));
    set(
        "output_format",
        options.format.map(|format| format_name(format).into()),
    );
    set(
        "background",
        options
            .background
            .map(|background| background_name(background).into()),
    );
    set(
        "response_format",
        response_format(model, settings).map(Value::from),
    );
    extra::lay_over(
        &mut fields,
        &options.extra,
        &["image", "image[]", "mask", "stream"],
    )?;
    Ok(fields)
}

/// A field of a form: a string as it is, anything else as JSON text.
pub(crate) fn form_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => loose::write(other),
    }
}

/// The name of the form field that holds a picture.
///
/// OpenAI documents `image[]` for its GPT image models. DALL-E 2, and servers that follow it, know `image` alone.
pub(crate) fn image_field(model: &str, pictures: usize) -> &'static str {
    if pictures > 1 || is_gpt_image(model) {
        "image[]"
    } else {
        "image"
    }
}

/// A file name for a picture that has none: a server tells a file from a text field by it.
pub(crate) fn file_name(mime_type: &str, number: usize) -> String {
    let extension = match mime_type {
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        _ => "png",
    };
    format!("image-{}.{extension}", number + 1)
}

/// `response_format`, which GPT image models refuse: they always answer with base64.
fn response_format<'a>(model: &str, settings: &'a Settings) -> Option<&'a str> {
    if is_gpt_image(model) {
        None
    } else if model.starts_with("dall-e") {
        Some("b64_json")
    } else {
        settings.image_response_format.as_deref()
    }
}

fn is_gpt_image(model: &str) -> bool {
    model.starts_with("gpt-image") || model.starts_with("chatgpt-image")
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Png => "png",
        Format::Jpeg => "jpeg",
        Format::Webp => "webp",
    }
}

fn background_name(background: Background) -> &'static str {
    match background {
        Background::Transparent => "transparent",
        Background::Opaque => "opaque",
        Background::Auto => "auto",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::{Dimensions, FailureKind, NamedValue};
    use serde_json::json;

    fn options() -> Options {
        Options::new(1)
    }

    fn sent(model: &str, options: &Options, values: &Value) -> Value {
        Value::Object(
            fields(model, "a crab", options, &crate::tests::settings(values)).expect("sent"),
        )
    }

    #[test]
    fn the_least_request_says_the_least() {
        assert_eq!(
            sent(
                "gpt-image-2",
                &options(),
                &json!({"imageResponseFormat": "b64_json"})
            ),
            json!({"model": "gpt-image-2", "prompt": "a crab"})
        );
    }

    #[test]
    fn every_option_has_its_field() {
        let options = Options {
            count: 3,
            size: Some(Dimensions {
                width: 1536,
                height: 1024,
            }),
            format: Some(Format::Webp),
            background: Some(Background::Transparent),
            quality: Some("high".into()),
            moderation: Some("low".into()),
            extra: vec![NamedValue {
                name: "output_compression".into(),
                value: "80".into(),
            }],
            ..options()
        };
        assert_eq!(
            sent("gpt-image-1.5", &options, &json!({})),
            json!({"model": "gpt-image-1.5", "prompt": "a crab", "n": 3, "size": "1536x1024", "output_format": "webp",
                "background": "transparent", "quality": "high", "moderation": "low", "output_compression": 80})
        );
    }

    #[test]
    fn base64_is_asked_for_where_that_can_be() {
        assert_eq!(
            sent("dall-e-3", &options(), &json!({}))["response_format"],
            json!("b64_json")
        );
        assert_eq!(
            sent("flux", &options(), &json!({})).get("response_format"),
            None
        );
        let set = json!({"imageResponseFormat": "b64_json"});
        assert_eq!(
            sent("flux", &options(), &set)["response_format"],
            json!("b64_json")
        );
    }

    #[test]
    fn pictures_cannot_be_slipped_in() {
        let options = Options {
            extra: vec![NamedValue {
                name: "image".into(),
                value: "\"x\"".into(),
            }],
            ..options()
        };
        let failure = fields("m", "p", &options, &Settings::default()).expect_err("reserved");
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
    }

    #[test]
    fn form_fields_are_named_as_the_model_knows_them() {
        assert_eq!(image_field("gpt-image-2", 1), "image[]");
        assert_eq!(image_field("dall-e-2", 1), "image");
        assert_eq!(image_field("flux", 2), "image[]");
        assert_eq!(file_name("image/jpeg", 0), "image-1.jpg");
        assert_eq!(form_value(&json!("low")), "low");
        assert_eq!(form_value(&json!(3)), "3");
    }
}
