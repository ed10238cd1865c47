use super::*;
use chela_sdk::testing::{self, Reply, SentBody};
use chela_sdk::video::Reference;
use chela_sdk::{AspectRatio, Blob};
use proptest::prelude::*;
use serde_json::json;

fn request() -> Request {
    Request {
        model: "sora-2".into(),
        prompt: "a lake".into(),
        size: Some(Dimensions {
            width: 1280,
            height: 720,
        }),
        duration: Some(8.0),
        ..Request::default()
    }
}

fn job(status: &str) -> Value {
    json!({
        "id": "video_1", "object": "video", "model": "sora-2-2025-12-08", "status": status, "progress": 33, "created_at": 1,
        "completed_at": null, "expires_at": 1_765_000_000, "size": "1280x720", "seconds": "8", "remixed_from_video_id": null,
        "error": null,
    })
}

fn answers(status: u16, value: &Value) -> Reply {
    Reply::json(status, value.to_string())
}

#[test]
fn a_job_is_handed_in_as_json() {
    testing::reply(
        answers(200, &job("queued"))
            .header("x-request-id", "req_1")
            .header("openai-poll-after-ms", "1500"),
    );
    let handed_in = submit(&Request {
        aspect_ratio: Some(AspectRatio {
            width: 16,
            height: 9,
        }),
        watermark: Some(false),
        ..request()
    })
    .expect("a job");
    assert_eq!(handed_in.token, "video_1");
    assert_eq!(handed_in.poll_after_ms, Some(1500));
    assert_eq!(handed_in.request_id.as_deref(), Some("req_1"));
    assert_eq!(handed_in.ignored, ["aspect-ratio", "watermark"]);
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/videos");
    assert_eq!(
        sent[0].json(),
        json!({"model": "sora-2", "prompt": "a lake", "size": "1280x720", "seconds": "8"})
    );
}

#[test]
fn a_first_frame_makes_it_a_form() {
    testing::reply(answers(200, &job("queued")));
    let picture = |role| Reference {
        role,
        media: Blob::new("image/png", b"png"),
    };
    submit(&Request {
        references: vec![picture(ReferenceRole::FirstFrame)],
        ..request()
    })
    .expect("a job");
    let SentBody::Form(form) = &testing::sent()[0].body else {
        panic!("it is a form")
    };
    let names: Vec<&str> = form.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["model", "prompt", "seconds", "size", REFERENCE]);
    for references in [
        vec![picture(ReferenceRole::SourceVideo)],
        vec![
            picture(ReferenceRole::FirstFrame),
            picture(ReferenceRole::LastFrame),
        ],
    ] {
        let refused = submit(&Request {
            references,
            ..request()
        });
        assert_eq!(
            refused.expect_err("it cannot").kind,
            FailureKind::Unsupported
        );
    }
    assert!(testing::sent().is_empty());
}

#[test]
fn a_job_goes_from_state_to_state() {
    testing::reply(answers(200, &job("queued")).header("openai-poll-after-ms", "nonsense"));
    let State::Queued(progress) = poll("video_1").expect("an answer") else {
        panic!("it is queued")
    };
    assert_eq!(
        (progress.fraction, progress.poll_after_ms),
        (Some(0.33), None)
    );
    testing::reply(answers(200, &job("in_progress")).header("openai-poll-after-ms", "250"));
    let State::Running(progress) = poll("video_1").expect("an answer") else {
        panic!("it is running")
    };
    assert_eq!(progress.poll_after_ms, Some(250));
    testing::reply(answers(200, &job("completed")));
    testing::reply(Reply::new(200, "video/mp4", "film"));
    let State::Done(done) = poll("video_1").expect("an answer") else {
        panic!("it is done")
    };
    let clip = &done.clips[0];
    assert_eq!(clip.media.read_all(9).expect("bytes"), b"film");
    assert_eq!(
        (
            clip.duration,
            clip.size.map(|size| (size.width, size.height))
        ),
        (Some(8.0), Some((1280, 720)))
    );
    assert_eq!(done.model.as_deref(), Some("sora-2-2025-12-08"));
    let paths: Vec<String> = testing::sent().into_iter().map(|sent| sent.path).collect();
    assert_eq!(
        paths,
        [
            "/videos/video_1",
            "/videos/video_1",
            "/videos/video_1",
            "/videos/video_1/content"
        ]
    );
}

