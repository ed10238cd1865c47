//! The provider under `cargo test`: `chela_sdk::testing` stands in for the host.

use super::*;
use chela_sdk::FailureKind;
use chela_sdk::fetch::Format;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

fn search() -> Result<chela_sdk::search::Response> {
    Firecrawl::search(chela_sdk::search::Request {
        query: "lobster".into(),
        limit: 2,
        freshness: None,
        region: Some("de".into()),
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    })
}

fn fetch(format: Format, max_bytes: Option<u64>) -> Result<chela_sdk::fetch::Response> {
    Firecrawl::fetch(chela_sdk::fetch::Request {
        url: "https://a.example/".into(),
        format,
        max_bytes,
        extra: Vec::new(),
    })
}

#[test]
fn a_search_in_the_shapes_of_both_versions() {
    for data in [
        r#"{"web": [{"url": "https://a.example/", "title": "A", "description": "D", "position": 1}, {"title": "no"}]}"#,
        r#"[{"url": "https://a.example/", "title": "A", "description": "D"}]"#,
    ] {
        let body = format!(r#"{{"success": true, "id": "s-1", "creditsUsed": 2, "data": {data}}}"#);
        testing::reply(Reply::json(200, body));
        let found = search().unwrap();
        assert_eq!(found.hits.len(), 1);
        assert_eq!(found.hits[0].snippet.as_deref(), Some("D"));
        assert_eq!(found.request_id.as_deref(), Some("s-1"));
    }
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/v2/search");
    assert_eq!(
        sent[0].json(),
        json!({"query": "lobster", "limit": 2, "sources": ["web"], "country": "DE"})
    );
    testing::reply(Reply::json(200, r#"{"success": true, "data": {}}"#));
    assert!(search().unwrap().hits.is_empty());
}

#[test]
fn a_page_and_what_its_own_server_said() {
    let page = |status: u16| {
        Reply::json(
            200,
            format!(
                r##"{{"success": true, "data": {{"markdown": "# Grüße", "metadata": {{"title": "T", "url": "https://a.example/home",
                    "statusCode": {status}, "contentType": "text/html; charset=utf-8", "scrapeId": "p-1"}}}}}}"##
            ),
        )
    };
    testing::reply(page(200));
    let read = fetch(Format::Markdown, None).unwrap();
    assert_eq!(read.final_url, "https://a.example/home");
    assert_eq!((read.content.as_str(), read.truncated), ("# Grüße", false));
    assert_eq!(read.mime_type.as_deref(), Some("text/html"));
    assert_eq!(
        testing::sent()[0].json(),
        json!({"url": "https://a.example/", "formats": ["markdown"], "onlyMainContent": true})
    );
    testing::reply(page(200));
    let cut = fetch(Format::Markdown, Some(5)).unwrap();
    assert_eq!((cut.content.as_str(), cut.truncated), ("# Gr", true));
    testing::reply(page(404));
    assert_eq!(
        fetch(Format::Markdown, None).unwrap_err().kind,
        FailureKind::NotFound
    );
    assert_eq!(
        fetch(Format::Text, None).unwrap_err().kind,
        FailureKind::Unsupported
    );
}

#[test]
fn refusals_are_told_by_their_status() {
    for (status, kind) in [
        (401, FailureKind::Auth),
        (402, FailureKind::Quota),
        (408, FailureKind::Timeout),
        (429, FailureKind::RateLimited),
        (500, FailureKind::Unavailable),
        (200, FailureKind::BadResponse),
    ] {
        testing::reply(Reply::json(
            status,
            r#"{"success": false, "error": "Unauthorized: Invalid token"}"#,
        ));
        let failure = search().unwrap_err();
        assert_eq!(failure.kind, kind, "{status}");
        assert!(
            failure.message.contains("Invalid token"),
            "{}",
            failure.message
        );
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in "\\PC{0,60}|[\\[\\]{}\":,a-z0-9]{0,60}") {
        testing::reply(Reply::json(200, body.clone()));
        let _ = search();
        testing::reply(Reply::json(200, body));
        let _ = fetch(Format::Markdown, Some(3));
    }
}
