use chela_dialect::testing::conversation;
use chela_sdk::model::{ThinkingLevel, Tool};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{FailureKind as Kind, http};
use chela_test_support::description::request_fits;
use serde_json::json;

use super::*;

/// What a family of models takes.
fn settings(family: &Value) -> Settings {
    let families = json!([family]);
    let value = |name: &str| match name {
        "families" => families.clone(),
        "maxTokens" => json!(1000),
        _ => Value::Null,
    };
    Settings::read(&value, "m-1", true)
}

fn request(messages: Vec<Message>) -> Request {
    Request {
        model: "m-1".into(),
        messages,
        ..Request::default()
    }
}

fn hi() -> Vec<Message> {
    vec![Message::new(Role::User, [Content::Text("Hi".into())])]
}

/// The body as a server gets it, and what was left out.
fn sent(request: &Request, settings: &Settings) -> Result<(Value, Vec<String>)> {
    let mut blobs = Blobs::new();
    let asked = ask(request, settings, &mut blobs)?;
    testing::reply(Reply::json(200, "{}"));
    http::endpoint("api")
        .post("/")
        .json_with_blobs(&asked.body, &blobs)
        .send()?;
    Ok((testing::sent()[0].json(), asked.ignored))
}

fn body(request: &Request) -> Value {
    sent(request, &settings(&json!({})))
        .expect("it can be sent")
        .0
}

fn part(kind: MediaKind, source: Source) -> Content {
    Content::Media(MediaPart {
        kind,
        source,
        extra: Vec::new(),
    })
}

fn tool() -> Tool {
    Tool {
        name: "find".into(),
        description: "Finds".into(),
        parameters: "{\"type\":\"object\"}".into(),
        extra: Vec::new(),
    }
}

#[test]
fn the_least_request_says_the_least() {
    assert_eq!(
        body(&request(hi())),
        json!({"model": "m-1", "max_tokens": 1000, "stream": false,
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]})
    );
}

#[test]
fn every_field_has_its_place() {
    let full = Request {
        system: Some("Be brief".into()),
        max_output_tokens: Some(64),
        temperature: Some(0.5),
        stop: vec!["END".into()],
        incremental: true,
        tools: vec![tool()],
        tool_choice: Some(ToolChoice::Required),
        extra: vec![NamedValue {
            name: "top_k".into(),
            value: "7".into(),
        }],
        ..request(hi())
    };
    assert_eq!(
        body(&full),
        json!({"model": "m-1", "max_tokens": 64, "stream": true, "system": "Be brief", "temperature": 0.5, "stop_sequences": ["END"],
            "top_k": 7, "tool_choice": {"type": "any"},
            "tools": [{"name": "find", "description": "Finds", "input_schema": {"type": "object"}}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]})
    );
}

#[test]
fn a_model_that_thinks_has_room_and_its_own_temperature() {
    let thinking = |level| Request {
        thinking: Some(level),
        temperature: Some(0.2),
        ..request(hi())
    };
    let family = json!({"levels": {"high": "high", "low": 2048, "off": "none", "minimal": false}});
    let (body, ignored) = sent(&thinking(ThinkingLevel::High), &settings(&family)).expect("sent");
    assert_eq!(
        body["thinking"],
        json!({"type": "adaptive", "display": "summarized"})
    );
    assert_eq!(body["output_config"], json!({"effort": "high"}));
    assert_eq!(
        (&body["max_tokens"], ignored),
        (&json!(2000), vec!["temperature".to_owned()])
    );
    let (body, _) = sent(&thinking(ThinkingLevel::Low), &settings(&family)).expect("sent");
    assert_eq!(
        body["thinking"],
        json!({"type": "enabled", "budget_tokens": 2048})
    );
    assert_eq!(body["max_tokens"], 3048);
    for (level, field, left_out) in [
        (ThinkingLevel::Off, Value::Null, None),
        (ThinkingLevel::Minimal, json!({"type": "disabled"}), None),
        (ThinkingLevel::Max, Value::Null, Some("thinking")),
    ] {
        let (body, ignored) = sent(&thinking(level), &settings(&family)).expect("sent");
        assert_eq!(body["thinking"], field);
        assert_eq!(body["temperature"], 0.2);
        assert_eq!(ignored.first().map(String::as_str), left_out);
    }
    let (body, ignored) = sent(
        &Request {
            temperature: Some(1.0),
            ..request(hi())
        },
        &settings(&json!({"sampling": false})),
    )
    .expect("sent");
    assert_eq!((body.get("temperature"), ignored.len()), (None, 1));
}

#[test]
fn an_answer_that_takes_long_is_streamed() {
    let long = Request {
        max_output_tokens: Some(30_000),
        ..request(hi())
    };
    assert_eq!(body(&long)["stream"], json!(true));
}

#[test]
fn a_schema_is_a_format_or_a_tool() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "object", "additionalProperties": true}}});
    let asked = Request {
        response_schema: Some(schema.to_string()),
        ..request(hi())
    };
    let (format, _) = sent(&asked, &settings(&json!({}))).expect("sent");
    assert_eq!(
        format["output_config"]["format"],
        json!({"type": "json_schema", "schema": {"type": "object", "additionalProperties": false,
            "properties": {"a": {"type": "object", "additionalProperties": true}}}})
    );
    let (tool, _) = sent(&asked, &settings(&json!({"schema": "tool"}))).expect("sent");
    assert_eq!(tool["tools"][0]["input_schema"], schema);
    assert_eq!(
        tool["tool_choice"],
        json!({"type": "tool", "name": "answer"})
    );
    let both = Request {
        tools: vec![self::tool()],
        ..asked
    };
    let failure = sent(&both, &settings(&json!({"schema": "tool"}))).expect_err("not both");
    assert_eq!(failure.kind, Kind::Unsupported);
}

