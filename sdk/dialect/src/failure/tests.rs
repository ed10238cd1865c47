use chela_sdk::FailureKind as Kind;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NAMES: &[&str] = &[
    "code",
    "detail",
    "embedding",
    "error",
    "message",
    "metadata",
    "msg",
    "raw",
    "status",
    "type",
];
const WORDS: &[&str] = &["error", "429", "invalid_api_key"];

fn answer(status: u16) -> Envelope {
    Envelope {
        status,
        retry_after_ms: None,
        request_id: Some("req_7".into()),
    }
}

fn refused(status: u16, body: &Value) -> Failure {
    answer(status).refusal(&body.to_string())
}

#[test]
fn the_words_decide_before_the_status() {
    let error = |code: &str| json!({"error": {"message": "No.", "type": "invalid_request_error", "param": null, "code": code}});
    for (status, code, kind) in [
        (401, "invalid_api_key", Kind::Auth),
        (400, "invalid_api_key", Kind::Auth),
        (429, "insufficient_quota", Kind::Quota),
        (429, "billing_hard_limit_reached", Kind::Quota),
        (400, "billing_hard_limit_reached", Kind::Quota),
        (429, "rate_limit_exceeded", Kind::RateLimited),
        (400, "content_policy_violation", Kind::ContentFiltered),
        (400, "moderation_blocked", Kind::ContentFiltered),
        (400, "context_length_exceeded", Kind::InvalidRequest),
        (404, "model_not_found", Kind::NotFound),
        (400, "model_not_found", Kind::NotFound),
        (
            403,
            "unsupported_country_region_territory",
            Kind::Permission,
        ),
        (500, "server_error", Kind::Unavailable),
        (200, "invalid_api_key", Kind::Auth),
        (200, "server_error", Kind::Unavailable),
        (200, "rate_limit_exceeded", Kind::RateLimited),
        (200, "nothing_known", Kind::InvalidRequest),
    ] {
        let failure = refused(status, &error(code));
        assert_eq!(failure.kind, kind, "{status} {code}");
        assert_eq!(failure.code.as_deref(), Some(code));
        assert_eq!(failure.status, Some(status));
        assert_eq!(failure.message, "no");
        assert_eq!(failure.request_id.as_deref(), Some("req_7"));
    }
}

#[test]
fn the_status_decides_where_no_word_does() {
    for (status, kind) in [
        (400, Kind::InvalidRequest),
        (401, Kind::Auth),
        (402, Kind::Quota),
        (403, Kind::Permission),
        (404, Kind::NotFound),
        (408, Kind::Timeout),
        (413, Kind::InvalidRequest),
        (418, Kind::InvalidRequest),
        (422, Kind::InvalidRequest),
        (429, Kind::RateLimited),
        (498, Kind::Unavailable),
        (500, Kind::Unavailable),
        (503, Kind::Unavailable),
        (529, Kind::Unavailable),
        (304, Kind::BadResponse),
        (200, Kind::BadResponse),
    ] {
        for body in [
            "",
            "Oh dear",
            "<html><h1>Oh dear</h1></html>",
            "{\"error\":{\"message\":\"Oh dear\"}}",
            "[]",
            "{}",
        ] {
            let failure = answer(status).refusal(body);
            assert_eq!(failure.kind, kind, "{status} {body}");
            assert!(!failure.message.is_empty(), "{status} {body}");
            assert!(!failure.message.contains("html"), "{}", failure.message);
        }
    }
}

