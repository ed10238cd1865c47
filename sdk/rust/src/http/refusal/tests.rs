//! What servers say, in the shapes they say it in.

use super::{Refusal, error_in, excerpt};
use crate::{Failure, FailureKind};
use proptest::prelude::*;
use serde_json::json;

fn refusal(status: u16, content_type: &str, body: &str) -> Failure {
    Refusal {
        status,
        content_type: Some(content_type),
        body: body.as_bytes(),
    }
    .failure()
}

fn told(status: u16, body: &str) -> (FailureKind, String, Option<String>) {
    let failure = refusal(status, "application/json", body);
    assert_eq!(failure.status, Some(status));
    (failure.kind, failure.message, failure.code)
}

#[test]
fn a_status_alone_gives_the_kind() {
    use FailureKind::{
        Auth, BadResponse, InvalidRequest, NotFound, Permission, Quota, RateLimited, Timeout,
        Unavailable,
    };
    for (status, kind) in [
        (302, BadResponse),
        (400, InvalidRequest),
        (401, Auth),
        (402, Quota),
        (403, Permission),
        (404, NotFound),
        (405, InvalidRequest),
        (408, Timeout),
        (410, NotFound),
        (413, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
        (529, Unavailable),
    ] {
        assert_eq!(refusal(status, "text/plain", "").kind, kind, "{status}");
        assert_eq!(
            refusal(status, "text/plain", "").message,
            format!("the server answered {status}")
        );
    }
}

#[test]
fn codes_tell_apart_what_shares_a_status() {
    use FailureKind::{Auth, ContentFiltered, InvalidRequest, Quota, RateLimited};
    for (status, code, kind) in [
        (429, "insufficient_quota", Quota),
        (429, "rate_limit_exceeded", RateLimited),
        (429, "model_not_found", RateLimited),
        (400, "content_policy_violation", ContentFiltered),
        (400, "moderation_blocked", ContentFiltered),
        (400, "billing_hard_limit_reached", Quota),
        (400, "invalid_api_key", Auth),
        (400, "context_length_exceeded", InvalidRequest),
        (400, "server_error", InvalidRequest),
    ] {
        let body = json!({ "error": { "message": "no", "code": code } }).to_string();
        assert_eq!(told(status, &body).0, kind, "{status} {code}");
    }
}

#[test]
fn the_common_shapes_give_message_and_code() {
    for (body, message, code) in [
        (
            r#"{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            "Slow down",
            Some("rate_limit_exceeded"),
        ),
        (
            r#"{"error":{"message":"bad","type":"invalid_request_error","code":null}}"#,
            "bad",
            Some("invalid_request_error"),
        ),
        (
            r#"{"error":{"message":"wrong","type":"invalid_api_key","code":401}}"#,
            "wrong",
            Some("invalid_api_key"),
        ),
        (
            r#"{"error":{"code":429,"message":"Provider returned error"}}"#,
            "Provider returned error",
            Some("429"),
        ),
        (
            r#"{"error":{"code":404,"message":"no model","status":"NOT_FOUND"}}"#,
            "no model",
            Some("NOT_FOUND"),
        ),
        (
            r#"[{"error":{"code":400,"message":"in a list","status":"INVALID_ARGUMENT"}}]"#,
            "in a list",
            Some("INVALID_ARGUMENT"),
        ),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "Overloaded",
            Some("overloaded_error"),
        ),
        (
            r#"{"code":"invalid-argument","error":"Wrong words"}"#,
            "Wrong words",
            Some("invalid-argument"),
        ),
        (r#"{"detail":"Invalid API Key"}"#, "Invalid API Key", None),
        (
            r#"{"detail":[{"loc":["body","n"],"msg":"too large"}]}"#,
            "n: too large",
            None,
        ),
        (
            r#"{"object":"error","message":{"detail":[{"msg":"Field required","loc":["body","model"]}]},"code":null}"#,
            "model: Field required",
            None,
        ),
        (
            r#"{"message":"invalid api token"}"#,
            "invalid api token",
            None,
        ),
        (r#"{"title":"Bad","status":400}"#, "Bad", None),
        (
            r#"{"category":"INVALID_JSON","message":"Not JSON","details":"x","request_id":"y"}"#,
            "Not JSON",
            Some("INVALID_JSON"),
        ),
    ] {
        let (_, said, found) = told(400, body);
        assert_eq!(
            said,
            format!("the server answered 400: {message}"),
            "{body}"
        );
        assert_eq!(found.as_deref(), code, "{body}");
    }
}

#[test]
fn a_wrong_key_is_one_also_with_status_400() {
    let body =
        r#"{"code":"invalid-argument","error":"Incorrect API key provided. You can obtain one."}"#;
    assert_eq!(told(400, body).0, FailureKind::Auth);
    let body = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}"#;
    assert_eq!(told(400, body).0, FailureKind::Auth);
}

#[test]
fn other_bodies_are_quoted_in_short() {
    let page = "<!DOCTYPE html><html><head><TITLE>\n 502 Bad  Gateway </TITLE></head><body>…</body></html>";
    let failure = refusal(502, "text/html; charset=utf-8", page);
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(
        failure.message,
        "the server answered 502: a web page, \"502 Bad Gateway\""
    );
    let failure = refusal(500, "text/plain", "upstream\r\n\x1b[31mtimed\tout.\n");
    assert_eq!(
        failure.message,
        "the server answered 500: upstream [31mtimed out"
    );
    let failure = refusal(500, "text/plain", &"word ".repeat(1000));
    assert!(failure.message.chars().count() < 350, "{}", failure.message);
    assert!(failure.message.ends_with('…'));
}

#[test]
fn an_error_with_status_200_is_found() {
    let failure =
        error_in(&json!({ "error": { "message": "busy", "type": "overloaded_error" } })).unwrap();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (
            FailureKind::Unavailable,
            "the server answered with an error: busy"
        )
    );
    assert_eq!(
        error_in(&json!({ "error": { "code": 429 } })).unwrap().kind,
        FailureKind::RateLimited
    );
    assert_eq!(
        error_in(&json!({ "error": "odd" })).unwrap().kind,
        FailureKind::BadResponse
    );
    for fine in [
        json!({ "error": null }),
        json!({ "error": false }),
        json!({ "data": [] }),
        json!([1]),
    ] {
        assert_eq!(error_in(&fine), None, "{fine}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_it_panic_or_long(status in 100_u16..600, body: Vec<u8>) {
        let failure = Refusal { status, content_type: None, body: &body }.failure();
        prop_assert!(failure.message.chars().count() < 400);
        prop_assert!(!failure.message.contains(char::is_control));
    }

    #[test]
    fn an_excerpt_is_one_line_of_bounded_length(text in "\\PC{0,700}") {
        if let Some(line) = excerpt(&text) {
            prop_assert!(line.chars().count() <= 301, "{}", line.chars().count());
        }
    }
}
