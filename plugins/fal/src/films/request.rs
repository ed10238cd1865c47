//! Requests for films, in the fields that each model has.

use chela_dialect::extra;
use chela_dialect::job::seconds;
use chela_dialect::loose::{set, write};
use chela_sdk::http::Blobs;
use chela_sdk::video::{Reference, ReferenceRole, Request};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use crate::model::{Family, Part};

/// What the request itself says, and nobody beside it.
const RESERVED: &[&str] = &["prompt"];

/// What a model that nothing is known of is sent media in.
const USUAL: &[(&str, &str)] = &[
    ("first", "image_url"),
    ("last", "end_image_url"),
    ("film", "video_url"),
    ("pictures", "image_urls"),
    ("films", "video_urls"),
    ("recordings", "audio_urls"),
];

/// A request as it is sent.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) path: String,
    pub(crate) fields: Value,
    pub(crate) blobs: Blobs<'a>,
    /// Options of the request that have no part in it.
    pub(crate) ignored: Vec<String>,
}

/// The request in the model's words. `families` is what the manifest says of the models.
pub(crate) fn build<'a>(request: &'a Request, families: &Value) -> Result<Sent<'a>> {
    let family = Family::of(families, &request.model);
    let part = part(request, &family)?;
    let path = family.path(&request.model, part)?;
    let mut fields = Map::new();
    let mut blobs = Blobs::new();
    let mut ignored = Vec::new();
    set(&mut fields, "prompt", request.prompt.as_str());
    put(request, part, &mut fields, &mut blobs)?;
    if let Some(ratio) = request.aspect_ratio {
        let ratio = format!("{}:{}", ratio.width, ratio.height);
        let offered = family.words("ratios");
        if family.is_open() || offered.contains(&ratio) && !part.lacks("ratio") {
            set(&mut fields, "aspect_ratio", ratio.as_str());
        } else if offered.is_empty() || part.lacks("ratio") {
            ignored.push("aspect-ratio");
        } else {
            // One of another shape would be paid for and be of no use.
            return Err(Failure::unsupported(format!(
                "{} makes no film of {ratio}; it makes {}",
                request.model,
                offered.join(", ")
            )));
        }
    }
    if let Some(class) = &request.resolution {
        let offered = family.words("resolutions");
        let own = offered
            .into_iter()
            .find(|own| own.eq_ignore_ascii_case(class));
        match own.or_else(|| family.is_open().then(|| class.to_ascii_lowercase())) {
            Some(class) => set(&mut fields, "resolution", class.as_str()),
            None => ignored.push("resolution"),
        }
    }
    if let Some(length) = request.duration {
        let number = seconds(length);
        let form = family
            .word(Part::Open, "duration")
            .filter(|_| !part.lacks("duration"));
        match form.as_deref() {
            Some("number") => set(&mut fields, "duration", number),
            Some("string") => set(&mut fields, "duration", write(&number).as_str()),
            Some("seconds") => {
                set(
                    &mut fields,
                    "duration",
                    format!("{}s", write(&number)).as_str(),
                );
            }
            _ if family.is_open() => set(&mut fields, "duration", number),
            _ => ignored.push("duration"),
        }
    }
    for (name, field, value) in [
        ("audio", "generate_audio", request.audio.map(Value::from)),
        ("seed", "seed", request.seed.map(Value::from)),
    ] {
        match value {
            Some(value) if family.takes(field) => set(&mut fields, field, value),
            Some(_) => ignored.push(name),
            None => {}
        }
    }
    ignored.extend(request.size.map(|_| "size"));
    ignored.extend(request.watermark.map(|_| "watermark"));
    extra::lay_over(&mut fields, &request.extra, RESERVED)?;
    Ok(Sent {
        path,
        fields: fields.into(),
        blobs,
        ignored: ignored.into_iter().map(str::to_owned).collect(),
    })
}

