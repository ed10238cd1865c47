use chela_sdk::FailureKind as Kind;
use chela_sdk::model::{Event, FinishReason};
use chela_sdk::testing::Reply;
use serde_json::{Value, json};

use crate::responses::tests::{Read, read};

/// A stream of these events, each named as its `type` says.
fn stream(events: &[Value]) -> Read {
    let body: String = events
        .iter()
        .map(|event| {
            let kind = event["type"].as_str().unwrap_or("message");
            format!("event: {kind}\ndata: {event}\n\n")
        })
        .collect();
    read(Reply::events(body)).expect("it began well")
}

fn created() -> Value {
    json!({"type": "response.created", "response": {"id": "resp_1", "model": "m-1", "status": "in_progress", "output": []}})
}

fn text_delta(delta: &str) -> Value {
    json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": delta, "obfuscation": "x"})
}

fn completed(output: Value) -> Value {
    json!({"type": "response.completed", "response": {"id": "resp_1", "model": "m-1", "status": "completed", "error": null, "output": output}})
}

fn message(parts: Value) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": parts})
}

fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn whole(response: &Value) -> Read {
    read(Reply::json(200, response.to_string())).expect("an answer")
}

fn calls(read: &Read) -> Vec<(&str, &str, &str)> {
    read.events
        .iter()
        .filter_map(|event| match event {
            Event::ToolCall(call) => Some((
                call.id.as_str(),
                call.name.as_str(),
                call.arguments.as_str(),
            )),
            _ => None,
        })
        .collect()
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    let read = whole(&json!({
        "id": "resp_1", "object": "response", "model": "m-1", "status": "completed", "error": null, "incomplete_details": null,
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Let me"}, {"type": "summary_text", "text": "see"}]},
            message(json!([output_text("One "), output_text("two")])),
        ],
        "usage": {"input_tokens": "5", "input_tokens_details": null, "output_tokens": 7, "total_tokens": 12},
    }));
    assert_eq!(read.text(), "One two");
    assert!(matches!(read.finish(), Some(FinishReason::Stop)));
    assert!(
        read.told().contains("text: \"Let me\\n\\nsee\""),
        "{}",
        read.told()
    );
    assert!(
        read.told()
            .contains("input-tokens: Some(5), output-tokens: Some(7)")
    );
}

#[test]
fn whatever_a_server_leaves_out_is_taken_from_what_is_left() {
    let item = message(json!([output_text("Hello")]));
    let part_done = json!({"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "Hello"});
    let item_done = json!({"type": "response.output_item.done", "output_index": 0, "item": item});
    for events in [
        vec![
            text_delta("Hel"),
            text_delta("lo"),
            part_done.clone(),
            item_done.clone(),
            completed(json!([item])),
        ],
        vec![text_delta("Hello"), completed(json!([]))],
        vec![part_done, completed(Value::Null)],
        vec![item_done.clone(), item_done, completed(json!([item]))],
        vec![created(), completed(json!([item]))],
        // Another id for the same thing, as proxies make them up.
        vec![
            text_delta("Hello"),
            completed(
                json!([{"id": "other", "type": "message", "content": [output_text("Hello")]}]),
            ),
        ],
    ] {
        let read = stream(&events);
        assert_eq!(read.text(), "Hello", "{events:?}");
        assert!(matches!(read.finish(), Some(FinishReason::Stop)));
        read.ended.expect("it is complete");
    }
}

#[test]
fn calls_are_complete_and_told_once() {
    let added = json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "find", "arguments": ""}});
    let delta = |delta: &str| json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": delta});
    let done = json!({"type": "response.function_call_arguments.done", "output_index": 0, "arguments": "{\"q\":1}"});
    let item = json!({"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "find", "arguments": "{\"q\":1}", "status": "completed"});
    let item_done = json!({"type": "response.output_item.done", "output_index": 0, "item": item});
    for events in [
        vec![
            added.clone(),
            delta("{\"q\""),
            delta(":1}"),
            done.clone(),
            item_done.clone(),
            completed(json!([item])),
        ],
        vec![added.clone(), delta("{\"q\":1}"), completed(json!([]))],
        vec![added.clone(), done, completed(json!([item]))],
        vec![item_done, completed(json!([]))],
        vec![created(), completed(json!([item]))],
        // Arguments that the server had parsed already.
        vec![
            created(),
            completed(
                json!([{"type": "function_call", "call_id": "c1", "name": "find", "arguments": {"q": 1}}]),
            ),
        ],
    ] {
        let read = stream(&events);
        assert_eq!(calls(&read), [("c1", "find", "{\"q\":1}")], "{events:?}");
        assert!(matches!(read.finish(), Some(FinishReason::ToolCalls)));
    }
    let second = json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"id": "fc_2", "type": "function_call", "call_id": "c2", "name": "now"}});
    let read = stream(&[added, delta("{\"q\":1}"), second, completed(json!([]))]);
    assert_eq!(
        calls(&read),
        [("c1", "find", "{\"q\":1}"), ("c2", "now", "{}")]
    );
}

