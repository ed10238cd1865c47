//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

fn request() -> Request {
    Request {
        query: "what is it?".into(),
        limit: 5,
        freshness: None,
        region: None,
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    }
}

#[test]
fn a_query_goes_out_and_pages_come_back_with_the_answer() {
    testing::set("searchDepth", "basic");
    testing::set("includeAnswer", "basic");
    testing::reply(Reply::json(
        200,
        r#"{"answer": " It is. ", "follow_up_questions": null, "images": [], "query": "q", "request_id": "r-1", "response_time": 0.89,
            "results": [{"content": "C", "raw_content": null, "score": 0.99, "title": "T", "url": "https://a.example/"},
                        {"title": "nowhere", "url": null}]}"#,
    ));
    let found = Tavily::search(Request {
        freshness: Some(Freshness::Day),
        include_domains: vec!["a.example".into()],
        region: Some("DE".into()),
        ..request()
    })
    .unwrap();
    assert_eq!(found.hits.len(), 1);
    assert_eq!(found.hits[0].snippet.as_deref(), Some("C"));
    assert_eq!(found.answer.as_deref(), Some("It is."));
    assert_eq!(found.request_id.as_deref(), Some("r-1"));
    assert_eq!(found.ignored, ["region"]);
    let body = testing::sent()[0].json();
    assert_eq!(
        body,
        json!({"query": "what is it?", "max_results": 5, "search_depth": "basic", "include_answer": "basic",
               "time_range": "day", "include_domains": ["a.example"]})
    );
}

#[test]
fn refusals_say_what_to_do() {
    for (status, kind) in [
        (401, FailureKind::Auth),
        (429, FailureKind::RateLimited),
        (432, FailureKind::Quota),
        (433, FailureKind::Quota),
        (500, FailureKind::Unavailable),
    ] {
        testing::reply(Reply::json(
            status,
            r#"{"detail": {"error": "Unauthorized: missing or invalid API key."}}"#,
        ));
        let failure = Tavily::search(request()).unwrap_err();
        assert_eq!(failure.kind, kind, "{status}");
        assert!(
            failure.message.contains("missing or invalid API key"),
            "{}",
            failure.message
        );
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9]{0,60}") {
        testing::reply(Reply::json(200, body));
        let _ = Tavily::search(request());
    }
}
