use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_sdk::image::Options;
use chela_sdk::testing::{self, Reply, SentBody};
use chela_sdk::{Dimensions, FailureKind as Kind, NamedValue};
use serde_json::{Value, json};

use super::*;

fn options() -> Options {
    Options {
        size: Some(Dimensions {
            width: 1024,
            height: 1024,
        }),
        extra: vec![NamedValue {
            name: "input_fidelity".into(),
            value: "\"high\"".into(),
        }],
        ..Options::new(2)
    }
}

fn draw() -> Result<image::Response> {
    generate(&GenerateRequest {
        model: "gpt-image-2".into(),
        prompt: "a crab".into(),
        options: options(),
    })
}

fn answer() -> Value {
    json!({"created": 1, "size": "1024x1024", "data": [
        {"b64_json": STANDARD.encode(b"first"), "revised_prompt": "a red crab"},
        {"b64_json": STANDARD.encode(b"second")},
    ], "usage": {"input_tokens": 9, "output_tokens": 100, "total_tokens": 109}})
}

fn bytes(picture: &Picture) -> Vec<u8> {
    picture.media.read_all(1000).expect("memory can be read")
}

#[test]
fn pictures_come_out_in_order() {
    testing::reply(Reply::json(200, answer().to_string()).header("x-request-id", "req_3"));
    let response = draw().expect("two pictures");
    assert_eq!(
        response.pictures.iter().map(bytes).collect::<Vec<_>>(),
        [b"first".to_vec(), b"second".to_vec()]
    );
    assert_eq!(
        response.pictures[0].revised_prompt.as_deref(),
        Some("a red crab")
    );
    assert_eq!(response.request_id.as_deref(), Some("req_3"));
    assert_eq!(response.usage.expect("counts").output_tokens, Some(100));
    assert_eq!(response.extra[0].name, "size");
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/images/generations");
    assert_eq!(
        sent[0].json(),
        json!({"model": "gpt-image-2", "prompt": "a crab", "n": 2, "size": "1024x1024", "input_fidelity": "high"})
    );
}

#[test]
fn pictures_that_are_only_pointed_at_are_fetched() {
    testing::reply(Reply::json(
        200,
        json!({"data": [{"url": "https://cdn.example/a.png"}]}).to_string(),
    ));
    testing::reply(Reply::new(200, "image/png", "there"));
    let response = draw().expect("a picture");
    assert_eq!(bytes(&response.pictures[0]), b"there");
    assert_eq!(testing::sent()[1].path, "https://cdn.example/a.png");
}

#[test]
fn a_picture_that_cannot_be_fetched_fails_the_call() {
    testing::reply(Reply::json(
        200,
        json!({"data": [{"url": "https://cdn.example/a.png"}]}).to_string(),
    ));
    testing::reply(Reply::new(503, "application/xml", "<Error/>"));
    let failure = draw().expect_err("no picture");
    // Not of the kinds that are tried again: it would be made, and paid for, once more.
    assert_eq!(failure.kind, Kind::BadResponse);
    assert!(
        failure.message.starts_with("the picture was made"),
        "{}",
        failure.message
    );
}

#[test]
fn one_bad_picture_does_not_take_the_good_ones_along() {
    let data = json!({"data": [
        {"b64_json": "!!!"},
        {"url": "https://cdn.example/gone.png"},
        {"b64_json": STANDARD.encode(b"good")},
    ]});
    testing::reply(Reply::json(200, data.to_string()));
    testing::reply(Reply::new(404, "text/plain", "gone"));
    let response = draw().expect("one picture");
    assert_eq!(
        response.pictures.iter().map(bytes).collect::<Vec<_>>(),
        [b"good".to_vec()]
    );
}

#[test]
fn changing_sends_a_form() {
    testing::reply(Reply::json(200, answer().to_string()));
    let response = edit(&EditRequest {
        model: "gpt-image-1.5".into(),
        prompt: "make it blue".into(),
        images: vec![
            testing::file("crab.png", "image/png", b"old"),
            Blob::new("image/jpeg", b"other"),
        ],
        mask: Some(Blob::new("image/png", b"mask")),
        options: options(),
    })
    .expect("two pictures");
    assert_eq!(response.pictures.len(), 2);
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/images/edits");
    let SentBody::Form(fields) = &sent[0].body else {
        panic!("not a form: {:?}", sent[0].body)
    };
    let text = |name: &str| {
        let field = fields.iter().find(|field| field.name == name).expect(name);
        String::from_utf8(field.value.clone()).expect("text")
    };
    assert_eq!(text("model"), "gpt-image-1.5");
    assert_eq!(text("prompt"), "make it blue");
    assert_eq!(text("n"), "2");
    assert_eq!(text("input_fidelity"), "high");
    let files: Vec<(&str, &str, &[u8])> = fields
        .iter()
        .filter_map(|field| {
            Some((
                field.name.as_str(),
                field.file_name.as_deref()?,
                field.value.as_slice(),
            ))
        })
        .collect();
    assert_eq!(
        files,
        [
            ("image[]", "crab.png", b"old".as_slice()),
            ("image[]", "image-2.jpg", b"other".as_slice()),
            ("mask", "mask.png", b"mask".as_slice()),
        ]
    );
}

#[test]
fn answers_without_pictures_fail() {
    for (status, body, kind) in [
        (200, "<html>Hi</html>", Kind::BadResponse),
        (200, "", Kind::BadResponse),
        (200, "{\"data\":[]}", Kind::EmptyOutput),
        (200, "{\"data\":[{\"b64_json\":\"*\"}]}", Kind::BadResponse),
        (200, "{\"data\":[{\"b64_json\":\"QUJD", Kind::BadResponse),
        (
            200,
            "{\"error\":{\"message\":\"No\",\"code\":\"moderation_blocked\"}}",
            Kind::ContentFiltered,
        ),
        (
            400,
            "{\"error\":{\"message\":\"No\",\"code\":\"moderation_blocked\"}}",
            Kind::ContentFiltered,
        ),
        (
            400,
            "{\"error\":{\"message\":\"No\",\"code\":\"invalid_size\"}}",
            Kind::InvalidRequest,
        ),
        (413, "<html>", Kind::InvalidRequest),
        (502, "<html>", Kind::Unavailable),
    ] {
        testing::reply(Reply::new(status, "application/json", body));
        assert_eq!(draw().expect_err(body).kind, kind, "{status} {body}");
    }
}

#[test]
fn an_answer_cut_short_is_the_hosts_failure() {
    testing::reply(Reply::json(200, "{\"data\":[{\"b64_json\":\"QUJD").cut());
    assert_eq!(draw().expect_err("cut").kind, Kind::BadResponse);
}
