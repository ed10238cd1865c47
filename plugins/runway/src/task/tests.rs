use chela_dialect::testing::{in_pieces, shuffled};
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::request::tests::request as wanted;
use crate::rules::tests::of_manifest;

const ID: &str = "17f20503-6c24-4c16-946b-35dbbce2af2f";

/// Any JSON, of the names and words that matter somewhere among others.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    chela_dialect::testing::any_json(
        &[
            "code",
            "cost",
            "credits",
            "error",
            "estimatedCost",
            "failure",
            "failureCode",
            "id",
            "issues",
            "message",
            "output",
            "path",
            "progress",
            "status",
        ],
        &[
            "PENDING",
            "RUNNING",
            "SUCCEEDED",
            "FAILED",
            "CANCELLED",
            "SAFETY.INPUT.TEXT",
            "https://cdn.example/a.mp4",
            ID,
        ],
    )
}

fn task(status: &str, more: &Value) -> String {
    let mut task = json!({"id": ID, "status": status, "createdAt": "2024-06-27T19:49:32.334Z"});
    for (name, value) in more.as_object().expect("fields") {
        task[name] = value.clone();
    }
    task.to_string()
}

fn polled(status: &str, more: &Value) -> Result<State> {
    testing::reply(Reply::json(200, task(status, more)));
    poll(ID)
}

