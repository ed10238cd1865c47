use chela_dialect::testing::conversation;
use chela_sdk::model::{Reasoning, ThinkingLevel, Tool, ToolCall, ToolOutput, ToolResult};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{Blob, FailureKind as Kind, NamedValue, http};

use chela_test_support::description::request_fits;
use serde_json::json;

use super::*;
use crate::tests::settings;

fn request() -> Request {
    Request {
        model: "m-1".into(),
        ..Request::default()
    }
}

fn tool() -> Tool {
    Tool {
        name: "find".into(),
        description: "Finds".into(),
        parameters: "{\"type\":\"object\"}".into(),
        extra: Vec::new(),
    }
}

fn value(name: &str, value: &str) -> NamedValue {
    NamedValue {
        name: name.into(),
        value: value.into(),
    }
}

fn user(content: Vec<Content>) -> Message {
    Message::new(Role::User, content)
}

fn text(text: &str) -> Content {
    Content::Text(text.into())
}

fn media_part(kind: MediaKind, source: Source) -> Content {
    Content::Media(MediaPart {
        kind,
        source,
        extra: Vec::new(),
    })
}

fn held(kind: MediaKind, mime_type: &str) -> Content {
    media_part(kind, Source::Blob(Blob::new(mime_type, b"hi!")))
}

fn linked(kind: MediaKind) -> Content {
    media_part(kind, Source::Url("https://a.example/x".into()))
}

/// The body as a server gets it.
fn sent(
    mut request: Request,
    messages: Vec<Message>,
    settings: &Settings,
    replaced: bool,
) -> Result<Value> {
    request.messages = messages;
    let mut blobs = Blobs::new();
    let body = body(&request, settings, replaced, &mut blobs)?;
    testing::reply(Reply::json(200, "{}"));
    http::endpoint("api")
        .post("/")
        .json_with_blobs(&body, &blobs)
        .send()?;
    Ok(testing::sent()[0].json())
}

fn messages(turns: Vec<Message>, values: &Value) -> Value {
    sent(request(), turns, &settings(values), false).expect("it can be sent")["messages"].take()
}

/// The one part of the one message with that content.
fn part(content: Content, values: &Value) -> Value {
    messages(vec![user(vec![content])], values)[0]["content"][0].take()
}

#[test]
fn the_least_request_says_the_least() {
    let body = sent(
        request(),
        vec![user(vec![text("Hi \"you\"\n\u{0}")])],
        &Settings::default(),
        false,
    )
    .expect("sent");
    assert_eq!(
        body,
        json!({"model": "m-1", "stream": false, "messages": [{"role": "user", "content": "Hi \"you\"\n\u{0}"}]})
    );
}

#[test]
fn every_field_has_its_place() {
    let full = || Request {
        system: Some("Be brief".into()),
        max_output_tokens: Some(64),
        temperature: Some(0.5),
        stop: vec!["END".into()],
        thinking: Some(ThinkingLevel::High),
        incremental: true,
        tools: vec![tool()],
        extra: vec![NamedValue {
            name: "seed".into(),
            value: "7".into(),
        }],
        ..request()
    };
    let settings = settings(&json!({
        "maxTokensField": "max_completion_tokens",
        "reasoning": [{"levels": {"high": "high"}}],
    }));
    let hi = || vec![user(vec![text("Hi")])];
    let body = sent(full(), hi(), &settings, false).expect("sent");
    assert_eq!(
        body,
        json!({
            "model": "m-1", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 64,
            "temperature": 0.5, "stop": ["END"], "reasoning_effort": "high", "seed": 7,
            "tools": [{"type": "function", "function": {"name": "find", "description": "Finds", "parameters": {"type": "object"}}}],
            "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"}],
        })
    );
    let proxied = sent(full(), hi(), &settings, true).expect("sent");
    assert_eq!(proxied.get("reasoning_effort"), None);
}

#[test]
fn usage_in_streams_can_be_left_out() {
    let streamed = Request {
        incremental: true,
        ..request()
    };
    let body = sent(
        streamed,
        vec![],
        &settings(&json!({"supportsUsageInStreaming": false})),
        false,
    )
    .expect("sent");
    assert_eq!(body.get("stream_options"), None);
    assert_eq!(body["stream"], json!(true));
}

