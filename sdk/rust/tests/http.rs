//! HTTP by endpoint, from the request that an author builds to the failure that a caller sees.

use chela_sdk::http::{self, Blobs, Form};
use chela_sdk::testing::{self, Reply, SentBody};
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::{Value, json};

fn get() -> http::RequestBuilder<'static> {
    http::endpoint("api").get("/thing")
}

#[test]
fn a_request_is_sent_as_it_was_built() {
    testing::reply(Reply::json(200, "{}"));
    let request = http::endpoint("api")
        .post("/chat")
        .query("a b", "ü&")
        .header("X-Trace", "1");
    request.json(&json!({ "n": 1 })).send().unwrap();
    let sent = &testing::sent()[0];
    assert_eq!(
        (sent.endpoint.as_str(), sent.path.as_str()),
        ("api", "/chat")
    );
    assert_eq!(sent.query, [("a b".to_owned(), "ü&".to_owned())]);
    let headers: Vec<_> = sent
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [("X-Trace", "1"), ("content-type", "application/json")]
    );
    assert_eq!(sent.json(), json!({ "n": 1 }));
}

#[test]
fn a_fault_in_building_is_told_and_nothing_is_sent() {
    let failure = http::download("https://a.example/x")
        .query("a", "b")
        .send()
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal);
    assert!(testing::sent().is_empty());
}

#[test]
fn media_go_into_json_past_the_component() {
    testing::reply(Reply::json(200, "{}"));
    let picture = testing::file("a.png", "image/png", b"\x89PNG!");
    let sound = testing::file("a.wav", "audio/wav", b"RI");
    let mut blobs = Blobs::new();
    let body = json!({
        "text": "a \" quote and \u{0}chela:blob",
        "image": { "url": blobs.data_url(&picture), "detail": "low" },
        "audio": [blobs.base64(&sound), blobs.base64(&picture), 1.5, null],
        "empty": [{}, []],
    });
    http::endpoint("api")
        .post("/x")
        .json_with_blobs(&body, &blobs)
        .send()
        .unwrap();
    let expected = json!({
        "text": "a \" quote and \u{0}chela:blob",
        "image": { "url": "data:image/png;base64,iVBORyE=", "detail": "low" },
        "audio": ["Ukk=", "iVBORyE=", 1.5, null],
        "empty": [{}, []],
    });
    assert_eq!(testing::sent()[0].json(), expected);
}

#[test]
fn a_marker_of_another_body_is_a_fault() {
    let picture = testing::file("a.png", "image/png", b"x");
    let marker = Blobs::new().base64(&picture);
    let failure = http::endpoint("api")
        .post("/x")
        .json_with_blobs(&marker, &Blobs::new())
        .send()
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Internal);
}

