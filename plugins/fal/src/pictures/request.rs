//! Requests for pictures, in the fields that each model has.

use chela_dialect::extra;
use chela_dialect::loose::set;
use chela_dialect::object;
use chela_sdk::http::Blobs;
use chela_sdk::image::{EditRequest, Format, Options};
use chela_sdk::{AspectRatio, Failure, Result};
use serde_json::{Map, Value};

use crate::model::{Family, Part};

/// The pixels of a picture whose size nobody names.
const USUAL_AREA: f64 = 1024.0 * 1024.0;

/// What sides that are computed are multiples of.
const STEP: f64 = 32.0;

/// Proportions that models which take them know, for callers that name a size.
const PROPORTIONS: &[(u32, u32)] = &[
    (1, 1),
    (4, 3),
    (3, 4),
    (3, 2),
    (2, 3),
    (16, 9),
    (9, 16),
    (21, 9),
    (9, 21),
    (5, 4),
    (4, 5),
];

/// How far two shapes may be apart to be the same.
const SAME_SHAPE: f64 = 0.04;

/// What the request itself says, and nobody beside it.
const RESERVED: &[&str] = &["prompt", "image_url", "image_urls", "mask_url"];

/// How a model draws: at its own id where the manifest names nothing else.
pub(crate) fn drawing<'f>(family: &Family<'f>) -> Part<'f> {
    const PLAIN: &Value = &Value::Null;
    family.part("draw").unwrap_or(Part::Told(PLAIN))
}

/// How a model changes these pictures.
///
/// # Errors
///
/// `unsupported` where it changes none, or not so many.
pub(crate) fn changing<'f>(family: &Family<'f>, request: &EditRequest) -> Result<Part<'f>> {
    let several = request.images.len() > 1;
    let part = family.part("edit");
    let takes_all = |part: &Part<'_>| !several || part.field("pictures").is_some();
    let fits = match part {
        Some(Part::Told(_)) if !part.as_ref().is_some_and(takes_all) => family.part("several"),
        part => part,
    };
    fits.ok_or_else(|| {
        let what = if part.is_some() {
            "changes one picture, not several"
        } else {
            "changes no pictures"
        };
        Failure::unsupported(format!("{} {what}", request.model))
    })
}

/// The fields beside the pictures, and the options that had no place among them.
pub(crate) fn fields(
    prompt: &str,
    options: &Options,
    family: &Family<'_>,
    part: Part<'_>,
) -> Result<(Map<String, Value>, Vec<String>)> {
    let mut fields = Map::new();
    let mut ignored = Vec::new();
    set(&mut fields, "prompt", prompt);
    if options.count > 1 {
        set(&mut fields, "num_images", Value::from(options.count));
    }
    let frame = family.word(part, "frame").unwrap_or_default();
    match (frame.as_str(), options.size, options.aspect_ratio) {
        ("aspect_ratio", size, ratio) => {
            let of_size = size.and_then(|size| proportions(size.width, size.height));
            match ratio.map(|ratio| (ratio.width, ratio.height)).or(of_size) {
                Some((width, height)) => {
                    set(
                        &mut fields,
                        "aspect_ratio",
                        format!("{width}:{height}").as_str(),
                    );
                }
                None if size.is_some() => ignored.push("size"),
                None => {}
            }
        }
        ("image_size", Some(size), _) => {
            set(&mut fields, "image_size", pixels(size.width, size.height));
        }
        ("image_size", None, Some(ratio)) => set(&mut fields, "image_size", of_ratio(ratio)),
        ("image_size", None, None) => {}
        (_, size, ratio) if family.is_open() => {
            if let Some(size) = size {
                set(&mut fields, "image_size", pixels(size.width, size.height));
            }
            if let Some(ratio) = ratio {
                let ratio = format!("{}:{}", ratio.width, ratio.height);
                set(&mut fields, "aspect_ratio", ratio.as_str());
            }
        }
        (_, size, ratio) => {
            ignored.extend(size.map(|_| "size"));
            ignored.extend(ratio.map(|_| "aspect-ratio"));
        }
    }
    let word = |list: &str, wanted: &str| {
        let offered = family.words(list);
        let own = offered
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(wanted));
        own.or_else(|| family.is_open().then(|| wanted.to_owned()))
    };
    for (name, field, wanted, value) in [
        (
            "resolution",
            "resolution",
            options.resolution.is_some(),
            options
                .resolution
                .as_deref()
                .and_then(|class| word("resolutions", class)),
        ),
        (
            "format",
            "output_format",
            options.format.is_some(),
            options
                .format
                .and_then(|format| word("formats", format_name(format))),
        ),
        (
            "quality",
            "quality",
            options.quality.is_some(),
            options.quality.clone().filter(|_| family.takes("quality")),
        ),
    ] {
        match value {
            Some(value) => set(&mut fields, field, value.as_str()),
            None if wanted => ignored.push(name),
            None => {}
        }
    }
    match options.seed {
        Some(seed) if family.takes("seed") => set(&mut fields, "seed", Value::from(seed)),
        Some(_) => ignored.push("seed"),
        None => {}
    }
    ignored.extend(options.background.map(|_| "background"));
    ignored.extend(options.moderation.as_ref().map(|_| "moderation"));
    extra::lay_over(&mut fields, &options.extra, RESERVED)?;
    Ok((fields, ignored.into_iter().map(str::to_owned).collect()))
}