#[test]
fn text_alone_is_one_string_where_it_has_to_be() {
    let turns = || vec![user(vec![text("a"), text("b")])];
    assert_eq!(
        messages(turns(), &json!({})),
        json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}])
    );
    let strings = json!({"requiresStringContent": true});
    assert_eq!(
        messages(turns(), &strings),
        json!([{"role": "user", "content": "a\nb"}])
    );
    let mixed = vec![user(vec![text("a"), held(MediaKind::Image, "image/png")])];
    assert_eq!(
        messages(mixed, &strings)[0]["content"][0]["text"],
        json!("a")
    );
}

#[test]
fn media_is_spliced_in() {
    let plain = json!({});
    assert_eq!(
        part(held(MediaKind::Image, "image/webp"), &plain),
        json!({"type": "image_url", "image_url": {"url": "data:image/webp;base64,aGkh"}})
    );
    assert_eq!(
        part(linked(MediaKind::Image), &plain),
        json!({"type": "image_url", "image_url": {"url": "https://a.example/x"}})
    );
    for (mime_type, format) in [
        ("audio/mpeg", "mp3"),
        ("audio/x-wav", "wav"),
        ("audio/ogg; codecs=opus", "ogg"),
    ] {
        assert_eq!(
            part(held(MediaKind::Audio, mime_type), &plain),
            json!({"type": "input_audio", "input_audio": {"data": "aGkh", "format": format}})
        );
    }
    let file = testing::file("a \"b\".pdf", "application/pdf", b"hi!");
    assert_eq!(
        part(media_part(MediaKind::File, Source::Blob(file)), &plain),
        json!({"type": "file", "file": {"filename": "a \"b\".pdf", "file_data": "data:application/pdf;base64,aGkh"}})
    );
}

#[test]
fn mistral_spells_media_its_own_way() {
    let values =
        json!({"audioInput": "bare", "fileInput": "document_url", "videoInput": "video_url"});
    for (content, shape) in [
        (
            held(MediaKind::Audio, "audio/mpeg"),
            json!({"type": "input_audio", "input_audio": "aGkh"}),
        ),
        (
            linked(MediaKind::Audio),
            json!({"type": "input_audio", "input_audio": "https://a.example/x"}),
        ),
        (
            linked(MediaKind::File),
            json!({"type": "document_url", "document_url": "https://a.example/x"}),
        ),
        (
            held(MediaKind::Video, "video/mp4"),
            json!({"type": "video_url", "video_url": {"url": "data:video/mp4;base64,aGkh"}}),
        ),
    ] {
        assert_eq!(part(content, &values), shape);
    }
}

#[test]
fn what_the_api_cannot_take_is_unsupported() {
    for item in [
        linked(MediaKind::Audio),
        linked(MediaKind::File),
        linked(MediaKind::Video),
        held(MediaKind::Video, "video/mp4"),
    ] {
        let failure = sent(
            request(),
            vec![user(vec![item])],
            &Settings::default(),
            false,
        )
        .expect_err("not taken");
        assert_eq!(failure.kind, Kind::Unsupported);
    }
    let tools = Request {
        tools: vec![tool()],
        ..request()
    };
    let failure = sent(
        tools,
        vec![],
        &settings(&json!({"supportsTools": false})),
        false,
    )
    .expect_err("no tools");
    assert_eq!(failure.kind, Kind::Unsupported);
}

#[test]
fn tool_turns_are_messages_of_their_own() {
    let call = ToolCall {
        extra: vec![value("extra_content", "{\"google\":1}")],
        ..ToolCall::new("a", "find", "{\"q\":1}")
    };
    let thought = Reasoning {
        text: "hm".into(),
        opaque: Some("c2ln".into()),
    };
    let result = |id: &str, is_error| {
        Content::ToolResult(ToolResult {
            id: id.into(),
            name: "find".into(),
            content: vec![
                ToolOutput::Text("found".into()),
                ToolOutput::Text("it".into()),
            ],
            is_error,
            extra: Vec::new(),
        })
    };
    let turns = vec![
        user(vec![text("Hi")]),
        Message::new(
            Role::Assistant,
            [Content::Reasoning(thought), Content::ToolCall(call)],
        ),
        Message {
            extra: vec![value("name", "\"finder\"")],
            ..Message::new(
                Role::Tool,
                [result("a", false), result("b", true), text("and?")],
            )
        },
    ];
    assert_eq!(
        messages(turns, &json!({})),
        json!([
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "find", "arguments": "{\"q\":1}"},
                    "extra_content": {"google": 1}},
            ]},
            {"role": "tool", "tool_call_id": "a", "content": "found\nit", "name": "finder"},
            {"role": "tool", "tool_call_id": "b", "content": "Error:\nfound\nit", "name": "finder"},
            {"role": "user", "content": "and?", "name": "finder"},
        ])
    );
}