/// How the model makes a film of these media.
fn part<'f>(request: &Request, family: &Family<'f>) -> Result<Part<'f>> {
    let number = |role| {
        let same = |one: &&Reference| one.role == role;
        request.references.iter().filter(same).count()
    };
    let first = number(ReferenceRole::FirstFrame);
    let last = number(ReferenceRole::LastFrame);
    let film = number(ReferenceRole::SourceVideo);
    let others = number(ReferenceRole::Reference);
    if first > 1 || last > 1 || film > 1 {
        return Err(Failure::unsupported(
            "a film has one first frame, one last frame and one film to start from",
        ));
    }
    let (names, what): (&[&str], _) = match (first, last, film, others) {
        (0, 0, 0, 0) => (&["text"], "from words alone"),
        (1, 0, 0, 0) => (&["image"], "from a first frame"),
        (1, 1, 0, 0) => (&["frames", "image"], "from a first and a last frame"),
        (0, 0, 1, 0) => (&["film"], "from another film"),
        (0, 0, 0, _) => (&["references"], "from references"),
        _ => (&[], "from such media together"),
    };
    let mut parts = names.iter().filter_map(|name| family.part(name));
    let fits =
        |part: &Part<'_>| last == 0 || matches!(part, Part::Open) || part.field("last").is_some();
    parts
        .find(fits)
        .ok_or_else(|| Failure::unsupported(format!("{} makes no film {what}", request.model)))
}