/// Puts the pictures into the fields, as `data:` URLs.
pub(crate) fn put_pictures<'a>(
    request: &'a EditRequest,
    part: Part<'_>,
    fields: &mut Map<String, Value>,
    blobs: &mut Blobs<'a>,
) -> Result<()> {
    let several = request.images.len() > 1;
    let mut urls: Vec<Value> = request
        .images
        .iter()
        .map(|one| blobs.data_url(one))
        .collect();
    let list = part
        .field("pictures")
        .or_else(|| several.then(|| "image_urls".to_owned()));
    match (list, urls.pop()) {
        (Some(list), last) => {
            urls.extend(last);
            set(fields, &list, urls);
        }
        (None, Some(one)) => {
            let field = part
                .field("picture")
                .unwrap_or_else(|| "image_url".to_owned());
            set(fields, &field, one);
        }
        (None, None) => {}
    }
    if let Some(mask) = &request.mask {
        let field = match part {
            Part::Open => Some("mask_url".to_owned()),
            Part::Told(_) => part.field("mask"),
        };
        let Some(field) = field else {
            let message = format!(
                "{} takes no mask; the prompt can say where to paint",
                request.model
            );
            return Err(Failure::unsupported(message));
        };
        let mask = blobs.data_url(mask);
        set(fields, &field, mask);
    }
    Ok(())
}

fn pixels(width: u32, height: u32) -> Value {
    object! { "width": Value::from(width), "height": Value::from(height) }
}

/// The word that models of pixels have for a ratio, or pixels of it.
fn of_ratio(ratio: AspectRatio) -> Value {
    Value::from(match (ratio.width, ratio.height) {
        (1, 1) => "square_hd",
        (4, 3) => "landscape_4_3",
        (3, 4) => "portrait_4_3",
        (16, 9) => "landscape_16_9",
        (9, 16) => "portrait_16_9",
        (width, height) => {
            let shape = f64::from(width) / f64::from(height);
            let side = |length: f64| ((length / STEP).round().max(1.0) * STEP) as u32;
            let height = (USUAL_AREA / shape).sqrt();
            return pixels(side(height * shape), side(height));
        }
    })
}