#[test]
fn a_task_is_started() {
    testing::set("rules", of_manifest());
    testing::set("pollAfterMs", 5000);
    testing::reply(
        Reply::json(
            200,
            json!({"id": ID, "estimatedCost": {"credits": 25}}).to_string(),
        )
        .header("x-request-id", "r-1"),
    );
    let job = submit(&wanted("gen4.5")).expect("a job");
    assert_eq!(job.token, ID);
    assert_eq!(job.poll_after_ms, Some(5000));
    assert_eq!(job.request_id.as_deref(), Some("r-1"));
    assert_eq!(job.extra[0].value, r#"{"credits":25}"#);
    let sent = testing::sent().remove(0);
    assert_eq!(sent.path, "/v1/text_to_video");
    assert!(
        sent.headers
            .contains(&("X-Runway-Version".into(), "2024-11-06".into()))
    );
    assert_eq!(sent.json()["ratio"], "1280:720");
}

#[test]
fn a_picture_goes_along_as_a_data_url() {
    use chela_sdk::video::{Reference, ReferenceRole};
    testing::reply(Reply::json(200, json!({"id": ID}).to_string()));
    let request = Request {
        references: vec![Reference {
            role: ReferenceRole::FirstFrame,
            media: testing::file("a.png", "image/png", b"bytes"),
        }],
        ..wanted("gen4.5")
    };
    submit(&request).expect("a job");
    let sent = testing::sent().remove(0).json();
    assert_eq!(
        sent["promptImage"][0]["uri"],
        "data:image/png;base64,Ynl0ZXM="
    );
}

#[test]
fn a_task_stands_where_the_server_says() {
    testing::set("pollAfterMs", 9);
    for status in ["PENDING", "THROTTLED"] {
        let state = polled(status, &json!({"estimatedCost": {"credits": 25}})).expect("a state");
        let State::Queued(progress) = state else {
            panic!("{status}: {state:?}")
        };
        assert_eq!(progress.poll_after_ms, Some(9));
        assert_eq!(progress.extra[0].name, "estimatedCost");
    }
    for (said, fraction) in [
        (json!(0.2), Some(0.2)),
        (json!("0.5"), Some(0.5)),
        (json!(7), Some(1.0)),
        (json!(null), None),
    ] {
        let state = polled("RUNNING", &json!({"progress": said})).expect("a state");
        let State::Running(progress) = state else {
            panic!("{state:?}")
        };
        assert_eq!(progress.fraction, fraction, "{said}");
    }
    let sent = testing::sent().remove(0);
    assert_eq!(
        (sent.method, sent.path),
        (Method::Get, format!("/v1/tasks/{ID}"))
    );
}

#[test]
fn films_of_a_task_that_is_done_are_fetched() {
    let output = json!([
        "https://cdn.example/a.mp4?_jwt=1",
        "https://cdn.example/b.mp4"
    ]);
    testing::reply(Reply::json(
        200,
        task(
            "SUCCEEDED",
            &json!({"output": output, "cost": {"credits": 25}}),
        ),
    ));
    testing::reply(Reply::new(200, "video/mp4", "first"));
    testing::reply(Reply::new(200, "binary/octet-stream", "second"));
    let State::Done(response) = poll(ID).expect("a state") else {
        panic!("not done")
    };
    let bytes = |clip: &Clip| clip.media.read_all(99).expect("memory can be read");
    let films: Vec<_> = response.clips.iter().map(bytes).collect();
    assert_eq!(films, [b"first".to_vec(), b"second".to_vec()]);
    assert_eq!(response.extra[0].value, r#"{"credits":25}"#);
    assert_eq!(testing::sent()[1].path, "https://cdn.example/a.mp4?_jwt=1");
}

#[test]
fn a_task_that_failed_says_why() {
    let told = json!({"failure": "The provided image was flagged by content moderation. Sorry.",
                      "failureCode": "SAFETY.INPUT.IMAGE", "cost": {"credits": 0}});
    let State::Failed(failure) = polled("FAILED", &told).expect("a state") else {
        panic!("not failed")
    };
    assert_eq!(failure.kind, FailureKind::ContentFiltered);
    assert_eq!(failure.code.as_deref(), Some("SAFETY.INPUT.IMAGE"));
    assert_eq!(
        failure.message,
        "the provided image was flagged by content moderation"
    );
    assert_eq!(failure.extra[0].value, r#"{"credits":0}"#);
    assert_eq!(failure.status, None, "the status is that of the question");
    for silent in [json!({}), json!({"failure": null, "failureCode": 7})] {
        let State::Failed(failure) = polled("FAILED", &silent).expect("a state") else {
            panic!("not failed")
        };
        assert_eq!(failure.kind, FailureKind::Unavailable);
    }
    let State::Failed(failure) = polled("CANCELLED", &json!({})).expect("a state") else {
        panic!("not failed")
    };
    assert_eq!(failure.kind, FailureKind::Cancelled);
}

#[test]
fn a_question_that_fails_is_no_job_that_failed() {
    for (reply, kind) in [
        (
            Reply::json(404, r#"{"error":"Not found"}"#),
            FailureKind::NotFound,
        ),
        (
            Reply::json(401, r#"{"error":"Unauthorized"}"#),
            FailureKind::Auth,
        ),
        (
            Reply::new(502, "text/html", "<html>"),
            FailureKind::Unavailable,
        ),
        (
            Reply::new(200, "text/html", "<html>"),
            FailureKind::BadResponse,
        ),
        (Reply::json(200, ""), FailureKind::BadResponse),
        (
            Reply::json(200, "{\"status\":\"RUNN").cut(),
            FailureKind::BadResponse,
        ),
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
        assert_eq!(poll(ID).expect_err(&shown).kind, kind, "{shown}");
    }
}

#[test]
fn a_film_that_is_not_found_in_the_answer_is_not_given_up() {
    for output in [json!([]), json!([null, 7]), json!([{}]), json!(null)] {
        let failure = polled("SUCCEEDED", &json!({"output": output})).expect_err("no state");
        assert_eq!(failure.kind, FailureKind::BadResponse, "{output}");
    }
}

#[test]
fn an_address_is_read_however_it_is_told() {
    for output in [
        json!("https://cdn.example/a"),
        json!([{"url": "https://cdn.example/a"}]),
        json!({"url": "https://cdn.example/a"}),
    ] {
        testing::reply(Reply::json(
            200,
            json!({"id": ID, "status": "SUCCEEDED", "output": output}).to_string(),
        ));
        testing::reply(Reply::new(200, "video/mp4", "film"));
        let State::Done(response) = poll(ID).expect("a state") else {
            panic!("{output}")
        };
        assert_eq!(response.clips.len(), 1, "{output}");
    }
}

#[test]
fn a_token_is_no_path() {
    for token in ["", "..", "a/b", "a?b=c", "a#b"] {
        // Nothing is queued: what were sent would be unavailable.
        for failure in [
            poll(token).expect_err(token),
            cancel(token).expect_err(token),
        ] {
            assert_eq!(failure.kind, FailureKind::InvalidRequest, "{token}");
        }
    }
    assert!(testing::sent().is_empty());
}

#[test]
fn a_task_is_stopped() {
    testing::reply(Reply::json(200, task("RUNNING", &json!({}))));
    testing::reply(Reply::new(204, "", ""));
    cancel(ID).expect("stopped");
    let sent = testing::sent().remove(1);
    assert_eq!(
        (sent.method, sent.path),
        (Method::Delete, format!("/v1/tasks/{ID}"))
    );
    // Gone between the two.
    testing::reply(Reply::json(200, task("PENDING", &json!({}))));
    testing::reply(Reply::json(404, r#"{"error":"Not found"}"#));
    cancel(ID).expect("gone");
    testing::reply(Reply::json(200, task("RUNNING", &json!({}))));
    testing::reply(Reply::new(503, "text/plain", "later"));
    assert_eq!(
        cancel(ID).expect_err("later").kind,
        FailureKind::Unavailable
    );
}

#[test]
fn a_film_that_is_done_is_never_deleted() {
    for status in ["SUCCEEDED", "FAILED", "CANCELLED", "NEW"] {
        testing::reply(Reply::json(200, task(status, &json!({}))));
        cancel(ID).expect(status);
    }
    testing::reply(Reply::json(404, r#"{"error":"Not found"}"#));
    cancel(ID).expect("gone");
    assert!(
        testing::sent()
            .iter()
            .all(|sent| sent.method == Method::Get)
    );
}

proptest! {
    #[test]
    fn any_answer_is_read(answer in any_json(), cuts in prop::collection::vec(1_usize..40, 0..6), cut in any::<bool>()) {
        let chunks = in_pieces(answer.to_string().as_bytes(), &cuts);
        let reply = Reply { chunks, cut, ..Reply::json(200, "") };
        testing::reply(reply.clone());
        let _ = poll(ID);
        testing::reply(reply.clone());
        let _ = submit(&wanted("gen4.5"));
        testing::reply(reply);
        let _ = cancel(ID);
        testing::sent();
    }

    #[test]
    fn any_piece_of_an_answer_is_read(size in 1_usize..20, order in prop::collection::vec(0_usize..30, 0..40)) {
        let whole = task("SUCCEEDED", &json!({"output": ["https://cdn.example/a.mp4"], "cost": {"credits": 25}}));
        testing::reply(Reply { chunks: shuffled(whole.as_bytes(), size, &order), ..Reply::json(200, "") });
        let _ = poll(ID);
        testing::sent();
    }

    #[test]
    fn any_rules_are_read(rules in any_json()) {
        testing::set("rules", rules);
        testing::reply(Reply::json(200, json!({"id": ID}).to_string()));
        let _ = submit(&wanted("gen4.5"));
        testing::sent();
    }
}