#[test]
fn only_schemas_of_objects_are_closed() {
    let mut schema = json!({"type": "object", "properties": {"properties": {"type": "string"}, "type": {"enum": [{"type": "object"}]},
        "list": {"type": "array", "items": {"$ref": "#/$defs/one"}}}, "$defs": {"one": {"type": "object"}}});
    close_objects(&mut schema);
    assert_eq!(
        schema,
        json!({"type": "object", "additionalProperties": false, "properties": {"properties": {"type": "string"},
            "type": {"enum": [{"type": "object"}]}, "list": {"type": "array", "items": {"$ref": "#/$defs/one"}}},
            "$defs": {"one": {"type": "object", "additionalProperties": false}}})
    );
}

#[test]
fn media_is_spliced_in() {
    let media = |content| {
        body(&request(vec![Message::new(Role::User, [content])]))["messages"][0]["content"][0]
            .take()
    };
    let blob = |mime_type: &str| Source::Blob(Blob::new(mime_type, b"hi!"));
    assert_eq!(
        media(part(MediaKind::Image, blob("image/webp"))),
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/webp", "data": "aGkh"}})
    );
    assert_eq!(
        media(part(
            MediaKind::Image,
            Source::Url("https://a.example/x".into())
        )),
        json!({"type": "image", "source": {"type": "url", "url": "https://a.example/x"}})
    );
    let paper = testing::file("a.pdf", "application/pdf", b"hi!");
    assert_eq!(
        media(part(MediaKind::File, Source::Blob(paper))),
        json!({"type": "document", "title": "a.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": "aGkh"}})
    );
    assert_eq!(
        media(part(MediaKind::File, blob("text/csv"))),
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "hi!"}})
    );
    for kind in [MediaKind::Audio, MediaKind::Video] {
        let turns = vec![Message::new(Role::User, [part(kind, blob("video/mp4"))])];
        let failure = sent(&request(turns), &settings(&json!({}))).expect_err("not taken");
        assert_eq!(failure.kind, Kind::Unsupported);
    }
}

#[test]
fn what_the_api_gave_is_given_back() {
    let thought = |text: &str, opaque: Option<&str>| {
        Content::Reasoning(Reasoning {
            text: text.into(),
            opaque: opaque.map(str::to_owned),
        })
    };
    let result = |id: &str, is_error| {
        Content::ToolResult(ToolResult {
            id: id.into(),
            name: "find".into(),
            content: vec![
                ToolOutput::Text("found".into()),
                ToolOutput::Media(MediaPart {
                    kind: MediaKind::Image,
                    source: Source::Url("https://a.example/x".into()),
                    extra: Vec::new(),
                }),
            ],
            is_error,
            extra: Vec::new(),
        })
    };
    let turns = vec![
        Message::new(Role::User, [Content::Text("Hi".into())]),
        Message::new(
            Role::Assistant,
            [
                thought("Hm", Some("signature:c2ln")),
                thought("", Some("redacted:ZZZ")),
                thought("unsigned", None),
                Content::Text(String::new()),
                Content::ToolCall(ToolCall::new("toolu_1", "find", "{\"q\":1}")),
                Content::ToolCall(ToolCall::new("toolu_2", "find", "{}")),
            ],
        ),
        Message::new(Role::Tool, [result("toolu_1", false)]),
        Message::new(Role::Tool, [result("toolu_2", true)]),
    ];
    let seen = json!([{"type": "text", "text": "found"}, {"type": "image", "source": {"type": "url", "url": "https://a.example/x"}}]);
    assert_eq!(
        body(&request(turns))["messages"],
        json!([
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "ZZZ"},
                {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"q": 1}},
                {"type": "tool_use", "id": "toolu_2", "name": "find", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": seen},
                {"type": "tool_result", "tool_use_id": "toolu_2", "content": seen, "is_error": true},
            ]},
        ])
    );
}

#[test]
fn what_cannot_be_said_is_refused() {
    let broken = [
        Request {
            response_schema: Some("{".into()),
            ..request(hi())
        },
        Request {
            extra: vec![NamedValue {
                name: "messages".into(),
                value: "[]".into(),
            }],
            ..request(hi())
        },
        request(vec![Message::new(
            Role::User,
            [Content::ToolCall(ToolCall::new("a", "b", "{}"))],
        )]),
        request(vec![Message::new(
            Role::Assistant,
            [Content::ToolCall(ToolCall::new("a", "b", "1"))],
        )]),
    ];
    for request in &broken {
        let failure = sent(request, &settings(&json!({}))).expect_err("refused");
        assert_eq!(failure.kind, Kind::InvalidRequest);
    }
}

#[test]
fn a_conversation_fits_the_published_description() {
    let body = body(&conversation("claude-sonnet-4-6", "signature:c2ln"));
    request_fits("anthropic", "/v1/messages", &body).expect("it fits");
}