#[test]
fn a_call_that_the_limit_cut_is_none() {
    let read = stream(&[
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "find", "arguments": ""}}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{\"q\":"}),
        json!({"type": "response.output_item.done", "output_index": 0,
            "item": {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "find", "arguments": "{\"q\":", "status": "incomplete"}}),
        json!({"type": "response.incomplete", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"},
            "usage": {"input_tokens": 1, "output_tokens": 16}}}),
    ]);
    assert!(calls(&read).is_empty());
    assert!(matches!(read.finish(), Some(FinishReason::Length)));
    assert!(read.told().contains("output-tokens: Some(16)"));
}

#[test]
fn every_end_has_its_reason() {
    for (response, reason) in [
        (
            json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}),
            "Length",
        ),
        (
            json!({"incomplete_details": {"reason": "content_filter"}}),
            "ContentFilter",
        ),
        (
            json!({"status": "incomplete", "incomplete_details": null}),
            "Other(\"incomplete\")",
        ),
        // As it was at the beginning: the event says how it ended.
        (
            json!({"status": "in_progress", "incomplete_details": {"reason": "max_output_tokens"}}),
            "Length",
        ),
    ] {
        let read = stream(&[
            text_delta("Hi"),
            json!({"type": "response.incomplete", "response": response}),
        ]);
        assert_eq!(read.text(), "Hi");
        assert_eq!(
            format!("{:?}", read.finish()),
            format!("Some(FinishReason::{reason})"),
            "{response}"
        );
    }
    let read = whole(
        &json!({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}),
    );
    assert!(matches!(read.finish(), Some(FinishReason::Length)));
}

#[test]
fn errors_in_a_stream_are_of_their_kinds() {
    for (code, kind) in [
        ("rate_limit_exceeded", Kind::RateLimited),
        ("insufficient_quota", Kind::Quota),
        ("server_error", Kind::Unavailable),
        ("vector_store_timeout", Kind::Timeout),
        ("invalid_prompt", Kind::ContentFiltered),
        ("bio_policy", Kind::ContentFiltered),
        ("image_content_policy_violation", Kind::ContentFiltered),
        ("image_too_large", Kind::InvalidRequest),
        ("failed_to_download_image", Kind::InvalidRequest),
        ("image_file_not_found", Kind::InvalidRequest),
        ("context_length_exceeded", Kind::InvalidRequest),
    ] {
        let error = json!({"code": code, "message": "It went wrong. Very."});
        for event in [
            json!({"type": "error", "code": code, "message": "It went wrong. Very.", "param": null, "sequence_number": 3}),
            json!({"type": "error", "error": {"type": "x", "code": code, "message": "It went wrong. Very.", "param": null}}),
            json!({"type": "response.failed", "response": {"id": "resp_1", "status": "failed", "error": error}}),
            json!({"error": error}),
        ] {
            let read = stream(&[created(), text_delta("Hi"), event.clone()]);
            assert_eq!(read.text(), "Hi");
            let failure = read.ended.expect_err("it failed");
            assert_eq!(
                (failure.kind, failure.code.as_deref()),
                (kind, Some(code)),
                "{event}"
            );
            assert_eq!(failure.message, "it went wrong");
        }
    }
    for event in [
        json!({"type": "response.failed", "response": {"status": "failed", "error": null}}),
        json!({"type": "response.failed"}),
        json!({"type": "error", "code": null, "message": "Oops", "param": null}),
    ] {
        let failure = stream(&[text_delta("Hi"), event])
            .ended
            .expect_err("it failed");
        assert_eq!(failure.kind, Kind::Unavailable);
    }
}

