use chela_dialect::stream::Answer as _;
use chela_sdk::FailureKind as Kind;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn answer() -> Answer {
    let envelope = Envelope {
        status: 200,
        request_id: Some("req_7".into()),
        ..Envelope::default()
    };
    Answer::new(envelope, false)
}

fn drain(answer: &mut Answer) -> Vec<Event> {
    std::iter::from_fn(|| answer.events().pop_front()).collect()
}

fn feed(answer: &mut Answer, events: &[Value]) -> Vec<Event> {
    for event in events {
        answer.event("", &event.to_string()).expect("it is read");
    }
    drain(answer)
}

fn start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-1",
        "content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 1}}})
}

fn stop(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": {"output_tokens": 21}})
}

fn delta(number: u64, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": number, "delta": delta})
}

#[test]
fn thinking_comes_with_its_signature_and_calls_come_whole() {
    let mut answer = answer();
    let events = feed(
        &mut answer,
        &[
            start(),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}}),
            json!({"type": "ping"}),
            delta(0, &json!({"type": "thinking_delta", "thinking": "Hm"})),
            delta(0, &json!({"type": "signature_delta", "signature": "c2l"})),
            delta(0, &json!({"type": "signature_delta", "signature": "n"})),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "ZZZ"}}),
            json!({"type": "content_block_stop", "index": 1}),
            json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}}}),
            delta(2, &json!({"type": "input_json_delta", "partial_json": ""})),
            delta(
                2,
                &json!({"type": "input_json_delta", "partial_json": "{\"q\":"}),
            ),
            delta(
                2,
                &json!({"type": "input_json_delta", "partial_json": "1}"}),
            ),
            json!({"type": "content_block_stop", "index": 2}),
            stop("tool_use"),
        ],
    );
    let [
        Event::Answerer(who),
        Event::Reasoning(thought),
        Event::Reasoning(signed),
        Event::Reasoning(redacted),
        Event::ToolCall(call),
        Event::Usage(usage),
        Event::Finish(FinishReason::ToolCalls),
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(who.model.as_deref(), Some("claude-x-1"));
    assert_eq!(who.request_id.as_deref(), Some("req_7"));
    assert_eq!((thought.text.as_str(), &thought.opaque), ("Hm", &None));
    assert_eq!(signed.opaque.as_deref(), Some("signature:c2ln"));
    assert_eq!(redacted.opaque.as_deref(), Some("redacted:ZZZ"));
    assert_eq!(
        (
            call.id.as_str(),
            call.name.as_str(),
            call.arguments.as_str()
        ),
        ("toolu_1", "find", "{\"q\":1}")
    );
    assert_eq!(
        (usage.input_tokens, usage.output_tokens),
        (Some(9), Some(21))
    );
    assert!(
        answer
            .event("message_stop", "{\"type\":\"message_stop\"}")
            .expect("the end")
    );
}

#[test]
fn a_whole_answer_says_the_same() {
    let mut answer = answer();
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-1", "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
        {"type": "text", "text": "Hi", "citations": [{"type": "char_location", "cited_text": "words", "document_title": "A page", "document_index": 0}]},
        {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"q": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "list", "input": {}},
    ], "stop_reason": "tool_use", "stop_sequence": null, "usage": {"input_tokens": 9, "cache_read_input_tokens": 2, "output_tokens": 21}});
    answer.whole(message.to_string().as_bytes()).expect("read");
    let events = drain(&mut answer);
    assert_eq!(events.len(), 9, "{events:?}");
    assert!(matches!(&events[3], Event::Text(text) if text == "Hi"));
    assert!(
        matches!(&events[4], Event::Citation(cited) if cited.quote.as_deref() == Some("words") && cited.title.as_deref() == Some("A page"))
    );
    assert!(matches!(&events[6], Event::ToolCall(call) if call.arguments == "{}"));
    assert!(matches!(&events[7], Event::Usage(usage) if usage.input_tokens == Some(11)));
}

#[test]
fn an_answer_in_a_form_is_text() {
    let mut streamed = Answer::new(Envelope::default(), true);
    let events = feed(
        &mut streamed,
        &[
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "answer", "input": {}}}),
            delta(
                0,
                &json!({"type": "input_json_delta", "partial_json": "{\"a\""}),
            ),
            delta(
                0,
                &json!({"type": "input_json_delta", "partial_json": ":1}"}),
            ),
            json!({"type": "content_block_stop", "index": 0}),
            stop("tool_use"),
        ],
    );
    let text: String = events
        .iter()
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(text, "{\"a\":1}");
    assert!(matches!(
        events.last(),
        Some(Event::Finish(FinishReason::Stop))
    ));
    let mut whole = Answer::new(Envelope::default(), true);
    let message = json!({"content": [{"type": "tool_use", "id": "t", "name": "answer", "input": {"a": 1}}], "stop_reason": "tool_use"});
    whole.whole(message.to_string().as_bytes()).expect("read");
    assert!(
        drain(&mut whole)
            .iter()
            .any(|event| matches!(event, Event::Text(text) if text == "{\"a\":1}"))
    );
}

#[test]
fn reasons_to_end_are_told_apart() {
    for (word, reason) in [
        ("end_turn", FinishReason::Stop),
        ("stop_sequence", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("refusal", FinishReason::ContentFilter),
        ("pause_turn", FinishReason::Other("pause_turn".into())),
    ] {
        let events = feed(&mut answer(), &[start(), stop(word)]);
        let Some(Event::Finish(told)) = events.last() else {
            panic!("{word}: {events:?}")
        };
        assert_eq!(format!("{told:?}"), format!("{reason:?}"));
    }
}

#[test]
fn errors_inside_a_stream_keep_their_kind() {
    for (kind, expected) in [
        ("overloaded_error", Kind::Unavailable),
        ("api_error", Kind::Unavailable),
        ("rate_limit_error", Kind::RateLimited),
        ("billing_error", Kind::Quota),
        ("timeout_error", Kind::Timeout),
        ("authentication_error", Kind::Auth),
        ("permission_error", Kind::Permission),
        ("not_found_error", Kind::NotFound),
        ("invalid_request_error", Kind::InvalidRequest),
    ] {
        let data = json!({"type": "error", "error": {"type": kind, "message": "No."}, "request_id": "req_1"});
        for name in ["error", ""] {
            let failure = answer().event(name, &data.to_string()).expect_err("told");
            assert_eq!(
                (failure.kind, failure.code.as_deref()),
                (expected, Some(kind))
            );
        }
    }
}

#[test]
fn answers_that_are_none_fail() {
    for body in [
        "{}",
        "[]",
        "{\"content\":1}",
        "<html>",
        "",
        "{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}",
    ] {
        assert!(answer().whole(body.as_bytes()).is_err(), "{body}");
    }
    assert!(answer().event("", "{").is_err());
}

proptest! {
    #[test]
    fn any_json_is_read(values in prop::collection::vec(crate::tests::any_json(), 0..8), schema in any::<bool>()) {
        let mut answer = Answer::new(Envelope::default(), schema);
        for value in &values {
            if answer.event("", &value.to_string()).is_err() {
                break;
            }
        }
        let _ = answer.cut();
        let _ = Answer::new(Envelope::default(), schema).whole(json!({"content": values}).to_string().as_bytes());
        // Whatever came, generation ends once, and nothing that matters follows.
        let events = drain(&mut answer);
        let ends = events.iter().filter(|event| matches!(event, Event::Finish(_))).count();
        prop_assert!(ends <= 1);
    }
}
