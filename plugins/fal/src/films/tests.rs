use chela_dialect::testing::{in_pieces, shuffled};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::tests::{any_json, manifest};

const ID: &str = "80e732af-660e-45cd-bd63-580e4f2a94cc";
const TOKEN: &str = "fal-ai/minimax/requests/80e732af-660e-45cd-bd63-580e4f2a94cc";
const MODEL: &str = "fal-ai/minimax/video-01-live";

fn stands(status: u16, body: &Value) -> Result<State> {
    testing::reply(Reply::json(status, body.to_string()));
    poll(TOKEN)
}

fn done_with(reply: Reply) -> Result<State> {
    testing::reply(Reply::json(
        200,
        json!({"status": "COMPLETED", "metrics": {"inference_time": 3.5}}).to_string(),
    ));
    testing::reply(reply);
    poll(TOKEN)
}

#[test]
fn a_job_is_handed_in() {
    testing::set("films", manifest("films"));
    testing::set("pollAfterMs", 2000);
    let answer = json!({"status": "IN_QUEUE", "request_id": ID, "queue_position": 3,
        "response_url": format!("https://queue.fal.run/{TOKEN}"),
        "status_url": format!("https://queue.fal.run/{TOKEN}/status"), "cancel_url": null});
    testing::reply(Reply::json(200, answer.to_string()));
    let job = submit(&request::tests::request(MODEL)).expect("a job");
    assert_eq!(job.token, TOKEN);
    assert_eq!(job.poll_after_ms, Some(2000));
    assert_eq!(job.request_id.as_deref(), Some(ID));
    let sent = testing::sent().remove(0);
    assert_eq!(
        (sent.endpoint.as_str(), sent.path.clone()),
        ("queue", format!("/{MODEL}"))
    );
    assert_eq!(sent.json(), json!({"prompt": "a lobster walks"}));
}

#[test]
fn a_server_of_the_operators_is_asked_for_everything() {
    testing::replace_endpoint("api");
    testing::reply(Reply::json(200, json!({"request_id": ID}).to_string()));
    submit(&request::tests::request(MODEL)).expect("a job");
    let _ = poll(TOKEN);
    assert!(testing::sent().iter().all(|sent| sent.endpoint == "api"));
}

#[test]
fn the_path_of_a_job_is_the_apps_and_the_server_may_only_say_how_long_it_is() {
    let model = "/fal-ai/kling-video/v3/pro/text-to-video";
    for (told, app) in [
        (None, "fal-ai/kling-video"),
        (
            Some("https://queue.fal.run/fal-ai/kling-video/requests/1"),
            "fal-ai/kling-video",
        ),
        (
            Some("http://127.0.0.1:9/proxy/fal-ai/kling-video/requests/1?x"),
            "fal-ai/kling-video",
        ),
        (
            Some("https://queue.fal.run/fal-ai/kling-video/v3/pro/requests/1"),
            "fal-ai/kling-video/v3/pro",
        ),
        (
            Some("https://queue.fal.run/evil/app/requests/1"),
            "fal-ai/kling-video",
        ),
        (
            Some("https://queue.fal.run/xfal-ai/kling-video/requests/1"),
            "fal-ai/kling-video",
        ),
        (
            Some("https://queue.fal.run/fal-ai/kling-video/requests/2"),
            "fal-ai/kling-video",
        ),
        (
            Some("https://queue.fal.run/fal-ai/requests/1"),
            "fal-ai/kling-video",
        ),
        (Some("nonsense"), "fal-ai/kling-video"),
    ] {
        assert_eq!(
            token(model, "1", told),
            format!("{app}/requests/1"),
            "{told:?}"
        );
    }
}

#[test]
fn a_job_stands_where_the_server_says() {
    testing::set("pollAfterMs", 9);
    let State::Queued(progress) =
        stands(202, &json!({"status": "IN_QUEUE", "queue_position": "2"})).expect("a state")
    else {
        panic!("not queued")
    };
    assert_eq!(
        (progress.queue_position, progress.poll_after_ms),
        (Some(2), Some(9))
    );
    let running = stands(202, &json!({"status": "IN_PROGRESS", "logs": null})).expect("a state");
    assert!(
        matches!(
            running,
            State::Running(Progress {
                queue_position: None,
                ..
            })
        ),
        "{running:?}"
    );
    let sent = testing::sent().remove(0);
    assert_eq!(
        (sent.method, sent.path),
        (Method::Get, format!("/{TOKEN}/status"))
    );
    for (status, kind) in [
        ("FAILED", FailureKind::Unavailable),
        ("CANCELLED", FailureKind::Cancelled),
    ] {
        let state = stands(200, &json!({"status": status, "error": "it broke"})).expect("a state");
        let State::Failed(failure) = state else {
            panic!("{status}: {state:?}")
        };
        assert_eq!(failure.kind, kind);
    }
}

