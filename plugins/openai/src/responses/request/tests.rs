use chela_dialect::testing::conversation;
use chela_sdk::media::Source;
use chela_sdk::model::{
    Content, MediaKind, MediaPart, Message, Reasoning, Request, Role, ThinkingLevel, Tool,
    ToolCall, ToolChoice, ToolOutput, ToolResult,
};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{Blob, FailureKind as Kind, NamedValue, Result};
use chela_test_support::description::request_fits;
use serde_json::{Value, json};

use super::Asked;
use crate::responses::tests::user;

fn request() -> Request {
    Request {
        model: "gpt-5.5".into(),
        messages: vec![user("Hi")],
        ..Request::default()
    }
}

fn named(name: &str, value: &Value) -> NamedValue {
    NamedValue {
        name: name.into(),
        value: value.to_string(),
    }
}

/// The body as the server gets it, of a provider with one rule about reasoning.
fn sent(request: &Request) -> Result<Value> {
    testing::set(
        "reasoning",
        json!([{"models": ["gpt-5"], "levels": {"off": "none", "low": "low", "high": "high"}}]),
    );
    testing::reply(Reply::json(200, "{\"output\":[]}"));
    crate::responses::start(request)?;
    Ok(testing::sent().remove(0).json())
}

fn ignored(request: &Request) -> Vec<String> {
    let settings = chela_openai_dialect::settings::Settings::of_provider();
    let Asked { ignored, .. } = super::ask(
        request,
        &settings,
        false,
        &mut chela_sdk::http::Blobs::new(),
    )
    .expect("it can be sent");
    ignored
}

fn input(messages: Vec<Message>) -> Value {
    sent(&Request {
        messages,
        ..request()
    })
    .expect("it can be sent")["input"]
        .take()
}

fn media(kind: MediaKind, source: Source, extra: Vec<NamedValue>) -> Content {
    Content::Media(MediaPart {
        kind,
        source,
        extra,
    })
}

#[test]
fn the_least_request_says_that_nothing_is_to_be_kept() {
    assert_eq!(
        sent(&Request {
            model: "gpt-4.1".into(),
            ..request()
        })
        .expect("sent"),
        json!({"model": "gpt-4.1", "stream": false, "store": false,
            "input": [{"type": "message", "role": "user", "content": "Hi"}]})
    );
}

#[test]
fn every_field_has_its_place() {
    testing::set("reasoningSummary", "auto");
    let full = Request {
        system: Some("Be brief".into()),
        max_output_tokens: Some(64),
        temperature: Some(0.5),
        thinking: Some(ThinkingLevel::High),
        response_schema: Some("{\"type\":\"object\",\"properties\":{},\"required\":[],\"additionalProperties\":false}".into()),
        tools: vec![Tool {
            name: "find".into(),
            description: "Finds".into(),
            parameters: "{\"type\":\"object\"}".into(),
            extra: Vec::new(),
        }],
        tool_choice: Some(ToolChoice::Tool("find".into())),
        incremental: true,
        extra: vec![
            named("text", &json!({"verbosity": "low"})),
            named("reasoning", &json!({"context": "all_turns"})),
            named("include", &json!(["message.output_text.logprobs", "reasoning.encrypted_content"])),
            named("tools", &json!([{"type": "web_search"}])),
            named("seed", &json!(7)),
        ],
        ..request()
    };
    assert_eq!(
        sent(&full).expect("sent"),
        json!({
            "model": "gpt-5.5", "stream": true, "store": false, "instructions": "Be brief",
            "max_output_tokens": 64, "temperature": 0.5, "seed": 7,
            "input": [{"type": "message", "role": "user", "content": "Hi"}],
            "reasoning": {"effort": "high", "summary": "auto", "context": "all_turns"},
            "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
            "text": {"verbosity": "low", "format": {"type": "json_schema", "name": "answer", "strict": true,
                "schema": {"type": "object", "properties": {}, "required": [], "additionalProperties": false}}},
            "tools": [
                {"type": "function", "name": "find", "description": "Finds", "parameters": {"type": "object"}, "strict": false},
                {"type": "web_search"},
            ],
            "tool_choice": {"type": "function", "name": "find"},
        })
    );
}

#[test]
fn a_server_in_the_providers_place_is_told_no_more_than_it_knows() {
    testing::replace_endpoint("api");
    let thinking = Request {
        thinking: Some(ThinkingLevel::High),
        ..request()
    };
    let body = sent(&thinking).expect("sent");
    for field in ["store", "include", "reasoning"] {
        assert_eq!(body.get(field), None, "{field}");
    }
    testing::set("supportsStore", true);
    testing::set("supportsReasoningEffort", true);
    let body = sent(&thinking).expect("sent");
    assert_eq!(body["store"], json!(false));
    assert_eq!(body["reasoning"], json!({"effort": "high"}));
    assert_eq!(body["include"], json!(["reasoning.encrypted_content"]));
}