#[test]
fn forms_carry_text_and_files() {
    testing::reply(Reply::json(200, "{}"));
    let picture = testing::file("cat.png", "image/png", b"png");
    let form = Form::new()
        .text("model", "m-1")
        .text_if("size", None::<String>)
        .text_if("n", Some("2"))
        .blob("image[]", &picture)
        .file("mask", "mask.png", &picture);
    http::endpoint("api")
        .post("/edits")
        .form(form)
        .send()
        .unwrap();
    let sent = testing::sent();
    let SentBody::Form(fields) = &sent[0].body else {
        panic!("no form")
    };
    let shown: Vec<_> = fields
        .iter()
        .map(|field| {
            (
                field.name.as_str(),
                field.file_name.as_deref(),
                field.mime_type.as_deref(),
                field.value.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("model", None, None, b"m-1".as_slice()),
            ("n", None, None, b"2"),
            ("image[]", Some("cat.png"), Some("image/png"), b"png"),
            ("mask", Some("mask.png"), Some("image/png"), b"png"),
        ]
    );
}

fn failure(reply: Reply) -> Failure {
    testing::reply(reply);
    get().send().expect_err("the reply is a refusal")
}

#[test]
fn a_refusal_carries_code_time_and_request_id() {
    let body = r#"{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}"#;
    let failure = failure(
        Reply::json(429, body)
            .header("Retry-After", "20")
            .header("X-Request-Id", "req_1")
            .header("CF-Ray", "ray"),
    );
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(failure.status, Some(429));
    assert_eq!(failure.code.as_deref(), Some("rate_limit_exceeded"));
    assert_eq!(failure.retry_after_ms, Some(20_000));
    assert_eq!(failure.request_id.as_deref(), Some("req_1"));
}

#[test]
fn the_time_to_wait_comes_in_three_ways() {
    let wait = |name: &str, value: &str| {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        failure(
            Reply::json(503, "{}")
                .header(name, value)
                .header("date", date),
        )
        .retry_after_ms
    };
    assert_eq!(wait("retry-after", "3"), Some(3000));
    assert_eq!(
        wait("retry-after", "Sun, 06 Nov 1994 08:49:40 GMT"),
        Some(3000)
    );
    assert_eq!(wait("retry-after-ms", "250"), Some(250));
    assert_eq!(wait("retry-after", "later"), None);
}

#[test]
fn a_refusal_whose_body_breaks_off_is_one_all_the_same() {
    let failure = failure(Reply::new(500, "text/plain", "half a sen").cut());
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert!(failure.message.contains("half a sen"));
}

#[test]
fn send_any_lets_the_author_look_at_a_refusal() {
    testing::reply(Reply::json(404, "{}"));
    assert_eq!(get().send_any().unwrap().status(), 404);
}

fn read(reply: Reply) -> Result<Vec<u32>> {
    testing::reply(reply);
    get().send()?.json()
}

#[test]
fn json_of_the_right_shape_is_read_in_any_pieces() {
    let mut reply = Reply::json(200, "");
    reply.chunks = [b"[1, ".as_slice(), b"2", b"]"]
        .map(<[u8]>::to_vec)
        .to_vec();
    assert_eq!(read(reply).unwrap(), [1, 2]);
}

#[test]
fn what_is_not_that_json_is_a_bad_response_that_says_what_came() {
    for (reply, words) in [
        (
            Reply::new(200, "text/html", "<html>login</html>"),
            "a web page",
        ),
        (Reply::json(200, "<!doctype html>"), "a web page"),
        (Reply::json(200, " \n"), "an empty body"),
        (Reply::json(200, "[1"), "cannot be read"),
        (Reply::json(200, r#"{"no": "list"}"#), "cannot be read"),
    ] {
        let failure = read(reply.clone().header("request-id", "r")).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadResponse, "{reply:?}");
        assert!(failure.message.contains(words), "{}", failure.message);
        assert_eq!(
            (failure.status, failure.request_id.as_deref()),
            (Some(200), Some("r"))
        );
    }
}

#[test]
fn an_error_in_the_clothes_of_a_success_is_told_as_that_error() {
    let failure = read(Reply::json(
        200,
        r#"{"error":{"message":"Too many","code":429}}"#,
    ))
    .unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert!(failure.message.contains("Too many"));
}

#[test]
fn a_body_cut_short_is_a_bad_response() {
    assert_eq!(
        read(Reply::json(200, "[1]").cut()).unwrap_err().kind,
        FailureKind::BadResponse
    );
}

#[test]
fn a_stream_is_pulled_and_a_page_is_none() {
    testing::reply(Reply::events("data: {\"n\":1}\n\ndata: [DONE]\n\n"));
    let mut events = get().send().unwrap().events().unwrap();
    let value: Value = events.next().unwrap().unwrap().json().unwrap();
    assert_eq!(value, json!({ "n": 1 }));
    assert_eq!(events.next().unwrap().unwrap().data, "[DONE]");
    assert_eq!(events.next().unwrap(), None);
    assert_eq!(events.get_ref().status(), 200);
    testing::reply(Reply::new(200, "text/html", "<html>"));
    assert_eq!(
        get().send().unwrap().events().unwrap_err().kind,
        FailureKind::BadResponse
    );
}

#[test]
fn media_become_a_blob_and_json_does_not() {
    testing::reply(Reply::new(200, "audio/mpeg", "sound"));
    let blob = get().send().unwrap().into_blob("").unwrap();
    assert_eq!(
        (
            blob.mime_type().as_str(),
            blob.read_all(99).unwrap().as_slice()
        ),
        ("audio/mpeg", b"sound".as_slice())
    );
    assert_eq!(
        blob.read_all(2).unwrap_err().kind,
        FailureKind::InvalidRequest
    );
    testing::reply(Reply::json(
        200,
        r#"{"error":{"message":"no voice","code":"voice_not_found"}}"#,
    ));
    let failure = get().send().unwrap().into_blob("audio/mpeg").unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_deref()),
        (FailureKind::BadResponse, Some("voice_not_found"))
    );
}

#[test]
fn settings_are_read_by_type() {
    testing::set("maxTokensField", "max_tokens");
    assert_eq!(
        chela_sdk::context::setting::<String>("maxTokensField")
            .unwrap()
            .as_deref(),
        Some("max_tokens")
    );
    assert_eq!(chela_sdk::context::setting::<bool>("absent").unwrap(), None);
    let failure = chela_sdk::context::setting::<bool>("maxTokensField").unwrap_err();
    assert!(
        failure.message.contains("maxTokensField"),
        "{}",
        failure.message
    );
    assert!(!chela_sdk::context::endpoint_replaced("api"));
    testing::replace_endpoint("api");
    assert!(chela_sdk::context::endpoint_replaced("api"));
}