#[test]
fn the_film_of_a_job_that_is_done_is_fetched() {
    let answer = json!({"video": {"url": "https://v3.fal.media/files/a.mp4", "content_type": "video/mp4", "file_name": "a.mp4",
        "file_size": 9, "width": 1280, "height": 720, "duration": 5.6, "fps": 24}, "seed": 7, "timings": {"inference": 3}});
    testing::reply(Reply::json(
        200,
        json!({"status": "COMPLETED", "metrics": {"inference_time": 3.5}}).to_string(),
    ));
    testing::reply(Reply::json(200, answer.to_string()).header("x-fal-request-id", ID));
    testing::reply(Reply::new(200, "video/mp4", "film"));
    let State::Done(response) = poll(TOKEN).expect("a state") else {
        panic!("not done")
    };
    let clip = &response.clips[0];
    assert_eq!(clip.media.read_all(9).expect("memory can be read"), b"film");
    assert_eq!((clip.duration, clip.seed), (Some(5.6), Some(7)));
    assert_eq!(
        clip.size.map(|size| (size.width, size.height)),
        Some((1280, 720))
    );
    assert_eq!(response.request_id.as_deref(), Some(ID));
    let said: Vec<&str> = response.extra.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(said, ["timings", "metrics"]);
    let sent = testing::sent();
    assert_eq!(sent[1].path, format!("/{TOKEN}"));
    assert_eq!(sent[2].path, "https://v3.fal.media/files/a.mp4");
}