#[test]
fn why_a_job_failed_is_told() {
    for (error, kind, words) in [
        (
            json!({"code": "moderation_blocked", "message": "Your request was blocked by our moderation system."}),
            FailureKind::ContentFiltered,
            "blocked",
        ),
        (
            json!({"code": "internal_error", "message": "It broke."}),
            FailureKind::Unavailable,
            "it broke",
        ),
        (json!(null), FailureKind::Unavailable, "does not say why"),
        (json!("odd"), FailureKind::Unavailable, "does not say why"),
        (json!({}), FailureKind::Unavailable, "does not say why"),
    ] {
        let mut value = job("failed");
        value["error"] = error.clone();
        testing::reply(answers(200, &value));
        let State::Failed(failure) = poll("video_1").expect("an answer") else {
            panic!("it failed")
        };
        assert_eq!(failure.kind, kind, "{error}");
        assert!(failure.message.contains(words), "{}", failure.message);
        assert_eq!(failure.status, None);
    }
}

#[test]
fn an_answer_that_says_nothing_of_the_job_is_the_questions_failure() {
    for (reply, kind) in [
        (answers(200, &json!({})), FailureKind::BadResponse),
        (
            answers(200, &json!({"status": 7})),
            FailureKind::BadResponse,
        ),
        (answers(200, &job("resting")), FailureKind::BadResponse),
        (
            Reply::new(200, "text/html", "<html>"),
            FailureKind::BadResponse,
        ),
        (
            answers(404, &json!({"error": {"message": "not found"}})),
            FailureKind::NotFound,
        ),
        (
            answers(
                200,
                &json!({"error": {"message": "no", "code": "insufficient_quota"}}),
            ),
            FailureKind::Quota,
        ),
        (Reply::json(503, ""), FailureKind::Unavailable),
    ] {
        testing::reply(reply);
        assert_eq!(poll("video_1").expect_err("no state").kind, kind);
    }
}

#[test]
fn content_that_is_no_film_is_told_apart() {
    for (reply, kind) in [
        (
            answers(404, &json!({"error": {"message": "gone"}})),
            FailureKind::NotFound,
        ),
        (
            Reply::new(200, "text/html; charset=utf-8", "<html>"),
            FailureKind::BadResponse,
        ),
        (Reply::json(200, "{}"), FailureKind::BadResponse),
        (
            Reply::new(200, "video/mp4", "half").cut(),
            FailureKind::BadResponse,
        ),
    ] {
        testing::reply(answers(200, &job("completed")));
        testing::reply(reply);
        assert_eq!(poll("video_1").expect_err("no film").kind, kind);
    }
}

#[test]
fn an_id_that_is_none_leads_nowhere() {
    for id in ["", "..", "a/b", "a?b", "a b", "ü", &"a".repeat(257)] {
        assert!(!job::is_id(id), "{id}");
        assert!(poll(id).is_err());
        let mut answer = job("queued");
        answer["id"] = json!(id);
        testing::reply(answers(200, &answer));
        assert_eq!(
            submit(&request()).expect_err("no job").kind,
            FailureKind::BadResponse
        );
    }
    testing::sent();
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..300) {
        let whole = job("in_progress").to_string().into_bytes();
        let cut = &whole[..at.min(whole.len())];
        for bytes in [&body[..], cut, &[cut, &body[..]].concat()] {
            testing::reply(Reply::json(200, bytes));
            let _ = poll("video_1");
            testing::reply(Reply::json(200, bytes));
            let _ = submit(&request());
        }
        testing::sent();
    }
}
