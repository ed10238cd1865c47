use chela_dialect::testing::in_pieces;
use chela_sdk::image::Options;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::tests::{any_json, manifest};

fn draw(count: u32) -> Result<image::Response> {
    testing::set("pictures", manifest("pictures"));
    generate(&GenerateRequest {
        model: "fal-ai/flux/dev".into(),
        prompt: "a crab".into(),
        options: Options::new(count),
    })
}

fn change(model: &str, images: usize, mask: bool) -> Result<image::Response> {
    testing::set("pictures", manifest("pictures"));
    edit(&EditRequest {
        model: model.into(),
        prompt: "make it blue".into(),
        images: (0..images)
            .map(|_| Blob::new("image/png", b"old"))
            .collect(),
        mask: mask.then(|| Blob::new("image/png", b"mask")),
        options: Options::new(1),
    })
}

/// What the model's page shows, with what servers add.
fn answer() -> Value {
    json!({"images": [
            {"url": "https://v3b.fal.media/files/b/a.jpg", "content_type": "image/jpeg", "width": 1024, "height": 768,
             "file_name": null, "file_size": null},
            {"url": "data:image/png;base64,SGVsbG8="}],
        "timings": {"inference": 1.5}, "seed": 10203993, "has_nsfw_concepts": [false, false],
        "prompt": "a crab", "debug_latents": null})
}

fn bytes(picture: &Picture) -> Vec<u8> {
    picture.media.read_all(99).expect("memory can be read")
}