#[test]
fn media_of_a_tool_is_unsupported() {
    let result = ToolResult {
        id: "a".into(),
        name: "look".into(),
        content: vec![ToolOutput::Media(MediaPart {
            kind: MediaKind::Image,
            source: Source::Url("https://a.example/x".into()),
            extra: Vec::new(),
        })],
        is_error: false,
        extra: Vec::new(),
    };
    let turns = vec![Message::new(Role::Tool, [Content::ToolResult(result)])];
    let failure = sent(request(), turns, &Settings::default(), false).expect_err("not taken");
    assert_eq!(failure.kind, Kind::Unsupported);
}

#[test]
fn tools_are_chosen_where_there_are_any() {
    let body = |tools, choice| {
        let request = Request {
            tools,
            tool_choice: Some(choice),
            ..request()
        };
        sent(request, vec![], &Settings::default(), false).expect("sent")
    };
    for (choice, field) in [
        (ToolChoice::Auto, json!("auto")),
        (ToolChoice::None, json!("none")),
        (ToolChoice::Required, json!("required")),
        (
            ToolChoice::Tool("find".into()),
            json!({"type": "function", "function": {"name": "find"}}),
        ),
    ] {
        assert_eq!(body(vec![tool()], choice)["tool_choice"], field);
    }
    let alone = body(Vec::new(), ToolChoice::Required);
    assert_eq!(alone.get("tool_choice"), None);
    let strict = Tool {
        extra: vec![value("strict", "true")],
        ..tool()
    };
    let body = body(vec![strict], ToolChoice::Auto);
    assert_eq!(body["tools"][0]["function"]["strict"], json!(true));
}

#[test]
fn a_schema_is_strict_when_it_can_be() {
    let format = |schema: &Value, values: &Value| {
        let with = Request {
            response_schema: Some(schema.to_string()),
            ..request()
        };
        sent(with, vec![], &settings(values), false).expect("sent")["response_format"]["json_schema"].take()
    };
    let closed = json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false});
    let open = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let nested = json!({"type": "object", "properties": {"a": open}, "required": ["a"], "additionalProperties": false});
    assert_eq!(
        format(&closed, &json!({})),
        json!({"name": "answer", "schema": closed, "strict": true})
    );
    assert_eq!(
        format(&open, &json!({})),
        json!({"name": "answer", "schema": open})
    );
    assert_eq!(format(&nested, &json!({})).get("strict"), None);
    assert_eq!(
        format(&closed, &json!({"supportsStrictMode": false})).get("strict"),
        None
    );
}

#[test]
fn extra_fields_win_but_cannot_take_the_conversation() {
    let with = |name: &str, value: &str| Request {
        extra: vec![NamedValue {
            name: name.into(),
            value: value.into(),
        }],
        temperature: Some(1.0),
        ..request()
    };
    let body = sent(
        with("temperature", "0.25"),
        vec![],
        &Settings::default(),
        false,
    )
    .expect("sent");
    assert_eq!(body["temperature"], json!(0.25));
    for (name, value) in [("messages", "[]"), ("seed", "{")] {
        let failure =
            sent(with(name, value), vec![], &Settings::default(), false).expect_err("refused");
        assert_eq!(failure.kind, Kind::InvalidRequest);
    }
}

#[test]
fn a_conversation_fits_the_published_descriptions() {
    for (provider, path) in [
        ("openai", "/chat/completions"),
        ("groq", "/openai/v1/chat/completions"),
        ("mistral", "/v1/chat/completions"),
    ] {
        let mut request = conversation("m-1", "");
        let turns = std::mem::take(&mut request.messages);
        let body = sent(request, turns, &Settings::default(), false).expect("it can be sent");
        request_fits(provider, path, &body).expect("it fits");
    }
}