#[test]
fn what_has_no_part_in_a_request_is_named() {
    testing::set(
        "reasoning",
        json!([{"models": ["gpt-5"], "levels": {"low": "low"}}]),
    );
    let with = |thinking| Request {
        thinking: Some(thinking),
        ..request()
    };
    assert!(ignored(&with(ThinkingLevel::Low)).is_empty());
    assert_eq!(ignored(&with(ThinkingLevel::Max)), ["thinking"]);
    assert_eq!(
        ignored(&Request {
            model: "gpt-4.1".into(),
            ..with(ThinkingLevel::Low)
        }),
        ["thinking"]
    );
    assert_eq!(
        ignored(&Request {
            stop: vec!["END".into()],
            ..request()
        }),
        ["stop"]
    );
}

#[test]
fn no_summary_is_asked_for_of_thoughts_that_are_not_thought() {
    testing::set("reasoningSummary", "auto");
    let body = sent(&Request {
        thinking: Some(ThinkingLevel::Off),
        ..request()
    })
    .expect("sent");
    assert_eq!(body["reasoning"], json!({"effort": "none"}));
}

#[test]
fn media_stand_in_their_parts() {
    let held =
        |kind, mime_type| media(kind, Source::Blob(Blob::new(mime_type, b"hi!")), Vec::new());
    let turn = |content| input(vec![Message::new(Role::User, [content])])[0]["content"][0].take();
    assert_eq!(
        turn(held(MediaKind::Image, "image/png")),
        json!({"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,aGkh"})
    );
    assert_eq!(
        turn(media(
            MediaKind::Image,
            Source::Url("https://a.example/x".into()),
            vec![named("detail", &json!("high"))]
        )),
        json!({"type": "input_image", "detail": "high", "image_url": "https://a.example/x"})
    );
    assert_eq!(
        turn(held(MediaKind::File, "application/pdf")),
        json!({"type": "input_file", "filename": "document", "file_data": "data:application/pdf;base64,aGkh"})
    );
    assert_eq!(
        turn(media(
            MediaKind::File,
            Source::Url("https://a.example/x".into()),
            Vec::new()
        )),
        json!({"type": "input_file", "file_url": "https://a.example/x"})
    );
    for kind in [MediaKind::Audio, MediaKind::Video] {
        let messages = vec![Message::new(Role::User, [held(kind, "x/y")])];
        let failure = sent(&Request {
            messages,
            ..request()
        })
        .expect_err("no place for it");
        assert_eq!(failure.kind, Kind::Unsupported);
    }
}

#[test]
fn a_conversation_goes_back_as_it_came() {
    let thought = |text: &str, opaque: &str| {
        Content::Reasoning(Reasoning {
            text: text.into(),
            opaque: Some(opaque.into()),
        })
    };
    let call = ToolCall {
        extra: vec![named("namespace", &json!("n"))],
        ..ToolCall::new("call_1", "find", "{}")
    };
    let result = |content, is_error| {
        Content::ToolResult(ToolResult {
            id: "call_1".into(),
            name: "find".into(),
            content,
            is_error,
            extra: Vec::new(),
        })
    };
    let screenshot = ToolOutput::Media(MediaPart {
        kind: MediaKind::Image,
        source: Source::Url("https://a.example/x".into()),
        extra: Vec::new(),
    });
    assert_eq!(
        input(vec![
            user("Find it"),
            Message::new(
                Role::Assistant,
                [
                    thought(
                        "Let me see",
                        "reasoning:{\"id\":\"rs_1\",\"encrypted_content\":\"gAAA\"}"
                    ),
                    Content::Text("I will ".into()),
                    Content::Text("look.".into()),
                    thought("", "phase:commentary"),
                    thought("of another provider", "signature:x"),
                    Content::ToolCall(call),
                    Content::Text("Done.".into()),
                ]
            ),
            Message::new(
                Role::Tool,
                [
                    result(vec![ToolOutput::Text("no".into())], true),
                    result(vec![ToolOutput::Text("look".into()), screenshot], false),
                ]
            ),
        ]),
        json!([
            {"type": "message", "role": "user", "content": "Find it"},
            {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA", "summary": [{"type": "summary_text", "text": "Let me see"}]},
            {"type": "message", "role": "assistant", "content": "I will look.", "phase": "commentary"},
            {"type": "function_call", "call_id": "call_1", "name": "find", "arguments": "{}", "namespace": "n"},
            {"type": "message", "role": "assistant", "content": "Done."},
            {"type": "function_call_output", "call_id": "call_1", "output": "Error:\nno"},
            {"type": "function_call_output", "call_id": "call_1", "output": [
                {"type": "input_text", "text": "look"}, {"type": "input_image", "detail": "auto", "image_url": "https://a.example/x"}]},
        ])
    );
}

#[test]
fn what_is_the_requests_own_cannot_be_slipped_in() {
    let body = Request {
        extra: vec![named("input", &json!("x"))],
        ..request()
    };
    assert_eq!(
        sent(&body).expect_err("reserved").kind,
        Kind::InvalidRequest
    );
}

#[test]
fn a_conversation_fits_the_published_description() {
    let thought = "reasoning:{\"id\":\"rs_1\",\"encrypted_content\":\"gAAA\"}";
    let body = sent(&conversation("gpt-5.5", thought)).expect("it can be sent");
    request_fits("openai", "/responses", &body).expect("it fits");
}
