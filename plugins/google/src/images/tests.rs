use chela_sdk::testing::{self, Reply};
use chela_sdk::{AspectRatio, FailureKind};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn request(options: Options) -> GenerateRequest {
    GenerateRequest {
        model: "gemini-3.1-flash-image-preview".into(),
        prompt: "a crab".into(),
        options,
    }
}

fn bytes(picture: &Picture) -> Vec<u8> {
    picture.media.read_all(1 << 20).expect("memory can be read")
}

fn answer(parts: &Value) -> String {
    json!({"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1290}, "modelVersion": "gemini-3.1-flash-image-preview",
        "responseId": "r-1"})
    .to_string()
}

#[test]
fn pictures_come_out_and_words_stand_beside_them() {
    let parts = json!([
        {"text": "A sketch", "thought": true},
        {"inlineData": {"mimeType": "image/png", "data": "c2tldGNo"}, "thought": true},
        {"text": "Here it is."},
        {"inlineData": {"mimeType": "image/png", "data": "Zmlyc3Q="}, "thoughtSignature": "c2ln"},
    ]);
    testing::reply(Reply::json(200, answer(&parts)));
    let options = Options {
        aspect_ratio: Some(AspectRatio {
            width: 16,
            height: 9,
        }),
        resolution: Some("2K".into()),
        ..Options::new(1)
    };
    let response = generate(&request(options)).expect("a picture");
    assert_eq!(
        response.pictures.iter().map(bytes).collect::<Vec<_>>(),
        [b"first".to_vec()]
    );
    assert_eq!(response.usage.expect("counts").output_tokens, Some(1290));
    assert_eq!(response.request_id.as_deref(), Some("r-1"));
    assert_eq!(response.extra[0].value, "\"Here it is.\"");
    let sent = testing::sent();
    assert_eq!(
        sent[0].path,
        "/models/gemini-3.1-flash-image-preview:generateContent"
    );
    assert_eq!(
        sent[0].json(),
        json!({"contents": [{"role": "user", "parts": [{"text": "a crab"}]}],
            "generationConfig": {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}})
    );
}

#[test]
fn changing_sends_the_pictures_before_the_words() {
    testing::reply(Reply::json(
        200,
        answer(&json!([{"inlineData": {"mimeType": "image/png", "data": "bmV3"}}])),
    ));
    let asked = EditRequest {
        model: "gemini-2.5-flash-image".into(),
        prompt: "make it blue".into(),
        images: vec![
            Blob::new("image/png", b"hi!"),
            Blob::new("image/jpeg", b"hi!"),
        ],
        mask: None,
        options: Options {
            resolution: Some("2K".into()),
            seed: Some(7),
            ..Options::new(1)
        },
    };
    let response = edit(&asked).expect("a picture");
    assert_eq!(bytes(&response.pictures[0]), b"new");
    assert_eq!(response.ignored, ["resolution"]);
    let sent = testing::sent();
    assert_eq!(
        sent[0].json()["contents"][0]["parts"],
        json!([{"inlineData": {"mimeType": "image/png", "data": "aGkh"}}, {"inlineData": {"mimeType": "image/jpeg", "data": "aGkh"}},
            {"text": "make it blue"}])
    );
    assert_eq!(sent[0].json()["generationConfig"]["seed"], 7);
    let masked = EditRequest {
        mask: Some(Blob::new("image/png", b"hi!")),
        ..asked
    };
    assert_eq!(
        edit(&masked).expect_err("no masks").kind,
        FailureKind::Unsupported
    );
}

#[test]
fn answers_without_pictures_fail() {
    let ended = |reason: &str| json!({"candidates": [{"finishReason": reason, "finishMessage": "Unable to show it. Try again."}]});
    for (body, kind) in [
        (
            json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
            FailureKind::ContentFiltered,
        ),
        (ended("IMAGE_SAFETY"), FailureKind::ContentFiltered),
        (ended("NO_IMAGE"), FailureKind::EmptyOutput),
        (
            json!({"candidates": [{"content": {"parts": [{"text": "I would rather not."}]}, "finishReason": "STOP"}]}),
            FailureKind::EmptyOutput,
        ),
        (
            json!({"candidates": [{"content": {"parts": [{"inlineData": {"data": "***"}}]}}]}),
            FailureKind::BadResponse,
        ),
        (
            json!({"candidates": [{"content": {"parts": [{"inlineData": {"data": 0}}]}}]}),
            FailureKind::BadResponse,
        ),
        (json!({}), FailureKind::BadResponse),
        (
            json!({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}),
            FailureKind::Unavailable,
        ),
    ] {
        testing::reply(Reply::json(200, body.to_string()));
        let failure = generate(&request(Options::new(1))).expect_err("none");
        assert_eq!(failure.kind, kind, "{body}");
    }
    testing::reply(Reply::new(200, "text/html", "<html>"));
    assert_eq!(
        generate(&request(Options::new(1))).expect_err("none").kind,
        FailureKind::BadResponse
    );
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json()) {
        for body in [value.to_string(), answer(&json!([value])), answer(&value)] {
            testing::reply(Reply::json(200, body));
            let _ = generate(&request(Options::new(1)));
        }
    }
}
