//! Requests for films.
//!
//! Follows <https://docs.dev.runwayml.com/api#tag/Start-generating>.

use chela_dialect::loose::set;
use chela_dialect::{extra, job};
use chela_sdk::http::Blobs;
use chela_sdk::video::Request;
use chela_sdk::{Failure, Result};
use serde_json::Value;

use crate::rules::{From, rule};
use crate::{ratio, references};

/// What the request itself says, and nobody beside it.
const RESERVED: &[&str] = &[
    "model",
    "promptText",
    "promptImage",
    "promptVideo",
    "videoUri",
];

/// A request as it is sent.
#[derive(Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) path: &'static str,
    pub(crate) fields: Value,
    pub(crate) blobs: Blobs<'a>,
    /// Options of the request that have no part in it.
    pub(crate) ignored: Vec<String>,
}

/// The request in the API's words. `rules` is what the manifest says of the models.
pub(crate) fn build<'a>(request: &'a Request, rules: &Value) -> Result<Sent<'a>> {
    let model = &request.model;
    let from = references::start(&request.references)?;
    let rule = rule(rules, model, from).map_err(|others| no_start(model, from, &others))?;
    let mut fields = rule.always.clone();
    let mut blobs = Blobs::new();
    set(&mut fields, "model", model.as_str());
    set(&mut fields, "promptText", request.prompt.as_str());
    references::put(&request.references, model, &rule, &mut fields, &mut blobs)?;
    let frame = ratio::choose(request, &rule)?;
    if let Some(ratio) = &frame.ratio {
        set(&mut fields, &rule.ratio_field, ratio.as_str());
    }
    if let Some(resolution) = &frame.resolution {
        set(&mut fields, "resolution", resolution.as_str());
    }
    let mut ignored = frame.ignored;
    for (name, value) in [
        ("duration", request.duration.map(job::seconds)),
        ("audio", request.audio.map(Value::from)),
        ("seed", request.seed.map(Value::from)),
    ] {
        match value {
            None => {}
            Some(value) if rule.takes(name) => set(&mut fields, name, value),
            Some(_) => ignored.push(name),
        }
    }
    if request.watermark.is_some() {
        ignored.push("watermark");
    }
    extra::lay_over(&mut fields, &request.extra, RESERVED)?;
    Ok(Sent {
        path: from.path(),
        fields: Value::Object(fields),
        blobs,
        ignored: ignored.into_iter().map(str::to_owned).collect(),
    })
}

