use chela_sdk::FailureKind as Kind;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn answer() -> Answer {
    Answer::new(Envelope {
        status: 200,
        retry_after_ms: None,
        request_id: Some("req_1".into()),
    })
}

/// Events written out, so that they can be compared.
fn shown(answer: &mut Answer) -> Vec<String> {
    std::iter::from_fn(|| answer.events().pop_front())
        .map(|event| match event {
            Event::Answerer(who) => format!(
                "{}/{}",
                who.model.unwrap_or_default(),
                who.request_id.unwrap_or_default()
            ),
            Event::Ignored(names) => format!("ignored {}", names.join(" ")),
            Event::Text(text) => format!("text {text}"),
            Event::Reasoning(piece) => format!("reasoning {}", piece.text),
            Event::ToolCall(call) => format!("call {} {} {}", call.id, call.name, call.arguments),
            Event::Media(_) => "media".into(),
            Event::Citation(citation) => format!("citation {}", citation.url.unwrap_or_default()),
            Event::Extra(value) => format!("extra {}", value.name),
            Event::Usage(usage) => format!(
                "usage {:?} {:?}",
                usage.input_tokens.unwrap_or(0),
                usage.output_tokens.unwrap_or(0)
            ),
            Event::Finish(FinishReason::Other(word)) => format!("finish other {word}"),
            Event::Finish(reason) => format!("{reason:?}").replace("FinishReason::", "finish "),
        })
        .collect()
}

/// Reads a stream of chunks and its end.
fn stream(chunks: &[Value]) -> (Vec<String>, Result<()>) {
    let mut answer = answer();
    let ended = chunks
        .iter()
        .try_for_each(|chunk| match chunk.as_str() {
            Some(data) => answer.event("", data).map(drop),
            None => answer.event("", &chunk.to_string()).map(drop),
        })
        .and_then(|()| match chunks.last().and_then(Value::as_str) {
            Some("[DONE]") => answer.close(),
            _ => answer.cut(),
        });
    (shown(&mut answer), ended)
}

fn delta(delta: &Value, finish: Option<&str>) -> Value {
    json!({"id": "c-1", "object": "chat.completion.chunk", "model": "m-1", "usage": null, "obfuscation": "x",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]})
}

fn whole(body: &Value) -> (Vec<String>, Result<()>) {
    let mut answer = answer();
    let ended = answer.whole(body.to_string().as_bytes());
    (shown(&mut answer), ended)
}

fn message(message: &Value, finish: &str) -> Value {
    json!({"id": "c-1", "model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": finish}]})
}

#[test]
fn a_stream_with_odd_chunks_is_read() {
    let (events, ended) = stream(&[
        delta(
            &json!({"role": "assistant", "content": "", "refusal": null}),
            None,
        ),
        delta(&json!({"content": "Bon"}), None),
        delta(&json!({"content": "jour"}), None),
        delta(&json!({}), Some("stop")),
        json!({"id": "c-1", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
        json!("[DONE]"),
    ]);
    ended.expect("a complete stream");
    assert_eq!(
        events,
        [
            "m-1/req_1",
            "text Bon",
            "text jour",
            "finish Stop",
            "usage 5 2"
        ]
    );
}

#[test]
fn usage_of_groq_stands_elsewhere() {
    let last = json!({"model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
        "x_groq": {"id": "req_g", "usage": {"prompt_tokens": 18, "completion_tokens": 73}}});
    let (events, _) = stream(&[last, json!("[DONE]")]);
    assert_eq!(events, ["m/req_1", "finish Stop", "usage 18 73"]);
}

#[test]
fn sources_and_probabilities_are_told() {
    let (events, ended) = whole(
        &json!({"model": "m", "choices": [{"index": 0, "finish_reason": "stop",
        "logprobs": {"content": []}, "message": {"content": "Rain", "annotations": [
            {"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A", "start_index": 0, "end_index": 4}},
            {"type": "file_citation", "file_id": "f"},
            null,
        ]}}]}),
    );
    ended.expect("a complete answer");
    assert_eq!(
        events,
        [
            "m/req_1",
            "text Rain",
            "citation https://a.example/",
            "extra logprobs",
            "finish Stop"
        ]
    );
}

#[test]
fn only_the_last_usage_counts() {
    let chunk = |tokens: u64| json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": tokens}});
    let (events, ended) = stream(&[chunk(1), chunk(2), json!("[DONE]")]);
    ended.expect("it ends with its last word");
    assert_eq!(events, ["finish Stop", "usage 1 2"]);
}

#[test]
fn a_stream_is_cut_when_it_says_neither_why_nor_that_it_ended() {
    let (events, ended) = stream(&[delta(&json!({"content": "Bon"}), None)]);
    assert_eq!(events, ["m-1/req_1", "text Bon"]);
    assert_eq!(ended.expect_err("it was cut").kind, Kind::BadResponse);
    let (events, ended) = stream(&[delta(&json!({"content": "Bon"}), Some("length"))]);
    ended.expect("it said why it ended");
    assert_eq!(events, ["m-1/req_1", "text Bon", "finish Length"]);
    assert_eq!(
        stream(&[]).1.expect_err("nothing came").kind,
        Kind::BadResponse
    );
}

#[test]
fn errors_inside_a_stream_come_after_what_was_said() {
    let (events, ended) = stream(&[
        delta(&json!({"content": "Bon"}), None),
        json!({"error": {"message": "The server had an error.", "type": "server_error", "code": null}}),
    ]);
    assert_eq!(events, ["m-1/req_1", "text Bon"]);
    let failure = ended.expect_err("the server said so");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (Kind::Unavailable, "the server had an error")
    );

    let mut named = answer();
    let failure = named
        .event(
            "error",
            "{\"message\":\"Slow down\",\"type\":\"rate_limit_error\"}",
        )
        .expect_err("an error");
    assert_eq!(failure.kind, Kind::RateLimited);
    let failure = named.event("error", "boom").expect_err("an error");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (Kind::BadResponse, "boom")
    );

    let inside = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": {"code": 429, "message": "Slow"}}]});
    assert_eq!(
        stream(&[inside]).1.expect_err("an error").kind,
        Kind::RateLimited
    );
    let bare = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]});
    assert_eq!(
        stream(&[bare]).1.expect_err("an error").kind,
        Kind::Unavailable
    );
    assert_eq!(
        stream(&[json!("{\"choi")]).1.expect_err("no JSON").kind,
        Kind::BadResponse
    );
}

