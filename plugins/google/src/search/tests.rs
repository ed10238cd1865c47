use chela_sdk::FailureKind;
use chela_sdk::search::Freshness;
use chela_sdk::testing::{self, Reply};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn request() -> Request {
    testing::set("searchModel", "gemini-2.5-flash");
    Request {
        query: "Who won Euro 2024?".into(),
        limit: 10,
        freshness: None,
        region: None,
        language: None,
        include_domains: Vec::new(),
        exclude_domains: Vec::new(),
        extra: Vec::new(),
    }
}

fn answer() -> Value {
    let page = |name: &str, title: &str| json!({"web": {"uri": format!("https://vertexaisearch.cloud.google.com/grounding-api-redirect/{name}"), "title": title}});
    json!({"candidates": [{
            "content": {"parts": [{"text": "Spain won. It was their fourth title."}], "role": "model"},
            "finishReason": "STOP", "index": 0,
            "groundingMetadata": {
                "searchEntryPoint": {"renderedContent": "<div>"},
                "groundingChunks": [page("a", "uefa.com"), {"retrievedContext": {"uri": "x"}}, page("b", "bbc.co.uk"), page("a", "uefa.com")],
                "groundingSupports": [
                    {"segment": {"startIndex": 0, "endIndex": 10, "text": "Spain won."}, "groundingChunkIndices": [0, 3, 2], "confidenceScores": [0.9]},
                    {"segment": {"startIndex": 11, "endIndex": 37, "text": "It was their fourth title."}, "groundingChunkIndices": [0, 1, 99]},
                    {"segment": {}, "groundingChunkIndices": [2]},
                ],
                "webSearchQueries": ["euro 2024 winner"]}}],
        "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 12, "toolUsePromptTokenCount": 40}, "responseId": "r-1"})
}

#[test]
fn pages_and_what_is_said_by_them() {
    testing::reply(Reply::json(200, answer().to_string()));
    let response = search(&request()).expect("pages");
    let told: Vec<_> = response
        .hits
        .iter()
        .map(|hit| {
            (
                hit.title.as_str(),
                &hit.url[hit.url.len() - 2..],
                hit.snippet.as_deref(),
                hit.source.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "uefa.com",
                "/a",
                Some("Spain won. It was their fourth title."),
                Some("uefa.com")
            ),
            ("bbc.co.uk", "/b", Some("Spain won."), Some("bbc.co.uk")),
        ]
    );
    assert_eq!(
        response.answer.as_deref(),
        Some("Spain won. It was their fourth title.")
    );
    assert_eq!(response.request_id.as_deref(), Some("r-1"));
    assert_eq!(response.usage.expect("counts").input_tokens, Some(48));
    assert_eq!(response.extra[0].name, "webSearchQueries");
    let sent = testing::sent();
    assert_eq!(sent[0].path, "/models/gemini-2.5-flash:generateContent");
    let body = sent[0].json();
    assert_eq!(body["tools"], json!([{"google_search": {}}]));
    assert_eq!(
        body["contents"],
        json!([{"role": "user", "parts": [{"text": "Who won Euro 2024?"}]}])
    );
}

#[test]
fn no_more_pages_than_asked_for_and_the_snippets_are_theirs() {
    testing::reply(Reply::json(200, answer().to_string()));
    let response = search(&Request {
        limit: 1,
        ..request()
    })
    .expect("a page");
    assert_eq!(response.hits.len(), 1);
    assert_eq!(
        response.hits[0].snippet.as_deref(),
        Some("Spain won. It was their fourth title.")
    );
}

#[test]
fn what_the_api_has_no_word_for_is_told() {
    testing::reply(Reply::json(200, answer().to_string()));
    let asked = Request {
        freshness: Some(Freshness::Day),
        region: Some("DE".into()),
        language: Some("de".into()),
        include_domains: vec!["a.example".into()],
        exclude_domains: vec!["b.example".into()],
        ..request()
    };
    assert_eq!(
        search(&asked).expect("pages").ignored,
        [
            "freshness",
            "region",
            "language",
            "include-domains",
            "exclude-domains"
        ]
    );
}

#[test]
fn an_answer_without_pages_is_one() {
    let body = json!({"candidates": [{"content": {"parts": [{"text": "Four."}]}, "finishReason": "STOP"}]});
    testing::reply(Reply::json(200, body.to_string()));
    let response = search(&request()).expect("an answer");
    assert!(response.hits.is_empty());
    assert_eq!(response.answer.as_deref(), Some("Four."));
}

#[test]
fn what_is_no_answer_is_told_apart() {
    crate::tests::tells_apart(&|| search(&request()).map(drop));
    for (body, kind) in [
        (
            json!({"promptFeedback": {"blockReason": "SAFETY"}}),
            FailureKind::ContentFiltered,
        ),
        (
            json!({"candidates": [{"finishReason": "RECITATION"}]}),
            FailureKind::ContentFiltered,
        ),
        (
            json!({"candidates": [{"finishReason": "STOP", "groundingMetadata": {"groundingChunks": null}}]}),
            FailureKind::EmptyOutput,
        ),
        (
            json!({"usageMetadata": {"promptTokenCount": 3}}),
            FailureKind::EmptyOutput,
        ),
    ] {
        testing::reply(Reply::json(200, body.to_string()));
        assert_eq!(search(&request()).expect_err("none").kind, kind, "{body}");
    }
}

proptest! {
    #[test]
    fn any_json_is_read(value in crate::tests::any_json(), limit in 1u32..4) {
        let grounded = json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "groundingMetadata": value.clone()}]});
        let lists = json!({"candidates": [{"groundingMetadata": {"groundingChunks": [value.clone(), {"web": {"uri": "u"}}],
            "groundingSupports": [value.clone(), {"segment": {"text": "t"}, "groundingChunkIndices": [1, value.clone()]}]}}]});
        for body in [value, grounded, lists] {
            testing::reply(Reply::json(200, body.to_string()));
            if let Ok(response) = search(&Request { limit, ..request() }) {
                prop_assert!(response.hits.len() <= limit as usize);
            }
        }
    }
}