#[test]
fn a_failure_tells_what_it_cost_and_whose_it_is() {
    let read = stream(&[
        created(),
        json!({"type": "response.failed", "response": {"status": "failed", "usage": {"input_tokens": 9, "output_tokens": 0},
            "error": {"code": "rate_limit_exceeded", "message": "Rate limit reached. Please try again in 20s."}}}),
    ]);
    assert!(read.told().contains("input-tokens: Some(9)"));
    let failure = read.ended.expect_err("it failed");
    assert_eq!(failure.retry_after_ms, Some(20_000));
    assert_eq!(failure.request_id.as_deref(), Some("resp_1"));
}

#[test]
fn an_answer_that_failed_is_a_refusal_at_the_start() {
    let body = json!({"id": "resp_1", "status": "failed", "output": [], "error": {"code": "server_error", "message": "Sorry"}});
    let failure = read(Reply::json(200, body.to_string())).expect_err("it failed");
    assert_eq!(failure.kind, Kind::Unavailable);
    let failure = read(Reply::events("event: error\ndata: Too busy\n\n")).expect_err("it failed");
    assert_eq!(failure.message, "too busy");
}

#[test]
fn a_refusal_is_a_failure_in_the_models_words() {
    let refusal = json!({"type": "refusal", "refusal": "I can't help with that."});
    let whole = json!({"status": "completed", "output": [message(json!([refusal]))]});
    let at_the_start = read(Reply::json(200, whole.to_string())).expect_err("it refused");
    let streamed = stream(&[
        json!({"type": "response.refusal.delta", "output_index": 0, "content_index": 0, "delta": "I can't help "}),
        json!({"type": "response.refusal.delta", "output_index": 0, "content_index": 0, "delta": "with that."}),
        json!({"type": "response.refusal.done", "output_index": 0, "content_index": 0, "refusal": "I can't help with that."}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": message(json!([refusal]))}),
        completed(json!([message(json!([refusal]))])),
    ]);
    for failure in [at_the_start, streamed.ended.expect_err("it refused")] {
        assert_eq!(failure.kind, Kind::ContentFiltered);
        assert_eq!(failure.message, "the model refused: I can't help with that");
    }
}

#[test]
fn sources_are_placed_in_the_whole_text() {
    let cited = |text: &str, annotation: Value| json!({"type": "output_text", "text": text, "annotations": [annotation]});
    let page = json!({"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 1, "end_index": 3});
    let file =
        json!({"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 2});
    let read = whole(&json!({"status": "completed", "output": [message(json!([
        cited("äöü", file), cited("abcd", page), {"type": "output_text", "text": "", "annotations": [null, 7]},
    ]))]}));
    let told = read.told();
    assert!(
        told.contains("title: Some(\"A\"), quote: None, start: Some(4), end: Some(6)"),
        "{told}"
    );
    assert!(
        told.contains("title: Some(\"a.pdf\"), quote: None, start: None, end: None"),
        "{told}"
    );
    assert!(told.contains("file_1"), "{told}");
    assert_eq!(told.matches("Citation(").count(), 2, "{told}");
}

#[test]
fn what_open_models_say_of_their_thoughts_is_reasoning() {
    let read = stream(&[
        json!({"type": "response.reasoning_text.delta", "output_index": 0, "content_index": 0, "delta": "Hm"}),
        json!({"type": "response.output_item.done", "output_index": 0, "item":
            {"id": "rs_1", "type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm"}], "encrypted_content": null}}),
        text_delta("Hi"),
        completed(json!([])),
    ]);
    assert_eq!(read.told().matches("\"Hm\"").count(), 1);
    assert!(!read.told().contains("reasoning:"), "{}", read.told());
}
