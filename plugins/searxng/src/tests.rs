//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;

fn request() -> Request {
    Request {
        query: "lobster".into(),
        limit: 2,
        freshness: None,
        region: None,
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    }
}

#[test]
fn rows_with_an_address_are_results() {
    testing::reply(Reply::json(
        200,
        r#"{"query": "lobster", "number_of_results": 0, "results": [
            {"title": "no address", "url": null, "engine": "x"},
            {"title": "A", "url": "https://a.example/", "content": "It is <b>red</b>.", "publishedDate": null, "engine": "brave"},
            {"title": "B", "url": "https://b.example/", "content": ""},
            {"title": "C", "url": "https://c.example/"}],
          "answers": [{"answer": "Red.", "url": null}], "unresponsive_engines": [["google", "CAPTCHA"]]}"#,
    ));
    let found = SearXng::search(request()).unwrap();
    let urls: Vec<_> = found.hits.iter().map(|hit| hit.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/", "https://b.example/"]);
    assert_eq!(found.hits[0].snippet.as_deref(), Some("It is red."));
    assert_eq!(found.answer.as_deref(), Some("Red."));
    let sent = testing::sent();
    assert!(sent[0].query.contains(&("format".into(), "json".into())));
}

#[test]
fn a_page_in_place_of_json_says_what_to_switch_on() {
    for status in [200, 403] {
        testing::reply(Reply::new(status, "text/html; charset=utf-8", "<html>"));
        let failure = SearXng::search(request()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadResponse);
        assert!(
            failure.message.contains("search.formats"),
            "{}",
            failure.message
        );
    }
}

#[test]
fn silence_of_all_engines_is_no_answer_and_finding_nothing_is() {
    testing::reply(Reply::json(
        200,
        r#"{"results": [], "unresponsive_engines": []}"#,
    ));
    assert!(SearXng::search(request()).unwrap().hits.is_empty());
    testing::reply(Reply::json(
        200,
        r#"{"results": [], "unresponsive_engines": [["google", "Suspended: CAPTCHA"], ["bing"], 1]}"#,
    ));
    let failure = SearXng::search(request()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(
        failure.message.contains("google: Suspended: CAPTCHA; bing"),
        "{}",
        failure.message
    );
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9]{0,60}") {
        testing::reply(Reply::json(200, body));
        let _ = SearXng::search(request());
    }
}