/// The proportions of a size, of those that models know.
fn proportions(width: u32, height: u32) -> Option<(u32, u32)> {
    let off = |(w, h): &(u32, u32)| {
        let quotient = f64::from(width) * f64::from(*h) / (f64::from(height) * f64::from(*w));
        (quotient - 1.0).abs()
    };
    let closest = PROPORTIONS
        .iter()
        .min_by(|one, other| off(one).total_cmp(&off(other)))?;
    (off(closest) <= SAME_SHAPE).then_some(*closest)
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Png => "png",
        Format::Jpeg => "jpeg",
        Format::Webp => "webp",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::manifest;
    use chela_sdk::image::Background;
    use chela_sdk::{Dimensions, FailureKind, NamedValue};
    use serde_json::json;

    fn options() -> Options {
        Options {
            size: Some(Dimensions {
                width: 1536,
                height: 1024,
            }),
            resolution: Some("2K".into()),
            format: Some(Format::Webp),
            quality: Some("high".into()),
            background: Some(Background::Opaque),
            moderation: Some("low".into()),
            seed: Some(7),
            extra: vec![NamedValue {
                name: "enable_safety_checker".into(),
                value: "false".into(),
            }],
            ..Options::new(1)
        }
    }

    fn drawn(model: &str, options: &Options) -> (Value, Vec<String>) {
        let families = manifest("pictures");
        let family = Family::of(&families, model);
        let (fields, ignored) =
            fields("a crab", options, &family, drawing(&family)).expect("fields");
        (fields.into(), ignored)
    }

    #[test]
    fn each_family_has_its_own_fields() {
        for (model, fields, ignored) in [
            (
                "fal-ai/flux/dev",
                json!({"image_size": {"width": 1536, "height": 1024}, "seed": 7}),
                vec![
                    "resolution",
                    "format",
                    "quality",
                    "background",
                    "moderation",
                ],
            ),
            (
                "fal-ai/nano-banana-2",
                json!({"aspect_ratio": "3:2", "resolution": "2K", "output_format": "webp", "seed": 7}),
                vec!["quality", "background", "moderation"],
            ),
            (
                "openai/gpt-image-2",
                json!({"image_size": {"width": 1536, "height": 1024}, "output_format": "webp", "quality": "high"}),
                vec!["resolution", "seed", "background", "moderation"],
            ),
            (
                "xai/grok-imagine-image",
                json!({"aspect_ratio": "3:2", "resolution": "2k", "output_format": "webp"}),
                vec!["quality", "seed", "background", "moderation"],
            ),
            (
                "someone/new",
                json!({"image_size": {"width": 1536, "height": 1024}, "resolution": "2K", "output_format": "webp",
                       "quality": "high", "seed": 7}),
                vec!["background", "moderation"],
            ),
        ] {
            let mut wanted = fields;
            wanted["prompt"] = json!("a crab");
            wanted["enable_safety_checker"] = json!(false);
            assert_eq!(
                drawn(model, &options()),
                (wanted, ignored.into_iter().map(str::to_owned).collect()),
                "{model}"
            );
        }
    }

    #[test]
    fn a_ratio_is_a_word_or_pixels() {
        let of = |model, width, height| {
            let options = Options {
                aspect_ratio: Some(AspectRatio { width, height }),
                ..Options::new(2)
            };
            drawn(model, &options).0
        };
        assert_eq!(
            of("fal-ai/flux/dev", 16, 9),
            json!({"prompt": "a crab", "num_images": 2, "image_size": "landscape_16_9"})
        );
        assert_eq!(
            of("fal-ai/flux/dev", 3, 2)["image_size"],
            json!({"width": 1248, "height": 832})
        );
        assert_eq!(of("fal-ai/nano-banana", 21, 9)["aspect_ratio"], "21:9");
        assert_eq!(of("someone/new", 21, 9)["aspect_ratio"], "21:9");
        assert_eq!(
            of_ratio(AspectRatio {
                width: 1,
                height: u32::MAX
            })["width"],
            32
        );
    }

    #[test]
    fn a_size_of_no_known_shape_is_told() {
        let options = Options {
            size: Some(Dimensions {
                width: 5000,
                height: 100,
            }),
            ..Options::new(1)
        };
        assert_eq!(drawn("fal-ai/nano-banana", &options).1, ["size"]);
    }

    #[test]
    fn the_request_itself_cannot_be_slipped_in() {
        let families = Value::Null;
        let family = Family::of(&families, "a/b");
        for name in RESERVED {
            let options = Options {
                extra: vec![NamedValue {
                    name: (*name).into(),
                    value: "\"x\"".into(),
                }],
                ..Options::new(1)
            };
            let failure = fields("p", &options, &family, Part::Open).expect_err(name);
            assert_eq!(failure.kind, FailureKind::InvalidRequest);
        }
    }
}