#[test]
fn pictures_are_fetched_from_where_they_lie() {
    testing::reply(Reply::json(200, answer().to_string()).header("x-fal-request-id", "r-1"));
    testing::reply(Reply::new(200, "image/jpeg", "there"));
    let response = draw(2).expect("two pictures");
    let pictures: Vec<_> = response.pictures.iter().map(bytes).collect();
    assert_eq!(pictures, [b"there".to_vec(), b"Hello".to_vec()]);
    let seeds: Vec<_> = response
        .pictures
        .iter()
        .map(|picture| picture.seed)
        .collect();
    assert_eq!(seeds, [Some(10_203_993), None]);
    assert_eq!(response.pictures[0].revised_prompt, None);
    assert_eq!(response.request_id.as_deref(), Some("r-1"));
    assert_eq!(response.extra[0].value, r#"{"inference":1.5}"#);
    let sent = testing::sent();
    assert_eq!(
        (sent[0].endpoint.as_str(), sent[0].path.as_str()),
        ("api", "/fal-ai/flux/dev")
    );
    assert_eq!(sent[0].json(), json!({"prompt": "a crab", "num_images": 2}));
    assert_eq!(sent[1].path, "https://v3b.fal.media/files/b/a.jpg");
}

#[test]
fn one_picture_alone_and_another_prompt_are_read() {
    let one = json!({"image": {"url": "data:image/png;base64,SGVsbG8="}, "prompt": "a red crab", "seed": "7"});
    testing::reply(Reply::json(200, one.to_string()));
    let response = draw(1).expect("a picture");
    assert_eq!(
        response.pictures[0].revised_prompt.as_deref(),
        Some("a red crab")
    );
    assert_eq!(response.pictures[0].seed, Some(7));
}

#[test]
fn a_picture_that_was_blacked_out_is_none() {
    let mut flagged = answer();
    flagged["has_nsfw_concepts"] = json!([true, false]);
    testing::reply(Reply::json(200, flagged.to_string()));
    let response = draw(2).expect("the other picture");
    assert_eq!(response.pictures.len(), 1);
    flagged["has_nsfw_concepts"] = json!([true, true]);
    testing::reply(Reply::json(200, flagged.to_string()));
    let failure = draw(2).expect_err("none");
    assert_eq!(failure.kind, FailureKind::ContentFiltered);
    assert_eq!(testing::sent().len(), 2, "nothing black is fetched");
}

#[test]
fn pictures_go_along_as_data_urls() {
    let url = "data:image/png;base64,b2xk";
    for (model, images, path, wanted) in [
        (
            "fal-ai/flux/dev",
            1,
            "/fal-ai/flux/dev/image-to-image",
            json!({"image_url": url}),
        ),
        (
            "fal-ai/flux-2-pro",
            2,
            "/fal-ai/flux-2-pro/edit",
            json!({"image_urls": [url, url]}),
        ),
        (
            "fal-ai/nano-banana-2",
            1,
            "/fal-ai/nano-banana-2/edit",
            json!({"image_urls": [url]}),
        ),
        (
            "fal-ai/flux-pro/kontext",
            1,
            "/fal-ai/flux-pro/kontext",
            json!({"image_url": url}),
        ),
        (
            "fal-ai/flux-pro/kontext",
            2,
            "/fal-ai/flux-pro/kontext/multi",
            json!({"image_urls": [url, url]}),
        ),
        ("a/new", 1, "/a/new", json!({"image_url": url})),
        ("a/new", 2, "/a/new", json!({"image_urls": [url, url]})),
    ] {
        testing::reply(Reply::json(200, answer().to_string()));
        let _ = change(model, images, false);
        let sent = testing::sent().remove(0);
        let mut wanted = wanted;
        wanted["prompt"] = json!("make it blue");
        assert_eq!((sent.path.as_str(), sent.json()), (path, wanted), "{model}");
    }
    testing::reply(Reply::json(200, answer().to_string()));
    let _ = change("openai/gpt-image-2", 1, true);
    assert_eq!(
        testing::sent()[0].json()["mask_url"],
        "data:image/png;base64,bWFzaw=="
    );
}

#[test]
fn what_a_model_cannot_do_is_said_before_anything_is_sent() {
    for (model, images, mask, word) in [
        ("fal-ai/flux/schnell", 1, false, "changes no pictures"),
        ("fal-ai/flux/dev", 2, false, "not several"),
        ("fal-ai/flux/dev", 1, true, "no mask"),
    ] {
        let failure = change(model, images, mask).expect_err(model);
        assert_eq!(failure.kind, FailureKind::Unsupported);
        assert!(failure.message.contains(word), "{}", failure.message);
    }
    assert!(testing::sent().is_empty());
}

#[test]
fn answers_without_pictures_fail() {
    for (status, body, kind) in [
        (200, "<html>Hi</html>", FailureKind::BadResponse),
        (200, "", FailureKind::BadResponse),
        (200, "{}", FailureKind::BadResponse),
        (200, "[]", FailureKind::BadResponse),
        (200, r#"{"images":[]}"#, FailureKind::EmptyOutput),
        (200, r#"{"images":null}"#, FailureKind::EmptyOutput),
        (200, r#"{"images":[null]}"#, FailureKind::EmptyOutput),
        (
            200,
            r#"{"images":[{"url":null}]}"#,
            FailureKind::BadResponse,
        ),
        (
            200,
            r#"{"images":[{"url":"data:image/png;base64,*"}]}"#,
            FailureKind::BadResponse,
        ),
        (
            200,
            r#"{"images":[],"description":"I cannot. Sorry."}"#,
            FailureKind::EmptyOutput,
        ),
        (
            200,
            r#"{"detail":"Request timed out","error_type":"request_timeout"}"#,
            FailureKind::Timeout,
        ),
        (
            422,
            r#"{"detail":[{"loc":["body","prompt"],"msg":"Flagged","type":"content_policy_violation"}]}"#,
            FailureKind::ContentFiltered,
        ),
    ] {
        testing::reply(Reply::new(status, "application/json", body));
        assert_eq!(draw(1).expect_err(body).kind, kind, "{status} {body}");
    }
    testing::reply(Reply::json(200, "{\"images\":[{\"url\":").cut());
    assert_eq!(draw(1).expect_err("cut").kind, FailureKind::BadResponse);
}

#[test]
fn a_picture_that_cannot_be_fetched_is_not_made_again() {
    testing::reply(Reply::json(
        200,
        r#"{"images":[{"url":"https://v3.fal.media/a.png"}]}"#,
    ));
    testing::reply(Reply::new(503, "text/plain", "later"));
    let failure = draw(1).expect_err("no picture");
    assert_eq!(failure.kind, FailureKind::BadResponse);
    assert!(
        failure.message.starts_with("the picture was made"),
        "{}",
        failure.message
    );
}

proptest! {
    #[test]
    fn any_answer_is_read(answer in any_json(), cuts in prop::collection::vec(1_usize..40, 0..6), cut in any::<bool>()) {
        let chunks = in_pieces(answer.to_string().as_bytes(), &cuts);
        testing::reply(Reply { chunks, cut, ..Reply::json(200, "") });
        let _ = draw(1);
        testing::reply(Reply::json(200, json!({"images": [answer]}).to_string()));
        let _ = draw(1);
        testing::sent();
    }
}