#[test]
fn a_job_that_failed_is_told_from_a_question_that_did() {
    use FailureKind as Kind;
    let flagged = r#"{"detail":[{"loc":["body","prompt"],"msg":"Flagged.","type":"content_policy_violation"}]}"#;
    for (reply, kind) in [
        (Reply::json(422, flagged), Kind::ContentFiltered),
        (Reply::json(200, flagged), Kind::ContentFiltered),
        (
            Reply::json(200, r#"{"detail":"Nothing known"}"#),
            Kind::Unavailable,
        ),
    ] {
        let shown = format!("{reply:?}");
        let State::Failed(failure) = done_with(reply).expect(&shown) else {
            panic!("{shown} did not fail")
        };
        assert_eq!((failure.kind, failure.status), (kind, None), "{shown}");
    }
    for (reply, kind) in [
        // What is no word of the model's says nothing of the job.
        (Reply::json(422, r#"{"detail":"No"}"#), Kind::InvalidRequest),
        (Reply::new(413, "text/html", "<html>"), Kind::InvalidRequest),
        (
            Reply::json(
                503,
                r#"{"detail":"Gone","error_type":"runner_disconnected"}"#,
            ),
            Kind::Unavailable,
        ),
        // It was made: where the film is may be told otherwise than here is known.
        (Reply::json(200, r#"{"video":null}"#), Kind::BadResponse),
        (
            Reply::json(200, r#"{"output":{"url":"x"}}"#),
            Kind::BadResponse,
        ),
        (Reply::json(200, "{}"), Kind::BadResponse),
        (Reply::json(200, r#"{"videos":[]}"#), Kind::BadResponse),
        (Reply::json(200, r#"{"detail":null}"#), Kind::BadResponse),
        (Reply::json(401, r#"{"detail":"No"}"#), Kind::Auth),
        (Reply::json(404, r#"{"detail":"No"}"#), Kind::NotFound),
        (Reply::json(429, r#"{"detail":"No"}"#), Kind::RateLimited),
        (Reply::new(502, "text/html", "<html>"), Kind::Unavailable),
        (Reply::new(200, "text/html", "<html>"), Kind::BadResponse),
        (Reply::json(200, "{\"video\":").cut(), Kind::BadResponse),
    ] {
        let shown = format!("{reply:?}");
        assert_eq!(done_with(reply).expect_err(&shown).kind, kind, "{shown}");
    }
    // The queue says itself that it was the job.
    testing::reply(Reply::json(
        200,
        r#"{"status":"COMPLETED","error":"Oops","error_type":"runner_server_error"}"#,
    ));
    testing::reply(Reply::new(500, "text/plain", "Internal Server Error"));
    assert!(matches!(poll(TOKEN), Ok(State::Failed(_))));
}

#[test]
fn a_question_that_fails_says_so() {
    for (reply, kind) in [
        (
            Reply::json(404, r#"{"detail":"Request not found"}"#),
            FailureKind::NotFound,
        ),
        (
            Reply::new(502, "text/html", "<html>"),
            FailureKind::Unavailable,
        ),
        (Reply::json(200, ""), FailureKind::BadResponse),
        (Reply::json(200, "{}"), FailureKind::BadResponse),
        (
            Reply::json(200, r#"{"status":null}"#),
            FailureKind::BadResponse,
        ),
        (
            Reply::json(200, r#"{"status":"DREAMING"}"#),
            FailureKind::BadResponse,
        ),
    ] {
        let shown = format!("{reply:?}");
        testing::reply(reply);
        assert_eq!(poll(TOKEN).expect_err(&shown).kind, kind, "{shown}");
    }
}

#[test]
fn a_token_is_no_other_path() {
    for token in [
        "",
        "a/b",
        "a/requests/1",
        "a/b/c/1",
        "a/../requests/1",
        "/a/b/requests/1",
        "a/b/requests/1?x",
    ] {
        // Nothing is queued: what were sent would be unavailable.
        for failure in [
            poll(token).expect_err(token),
            cancel(token).expect_err(token),
        ] {
            assert_eq!(failure.kind, FailureKind::InvalidRequest, "{token}");
        }
    }
}

#[test]
fn a_job_is_dropped() {
    for (status, body) in [
        (202, r#"{"status":"CANCELLATION_REQUESTED"}"#),
        (400, r#"{"status":"ALREADY_COMPLETED"}"#),
        (404, r#"{"status":"NOT_FOUND"}"#),
    ] {
        testing::reply(Reply::json(status, body));
        cancel(TOKEN).expect(body);
    }
    let sent = testing::sent().remove(0);
    assert_eq!(
        (sent.method, sent.path),
        (Method::Put, format!("/{TOKEN}/cancel"))
    );
    for (status, body, kind) in [
        (400, r#"{"detail":"No"}"#, FailureKind::InvalidRequest),
        (503, "", FailureKind::Unavailable),
    ] {
        testing::reply(Reply::json(status, body));
        assert_eq!(cancel(TOKEN).expect_err(body).kind, kind);
    }
}

proptest! {
    #[test]
    fn any_answer_is_read(answer in any_json(), cuts in prop::collection::vec(1_usize..40, 0..6), cut in any::<bool>()) {
        let chunks = in_pieces(answer.to_string().as_bytes(), &cuts);
        let reply = Reply { chunks, cut, ..Reply::json(200, "") };
        testing::reply(reply.clone());
        let _ = poll(TOKEN);
        let _ = done_with(reply.clone());
        testing::reply(reply.clone());
        let _ = submit(&request::tests::request(MODEL));
        testing::reply(reply);
        let _ = cancel(TOKEN);
        testing::sent();
    }

    #[test]
    fn any_piece_of_an_answer_is_read(size in 1_usize..20, order in prop::collection::vec(0_usize..30, 0..40)) {
        let whole = json!({"video": {"url": "https://v3.fal.media/files/a.mp4", "width": 0, "height": -1}});
        let _ = done_with(Reply { chunks: shuffled(whole.to_string().as_bytes(), size, &order), ..Reply::json(200, "") });
        testing::sent();
    }

    #[test]
    fn a_token_is_always_a_path_of_the_queue(told in "(https://[a-z./]{0,30})?(/requests/1)?(\\?[a-z]*)?") {
        let token = token("/fal-ai/wan/v2.7/text-to-video", "1", Some(&told));
        prop_assert!(token.starts_with("fal-ai/wan") && path_of(&token).is_ok(), "{token}");
    }
}