fn no_start(model: &str, from: From, others: &[From]) -> Failure {
    let words = |from: From| match from {
        From::Text => "from words alone",
        From::Image => "from a first frame",
        From::Film => "from another film",
    };
    let others: Vec<&str> = others.iter().copied().map(words).collect();
    Failure::unsupported(format!(
        "{model} makes no film {}; it makes one {}",
        words(from),
        others.join(" or ")
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::tests::of_manifest;
    use chela_sdk::video::{Reference, ReferenceRole};
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

    fn reference(role: ReferenceRole, mime_type: &str) -> Reference {
        Reference {
            role,
            media: Blob::new(mime_type, b"bytes"),
        }
    }

    fn built(request: &Request) -> (String, Value, Vec<String>) {
        let sent = build(request, &of_manifest()).expect("a request");
        (sent.path.to_owned(), sent.fields, sent.ignored)
    }

    #[test]
    fn the_least_request_says_what_the_api_wants() {
        assert_eq!(
            built(&request("gen4.5")),
            (
                "/v1/text_to_video".to_owned(),
                json!({"model": "gen4.5", "promptText": "a lobster walks", "ratio": "1280:720", "duration": 5}),
                vec![]
            )
        );
        assert_eq!(
            built(&request("seedance2")).1,
            json!({"model": "seedance2", "promptText": "a lobster walks"})
        );
    }

    #[test]
    fn every_option_has_its_field_or_is_told() {
        let all = Request {
            aspect_ratio: Some(AspectRatio {
                width: 9,
                height: 16,
            }),
            resolution: Some("720P".into()),
            duration: Some(8.0),
            audio: Some(false),
            watermark: Some(false),
            seed: Some(7),
            extra: vec![NamedValue {
                name: "contentModeration".into(),
                value: r#"{"publicFigureThreshold":"low"}"#.into(),
            }],
            ..request("gen4.5")
        };
        let (_, fields, ignored) = built(&all);
        assert_eq!(
            fields,
            json!({"model": "gen4.5", "promptText": "a lobster walks", "ratio": "720:1280", "duration": 8, "seed": 7,
                   "contentModeration": {"publicFigureThreshold": "low"}})
        );
        assert_eq!(ignored, ["audio", "watermark"]);
        let (_, fields, ignored) = built(&Request {
            model: "veo3.1".into(),
            ..all
        });
        assert_eq!(
            (fields["audio"].clone(), fields["seed"].clone()),
            (json!(false), Value::Null)
        );
        assert_eq!(ignored, ["seed", "watermark"]);
    }

    #[test]
    fn media_have_their_places() {
        let frames = Request {
            references: vec![
                reference(ReferenceRole::FirstFrame, "image/png"),
                reference(ReferenceRole::LastFrame, "image/jpeg"),
            ],
            ..request("veo3.1")
        };
        let (path, fields, _) = built(&frames);
        assert_eq!(path, "/v1/image_to_video");
        assert_eq!(fields["promptImage"][0]["position"], "first");
        assert_eq!(fields["promptImage"][1]["position"], "last");
        let film = Request {
            references: vec![
                reference(ReferenceRole::SourceVideo, "video/mp4"),
                reference(ReferenceRole::Reference, "image/png"),
                reference(ReferenceRole::Reference, "video/mp4"),
                reference(ReferenceRole::Reference, "audio/mpeg"),
            ],
            ..request("seedance2")
        };
        let (path, fields, _) = built(&film);
        assert_eq!(path, "/v1/video_to_video");
        assert!(fields["promptVideo"].is_object());
        for (list, kind) in [
            ("references", None),
            ("referenceVideos", Some("video")),
            ("referenceAudio", Some("audio")),
        ] {
            assert_eq!(fields[list][0].get("type").and_then(Value::as_str), kind);
            assert!(fields[list][0]["uri"].is_object(), "{list}");
        }
        let changed = Request {
            references: vec![reference(ReferenceRole::SourceVideo, "video/mp4")],
            aspect_ratio: Some(AspectRatio {
                width: 1,
                height: 1,
            }),
            ..request("aleph2")
        };
        let (_, fields, _) = built(&changed);
        assert!(fields["videoUri"].is_object());
        assert_eq!(fields["targetAspectRatio"], "1:1");
    }

    #[test]
    fn what_a_model_cannot_do_is_said_before_anything_is_sent() {
        for (model, references, word) in [
            ("gen4_turbo", vec![], "a first frame"),
            (
                "gen4.5",
                vec![reference(ReferenceRole::SourceVideo, "video/mp4")],
                "words alone or from a first frame",
            ),
            (
                "gen4.5",
                vec![
                    reference(ReferenceRole::FirstFrame, "image/png"),
                    reference(ReferenceRole::LastFrame, "image/png"),
                ],
                "no last frame",
            ),
            (
                "veo3.1",
                vec![reference(ReferenceRole::Reference, "image/png")],
                "no references",
            ),
        ] {
            let wanted = Request {
                references,
                ..request(model)
            };
            let failure = build(&wanted, &of_manifest()).expect_err(model);
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.message.contains(word), "{}", failure.message);
        }
    }

    #[test]
    fn the_request_itself_cannot_be_slipped_in() {
        for name in RESERVED {
            let wanted = Request {
                extra: vec![NamedValue {
                    name: (*name).into(),
                    value: "\"x\"".into(),
                }],
                ..request("gen4.5")
            };
            let failure = build(&wanted, &Value::Null).expect_err(name);
            assert_eq!(failure.kind, FailureKind::InvalidRequest);
        }
    }
}