#[test]
fn reasoning_comes_under_three_names() {
    for said in [
        json!({"reasoning_content": "Hm", "content": "Yes"}),
        json!({"reasoning": "Hm", "content": "Yes"}),
        json!({"reasoning": "Hm", "reasoning_content": "Hm", "content": "Yes"}),
        json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}, {"type": "text", "text": "Yes"}]}),
        json!({"content": [{"type": "thinking", "thinking": "Hm"}, "Yes"]}),
    ] {
        let (events, ended) = whole(&message(&said, "stop"));
        ended.expect("a whole answer");
        assert_eq!(
            events,
            ["m-1/req_1", "reasoning Hm", "text Yes", "finish Stop"],
            "{said}"
        );
    }
}

#[test]
fn only_reasoning_and_a_limit_are_told() {
    let (events, ended) = whole(&message(
        &json!({"content": null, "reasoning": "Hm"}),
        "length",
    ));
    ended.expect("a whole answer");
    assert_eq!(events, ["m-1/req_1", "reasoning Hm", "finish Length"]);
    let (events, _) = whole(&message(&json!({"content": ""}), "stop"));
    assert_eq!(events, ["m-1/req_1", "finish Stop"]);
}

#[test]
fn tool_calls_come_before_the_finish() {
    let call = json!({"content": null, "tool_calls": [{"id": "a", "function": {"name": "find", "arguments": "{}"}}]});
    for chunks in [
        vec![delta(&call, Some("tool_calls")), json!("[DONE]")],
        vec![delta(&call, None), json!("[DONE]")],
    ] {
        let (events, ended) = stream(&chunks);
        ended.expect("a complete stream");
        assert_eq!(events, ["m-1/req_1", "call a find {}", "finish ToolCalls"]);
    }
}

#[test]
fn a_refusal_is_filtered_content() {
    let (_, ended) = stream(&[
        delta(&json!({"refusal": "I can't"}), None),
        delta(&json!({"refusal": " help. Sorry."}), Some("stop")),
        json!("[DONE]"),
    ]);
    let failure = ended.expect_err("it refused");
    assert_eq!(failure.kind, Kind::ContentFiltered);
    assert_eq!(failure.message, "the model refused: I can't help");
    let (events, ended) = whole(&message(&json!({"content": "Par"}), "content_filter"));
    ended.expect("the filter is a finish");
    assert_eq!(events, ["m-1/req_1", "text Par", "finish ContentFilter"]);
}

#[test]
fn what_is_not_an_answer_is_a_bad_response() {
    for (body, kind) in [
        ("<!DOCTYPE html><title>Hi</title>", Kind::BadResponse),
        ("", Kind::BadResponse),
        ("OK", Kind::BadResponse),
        ("[]", Kind::BadResponse),
        ("{\"status\":\"ok\"}", Kind::BadResponse),
        ("{\"choices\":null}", Kind::BadResponse),
        ("{\"choices\":[]}", Kind::EmptyOutput),
        (
            "{\"error\":{\"message\":\"x\",\"code\":\"invalid_api_key\"}}",
            Kind::Auth,
        ),
    ] {
        assert_eq!(
            answer().whole(body.as_bytes()).expect_err(body).kind,
            kind,
            "{body}"
        );
    }
}

#[test]
fn scalars_may_have_the_wrong_type() {
    let (events, ended) = whole(&json!({"id": 7, "model": 4.5, "choices": [
        {"index": "0", "message": {"content": 42}, "finish_reason": "eos"},
        {"index": "1", "message": {"content": "other"}, "finish_reason": "stop"},
    ], "usage": {"prompt_tokens": "3", "completion_tokens": 1.0}}));
    ended.expect("a whole answer");
    assert_eq!(events, ["4.5/req_1", "text 42", "finish Stop", "usage 3 1"]);
}

#[test]
fn the_answers_own_id_stands_in_for_a_request_id() {
    let mut answer = Answer::new(Envelope {
        status: 200,
        ..Envelope::default()
    });
    answer
        .whole(
            message(&json!({"content": "x"}), "weird")
                .to_string()
                .as_bytes(),
        )
        .expect("a whole answer");
    assert_eq!(
        shown(&mut answer),
        ["m-1/c-1", "text x", "finish other weird"]
    );
}

proptest! {
    #[test]
    fn any_json_is_read_without_a_panic(chunks in prop::collection::vec(crate::tests::any_json(), 0..6)) {
        let (events, _) = stream(&chunks);
        prop_assert!(events.iter().all(|event| event != "text " && event != "reasoning "));
        if let Some(chunk) = chunks.first() {
            let _ = whole(chunk);
            let _ = whole(&json!({"choices": [{"message": chunk, "finish_reason": chunk}], "usage": chunk}));
        }
    }
}
