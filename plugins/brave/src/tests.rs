//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

fn request(query: &str) -> Request {
    Request {
        query: query.into(),
        limit: 3,
        freshness: None,
        region: None,
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    }
}

#[test]
fn a_query_goes_out_and_pages_come_back() {
    testing::reply(Reply::json(
        200,
        r#"{"type": "search", "query": {"original": "x"}, "web": {"type": "search", "results": [
            {"title": "Fish &amp; <strong>chips</strong>", "url": "https://a.example/", "description": "It&#x27;s good.",
             "page_age": "2026-01-02T03:04:05", "profile": {"name": "A"}},
            {"title": "nowhere", "url": null}, {"url": "https://b.example/"}, 7
        ]}}"#,
    ));
    let found = Brave::search(Request {
        freshness: Some(Freshness::Week),
        region: Some("de".into()),
        language: Some("de-AT".into()),
        ..request("fish & chips")
    })
    .unwrap();
    assert_eq!(found.hits.len(), 2);
    assert_eq!(found.hits[0].title, "Fish & chips");
    assert_eq!(found.hits[0].snippet.as_deref(), Some("It's good."));
    assert_eq!(found.hits[0].source.as_deref(), Some("A"));
    assert_eq!(found.hits[1].url, "https://b.example/");
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/web/search");
    for (name, value) in [
        ("q", "fish & chips"),
        ("count", "3"),
        ("freshness", "pw"),
        ("country", "DE"),
        ("search_lang", "de"),
    ] {
        assert!(
            sent[0].query.contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    }
}

#[test]
fn nothing_found_is_an_answer_and_something_else_is_none() {
    testing::reply(Reply::json(200, r#"{"type": "search", "query": {}}"#));
    assert!(Brave::search(request("x")).unwrap().hits.is_empty());
    for other in ["{}", "[]", "null", r#"{"web": 1}"#] {
        testing::reply(Reply::json(200, other));
        let failure = Brave::search(request("x")).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadResponse, "{other}");
    }
}

#[test]
fn refusals_are_told_apart_by_their_code() {
    for (status, code, kind) in [
        (422, "SUBSCRIPTION_TOKEN_INVALID", FailureKind::Auth),
        (422, "VALIDATION", FailureKind::InvalidRequest),
        (429, "RATE_LIMITED", FailureKind::RateLimited),
        (429, "QUOTA_LIMITED", FailureKind::Quota),
        (403, "RESOURCE_NOT_ALLOWED", FailureKind::Permission),
    ] {
        let body = format!(
            r#"{{"type": "ErrorResponse", "error": {{"code": "{code}", "detail": "Why.", "status": {status}}}}}"#
        );
        testing::reply(Reply::json(status, body));
        let failure = Brave::search(request("x")).unwrap_err();
        assert_eq!(
            (failure.kind, failure.status),
            (kind, Some(status)),
            "{code}"
        );
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9]{0,60}") {
        testing::reply(Reply::json(200, body));
        let _ = Brave::search(request("x"));
    }
}
