use chela_sdk::testing::{self, Reply};
use chela_sdk::{AspectRatio, Blob, NamedValue};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const NAME: &str = "models/veo-3.1-fast-generate-preview/operations/a1-b";

fn request() -> Request {
    Request {
        model: "veo-3.1-fast-generate-preview".into(),
        prompt: "a crab".into(),
        ..Request::default()
    }
}

fn done(response: &Value) -> Reply {
    Reply::json(
        200,
        json!({"name": NAME, "done": true, "response": response}).to_string(),
    )
}

fn made(uri: &str) -> Value {
    json!({"generateVideoResponse": {"generatedSamples": [{"video": {"uri": uri}}]}})
}

fn failure(state: Result<State>) -> Failure {
    match state.expect("an answer") {
        State::Failed(failure) => failure,
        _ => panic!("it did not fail"),
    }
}

#[test]
fn every_option_has_its_field() {
    testing::set("pollAfterMs", 10_000);
    testing::reply(Reply::json(200, json!({"name": NAME}).to_string()));
    let reference = |role, kind: &str| Reference {
        role,
        media: Blob::new(kind, b"hi!"),
    };
    let asked = Request {
        references: vec![
            reference(ReferenceRole::FirstFrame, "image/png"),
            reference(ReferenceRole::LastFrame, "image/jpeg"),
            reference(ReferenceRole::Reference, "image/png"),
            reference(ReferenceRole::Reference, "image/webp"),
            reference(ReferenceRole::SourceVideo, "video/mp4"),
        ],
        aspect_ratio: Some(AspectRatio {
            width: 9,
            height: 16,
        }),
        resolution: Some("1080P".into()),
        duration: Some(8.0),
        audio: Some(true),
        watermark: Some(false),
        seed: Some(7),
        extra: vec![NamedValue {
            name: "negativePrompt".into(),
            value: "\"rain\"".into(),
        }],
        ..request()
    };
    let job = submit(&asked).expect("a job");
    assert_eq!(job.token, NAME);
    assert_eq!(job.ignored, ["audio", "watermark"]);
    assert_eq!(job.poll_after_ms, Some(10_000));
    let sent = testing::sent();
    assert_eq!(
        sent[0].path,
        "/models/veo-3.1-fast-generate-preview:predictLongRunning"
    );
    let picture = |kind: &str| json!({"bytesBase64Encoded": "aGkh", "mimeType": kind});
    assert_eq!(
        sent[0].json(),
        json!({"instances": [{"prompt": "a crab", "image": picture("image/png"), "lastFrame": picture("image/jpeg"),
                "referenceImages": [{"image": picture("image/png"), "referenceType": "asset"},
                    {"image": picture("image/webp"), "referenceType": "asset"}],
                "video": {"encodedVideo": "aGkh", "encoding": "video/mp4"}}],
            "parameters": {"aspectRatio": "9:16", "resolution": "1080p", "durationSeconds": 8, "seed": 7, "negativePrompt": "rain"}})
    );
}