#[test]
fn every_shape_of_error_says_its_message() {
    for (body, message, code) in [
        (
            json!({"error": {"message": "Bad thing. More.", "code": 429}}),
            "bad thing",
            Some("429"),
        ),
        (
            json!({"error": "Bad thing", "code": "invalid-argument"}),
            "bad thing",
            Some("invalid-argument"),
        ),
        (json!({"detail": "Bad thing"}), "bad thing", None),
        (
            json!({"message": "Bad thing", "object": "error", "type": "invalid_thing", "code": 1500}),
            "bad thing",
            Some("1500"),
        ),
        (
            json!({"detail": [{"type": "missing", "loc": ["body", "messages", 0], "msg": "Field required", "input": {}}]}),
            "body.messages.0: Field required",
            None,
        ),
        (
            json!({"object": "error", "message": {"detail": [{"loc": ["body", "model"], "msg": "bad thing"}]}}),
            "body.model: bad thing",
            None,
        ),
        (
            json!([{"error": {"code": 400, "message": "Bad thing.", "status": "INVALID_ARGUMENT"}}]),
            "bad thing",
            Some("400"),
        ),
        (
            json!({"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "Bad thing upstream. Retry."}}}),
            "bad thing upstream",
            Some("400"),
        ),
        (
            json!({"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "{\"x\":1}"}}}),
            "provider returned error",
            Some("400"),
        ),
        (json!("Bad thing"), "bad thing", None),
    ] {
        let failure = refused(400, &body);
        assert_eq!(failure.message, message, "{body}");
        assert_eq!(failure.code.as_deref(), code, "{body}");
    }
}

#[test]
fn waits_come_from_headers_then_from_the_message() {
    let body = json!({"error": {"message": "Slow down. Please try again in 20s.", "type": "tokens", "code": "rate_limit_exceeded"}});
    assert_eq!(refused(429, &body).retry_after_ms, Some(20_000));
    let told = Envelope {
        retry_after_ms: Some(3000),
        ..answer(429)
    };
    assert_eq!(told.refusal(&body.to_string()).retry_after_ms, Some(3000));
    assert_eq!(told.refusal("slow").retry_after_ms, Some(3000));
    let spent = json!({"error": {"message": "Try again in 20s.", "code": "insufficient_quota"}});
    assert_eq!(refused(429, &spent).retry_after_ms, None);
}

#[test]
fn money_is_told_from_speed_by_what_is_said() {
    let spent = json!({"error": {"message": "Your credit balance is too low."}});
    assert_eq!(refused(429, &spent).kind, Kind::Quota);
    let fast = json!({"error": {"message": "You exceeded your current quota, check billing. Please retry in 48.9s.", "code": 429}});
    assert_eq!(refused(429, &fast).kind, Kind::RateLimited);
}

#[test]
fn a_status_inside_the_answer_counts() {
    let failure = refused(200, &json!({"error": {"message": "Slow", "code": 429}}));
    assert_eq!(
        (failure.kind, failure.status),
        (Kind::RateLimited, Some(200))
    );
}

#[test]
fn a_wrong_key_behind_400_is_a_wrong_key() {
    let failure = refused(
        400,
        &json!({"code": "invalid-argument", "error": "Incorrect API key provided. Get one."}),
    );
    assert_eq!(failure.kind, Kind::Auth);
}

#[test]
fn errors_are_found_in_answers_that_began_well() {
    assert!(error_in(&json!({"error": {"message": "x"}})).is_some());
    assert!(error_in(&json!({"error": "x"})).is_some());
    assert!(error_in(&json!([{"error": {"message": "x"}}])).is_some());
    assert!(error_in(&json!({"object": "error", "message": "x"})).is_some());
    for fine in [
        json!({"error": null, "choices": []}),
        json!({"error": {}}),
        json!({"choices": []}),
        json!([]),
        json!(1),
    ] {
        assert!(error_in(&fine).is_none(), "{fine}");
    }
}

#[test]
fn the_whole_body_is_never_repeated() {
    let failure = answer(500).refusal(&"word ".repeat(10_000));
    assert!(failure.message.chars().count() < 310);
}

proptest! {
    #[test]
    fn any_body_gives_one_clean_sentence(status in 100u16..600, body in ".*") {
        let failure = answer(status).refusal(&body);
        prop_assert!(!failure.message.is_empty());
        prop_assert!(!failure.message.chars().any(char::is_control));
    }

    #[test]
    fn any_json_gives_one_clean_sentence(status in 100u16..600, value in crate::testing::any_json(NAMES, WORDS)) {
        let failure = answer(status).json_failure(&value);
        prop_assert!(!failure.message.is_empty());
        prop_assert!(!failure.message.chars().any(char::is_control));
        let _ = error_in(&value);
    }
}