/// Puts the media into the fields, as `data:` URLs.
fn put<'a>(
    request: &'a Request,
    part: Part<'_>,
    fields: &mut Map<String, Value>,
    blobs: &mut Blobs<'a>,
) -> Result<()> {
    let mut lists: [(&str, Vec<Value>); 3] = [
        ("pictures", vec![]),
        ("films", vec![]),
        ("recordings", vec![]),
    ];
    let field = |name: &str| match part {
        Part::Told(_) => part.field(name),
        Part::Open => {
            let usual = USUAL.iter().find(|(of, _)| *of == name);
            usual.map(|(_, field)| (*field).to_owned())
        }
    };
    let lacking = |name: &str| {
        Failure::unsupported(format!("{} takes no {name} to work from", request.model))
    };
    for Reference { role, media } in &request.references {
        let url = blobs.data_url(media);
        let name = match role {
            ReferenceRole::FirstFrame => "first",
            ReferenceRole::LastFrame => "last",
            ReferenceRole::SourceVideo => "film",
            ReferenceRole::Reference => {
                let list = match media.mime_type().split('/').next() {
                    Some("video") => 1,
                    Some("audio") => 2,
                    _ => 0,
                };
                lists[list].1.push(url);
                continue;
            }
        };
        let field = field(name).ok_or_else(|| lacking("such frame"))?;
        set(fields, &field, url);
    }
    for (name, list) in lists {
        if !list.is_empty() {
            let field = field(name).ok_or_else(|| lacking(name))?;
            set(fields, &field, list);
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::tests::manifest;
    use chela_sdk::{AspectRatio, Blob, FailureKind, NamedValue};
    use serde_json::json;

    /// The least request.
    pub(crate) fn request(model: &str) -> Request {
        Request {
            model: model.to_owned(),
            prompt: "a lobster walks".to_owned(),
            ..Request::default()
        }
    }

    fn full(model: &str) -> Request {
        Request {
            aspect_ratio: Some(AspectRatio {
                width: 16,
                height: 9,
            }),
            resolution: Some("720P".into()),
            duration: Some(6.0),
            audio: Some(false),
            watermark: Some(true),
            seed: Some(7),
            extra: vec![NamedValue {
                name: "negative_prompt".into(),
                value: "\"blur\"".into(),
            }],
            ..request(model)
        }
    }

    fn with(model: &str, roles: &[(ReferenceRole, &str)]) -> Request {
        let one = |(role, mime_type): &(ReferenceRole, &str)| Reference {
            role: *role,
            media: Blob::new(mime_type, b"bytes"),
        };
        Request {
            references: roles.iter().map(one).collect(),
            ..request(model)
        }
    }

    #[test]
    fn each_family_has_its_own_fields() {
        for (model, path, wanted, ignored) in [
            (
                "fal-ai/minimax/video-01-live",
                "/fal-ai/minimax/video-01-live",
                json!({}),
                vec![
                    "aspect-ratio",
                    "resolution",
                    "duration",
                    "audio",
                    "seed",
                    "watermark",
                ],
            ),
            (
                "fal-ai/veo3.1/fast",
                "/fal-ai/veo3.1/fast",
                json!({"aspect_ratio": "16:9", "resolution": "720p", "duration": "6s", "generate_audio": false, "seed": 7}),
                vec!["watermark"],
            ),
            (
                "fal-ai/kling-video/v3/pro",
                "/fal-ai/kling-video/v3/pro/text-to-video",
                json!({"aspect_ratio": "16:9", "duration": "6", "generate_audio": false}),
                vec!["resolution", "seed", "watermark"],
            ),
            (
                "fal-ai/wan/v2.7",
                "/fal-ai/wan/v2.7/text-to-video",
                json!({"aspect_ratio": "16:9", "resolution": "720p", "duration": 6, "seed": 7}),
                vec!["audio", "watermark"],
            ),
            (
                "someone/new",
                "/someone/new",
                json!({"aspect_ratio": "16:9", "resolution": "720p", "duration": 6, "generate_audio": false, "seed": 7}),
                vec!["watermark"],
            ),
        ] {
            let request = full(model);
            let sent = build(&request, &manifest("films")).expect(model);
            let mut wanted = wanted;
            wanted["prompt"] = json!("a lobster walks");
            wanted["negative_prompt"] = json!("blur");
            assert_eq!(
                (sent.path.as_str(), &sent.fields),
                (path, &wanted),
                "{model}"
            );
            assert_eq!(sent.ignored, ignored, "{model}");
        }
    }

    #[test]
    fn media_have_their_places() {
        use ReferenceRole::{FirstFrame, LastFrame, Reference, SourceVideo};
        let first = (FirstFrame, "image/png");
        let last = (LastFrame, "image/png");
        for (model, roles, path, fields) in [
            (
                "fal-ai/minimax/video-01-live",
                vec![first],
                "image-to-video",
                vec!["image_url"],
            ),
            (
                "fal-ai/kling-video/v3/pro",
                vec![last, first],
                "image-to-video",
                vec!["end_image_url", "start_image_url"],
            ),
            (
                "fal-ai/veo3.1",
                vec![first],
                "image-to-video",
                vec!["image_url"],
            ),
            (
                "fal-ai/veo3.1",
                vec![first, last],
                "first-last-frame-to-video",
                vec!["first_frame_url", "last_frame_url"],
            ),
            (
                "xai/grok-imagine-video",
                vec![(SourceVideo, "video/mp4")],
                "edit-video",
                vec!["video_url"],
            ),
            (
                "bytedance/seedance-2.0",
                vec![
                    (Reference, "image/png"),
                    (Reference, "video/mp4"),
                    (Reference, "audio/mpeg"),
                ],
                "reference-to-video",
                vec!["audio_urls", "image_urls", "video_urls"],
            ),
            (
                "someone/new",
                vec![first, last],
                "new",
                vec!["end_image_url", "image_url"],
            ),
        ] {
            let request = with(model, &roles);
            let sent = build(&request, &manifest("films")).expect(model);
            assert!(sent.path.ends_with(&format!("/{path}")), "{}", sent.path);
            let mut names: Vec<&str> = sent
                .fields
                .as_object()
                .expect("fields")
                .keys()
                .map(String::as_str)
                .collect();
            names.retain(|name| *name != "prompt");
            names.sort_unstable();
            assert_eq!(names, fields, "{model}");
        }
    }

    #[test]
    fn what_a_model_cannot_do_is_said_before_anything_is_sent() {
        use ReferenceRole::{FirstFrame, LastFrame, Reference, SourceVideo};
        let first = (FirstFrame, "image/png");
        let last = (LastFrame, "image/png");
        let minimax = "fal-ai/minimax/video-01-live";
        for (model, roles) in [
            (minimax, vec![(SourceVideo, "video/mp4")]),
            (minimax, vec![first, last]),
            (minimax, vec![last]),
            (minimax, vec![first, first]),
            (minimax, vec![(Reference, "image/png")]),
            ("someone/new", vec![first, (SourceVideo, "video/mp4")]),
        ] {
            let request = with(model, &roles);
            let failure = build(&request, &manifest("films")).expect_err(model);
            assert_eq!(failure.kind, FailureKind::Unsupported, "{roles:?}");
        }
        let tall = Request {
            aspect_ratio: Some(AspectRatio {
                width: 3,
                height: 4,
            }),
            ..request("fal-ai/veo3.1")
        };
        let failure = build(&tall, &manifest("films")).expect_err("no such shape");
        assert!(
            failure.message.contains("16:9, 9:16"),
            "{}",
            failure.message
        );
    }
}