#[test]
fn two_first_pictures_are_one_too_many() {
    let first = || Reference {
        role: ReferenceRole::FirstFrame,
        media: Blob::new("image/png", b"hi!"),
    };
    let asked = Request {
        references: vec![first(), first()],
        ..request()
    };
    let failure = submit(&asked).expect_err("two");
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

#[test]
fn a_film_is_waited_for_and_then_fetched_from_the_server_that_was_asked() {
    let running = json!({"name": NAME, "metadata": {"progressPercent": 40}});
    testing::reply(Reply::json(200, running.to_string()));
    let State::Running(progress) = poll(NAME).expect("an answer") else {
        panic!("it is done")
    };
    assert_eq!(
        (progress.fraction, progress.poll_after_ms),
        (Some(0.4), None)
    );
    // Wherever the address leads: the key goes to nobody else.
    for host in ["generativelanguage.googleapis.com", "evil.example"] {
        testing::sent();
        testing::reply(done(&made(&format!(
            "https://{host}/v1beta/files/f-1:download?alt=media"
        ))));
        testing::reply(Reply::new(200, "video/mp4", "film"));
        let State::Done(response) = poll(NAME).expect("an answer") else {
            panic!("it is not done")
        };
        let film = response.clips[0].media.read_all(9).expect("bytes");
        assert_eq!(film, b"film");
        assert_eq!(
            response.model.as_deref(),
            Some("veo-3.1-fast-generate-preview")
        );
        let sent = testing::sent();
        assert_eq!(sent[0].path, format!("/{NAME}"));
        assert_eq!(
            (sent[1].endpoint.as_str(), sent[1].path.as_str()),
            ("download", "/files/f-1:download")
        );
        assert_eq!(sent[1].query, [("alt".to_owned(), "media".to_owned())]);
    }
    testing::replace_endpoint("api");
    testing::reply(done(&made("https://a.example/v1beta/files/f-1:download")));
    testing::reply(Reply::new(200, "video/mp4", "film"));
    assert!(matches!(poll(NAME), Ok(State::Done(_))));
    assert_eq!(testing::sent()[1].endpoint, "api");
}

#[test]
fn a_film_that_was_not_made_says_why() {
    for (code, message, kind) in [
        (3, "The image is too small.", FailureKind::InvalidRequest),
        (
            3,
            "The prompt could not be submitted. It contains words that violate Google's Responsible AI practices.",
            FailureKind::ContentFiltered,
        ),
        (8, "Out of capacity.", FailureKind::RateLimited),
        (13, "", FailureKind::Unavailable),
        (16, "No.", FailureKind::Auth),
    ] {
        let body = json!({"name": NAME, "done": true, "error": {"code": code, "message": message}});
        testing::reply(Reply::json(200, body.to_string()));
        let failure = failure(poll(NAME));
        assert_eq!(failure.kind, kind, "{message}");
        assert_eq!(failure.code.as_deref(), Some(code.to_string().as_str()));
        assert!(!failure.message.is_empty());
    }
    let filtered = json!({"generateVideoResponse": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["We encountered an issue with the audio."]}});
    testing::reply(done(&filtered));
    let told = failure(poll(NAME));
    assert_eq!(told.kind, FailureKind::ContentFiltered);
    assert!(
        told.message.contains("issue with the audio"),
        "{}",
        told.message
    );
    assert_eq!(told.extra.len(), 2);
    for nothing in [
        json!({}),
        json!({"generateVideoResponse": {"generatedSamples": []}}),
    ] {
        testing::reply(done(&nothing));
        assert_eq!(failure(poll(NAME)).kind, FailureKind::EmptyOutput);
    }
}

#[test]
fn what_is_no_answer_is_told_apart() {
    crate::tests::tells_apart(&|| submit(&request()).map(drop));
    crate::tests::tells_apart(&|| poll(NAME).map(drop));
    for uri in [
        "",
        "https://a.example/x.mp4",
        "https://a.example/files/../x",
    ] {
        testing::reply(done(&made(uri)));
        let failure = poll(NAME).expect_err("nowhere");
        assert_eq!(failure.kind, FailureKind::BadResponse, "{uri}");
    }
    for (reply, kind) in [
        (
            Reply::new(200, "text/html", "<html>"),
            FailureKind::BadResponse,
        ),
        (
            Reply::json(
                403,
                "{\"error\": {\"code\": 403, \"message\": \"No.\", \"status\": \"PERMISSION_DENIED\"}}",
            ),
            FailureKind::Permission,
        ),
        (
            Reply::new(200, "video/mp4", "fi").cut(),
            FailureKind::BadResponse,
        ),
    ] {
        testing::reply(done(&made("https://a.example/v1beta/files/f:download")));
        testing::reply(reply);
        assert_eq!(poll(NAME).expect_err("no film").kind, kind);
    }
    testing::sent();
    for token in [
        "",
        "x",
        "models/a/operations/",
        "models/../operations/a",
        "models/a/operations/a/b",
        "models/a/operations/a?b",
    ] {
        let failure = poll(token).expect_err(token);
        assert_eq!(failure.kind, FailureKind::InvalidRequest, "{token}");
    }
    assert!(testing::sent().is_empty());
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json()) {
        testing::reply(Reply::json(200, value.to_string()));
        let _ = submit(&request());
        let named = |field: &str| {
            let mut body = json!({"name": NAME, "done": true});
            body[field] = value.clone();
            body
        };
        let samples = json!({"name": NAME, "done": true, "response": {"generateVideoResponse": {"generatedSamples": [value.clone()],
            "raiMediaFilteredReasons": [value.clone()]}}});
        for body in [value.clone(), named("response"), named("error"), named("metadata"), named("done"), samples] {
            testing::reply(Reply::json(200, body.to_string()));
            let _ = poll(NAME);
        }
    }

    #[test]
    fn any_token_is_asked_after_or_refused(token in ".{0,40}") {
        let _ = poll(&token);
        let _ = poll(&format!("models/{token}/operations/a"));
    }
}
