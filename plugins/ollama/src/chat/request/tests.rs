use chela_dialect::testing::conversation;
use chela_sdk::model::{Reasoning, ThinkingLevel, Tool, ToolCall};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{Blob, FailureKind as Kind, NamedValue, http};
use chela_test_support::description::request_fits;
use serde_json::json;

use super::*;

const OLLAMA: &str = include_str!("../../../providers/ollama.toml");
const TEMPLATE: &str = include_str!("../../../providers/template.toml");

fn think(manifest: &str) -> Value {
    let manifest: Value = toml::from_str(manifest).expect("the manifest is TOML");
    manifest["settings"]["think"].clone()
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
fn sent(request: &Request) -> Result<(Value, Vec<String>)> {
    let mut blobs = Blobs::new();
    let asked = ask(request, &think(OLLAMA), &mut blobs)?;
    testing::reply(Reply::json(200, "{}"));
    http::endpoint("api")
        .post("/")
        .json_with_blobs(&asked.body, &blobs)
        .send()?;
    Ok((testing::sent()[0].json(), asked.ignored))
}

fn body(request: &Request) -> Value {
    sent(request).expect("it can be sent").0
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
fn every_field_has_its_place() {
    assert_eq!(
        body(&request(hi())),
        json!({"model": "m-1", "stream": false, "messages": [{"role": "user", "content": "Hi"}]})
    );
    let full = Request {
        system: Some("Be brief".into()),
        max_output_tokens: Some(64),
        temperature: Some(0.5),
        stop: vec!["END".into()],
        thinking: Some(ThinkingLevel::High),
        response_schema: Some("{\"type\":\"object\"}".into()),
        incremental: true,
        tools: vec![tool()],
        extra: vec![
            NamedValue {
                name: "keep_alive".into(),
                value: "\"5m\"".into(),
            },
            NamedValue {
                name: "options".into(),
                value: "{\"seed\":7,\"temperature\":0.25}".into(),
            },
        ],
        ..request(hi())
    };
    assert_eq!(
        body(&full),
        json!({"model": "m-1", "stream": true, "think": "high", "format": {"type": "object"}, "keep_alive": "5m",
            "options": {"num_predict": 64, "temperature": 0.25, "stop": ["END"], "seed": 7},
            "tools": [{"type": "function", "function": {"name": "find", "description": "Finds", "parameters": {"type": "object"}}}],
            "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"}]})
    );
}

#[test]
fn every_level_is_known() {
    use ThinkingLevel::{Adaptive, High, Low, Max, Medium, Minimal, Off, Xhigh};
    for manifest in [OLLAMA, TEMPLATE] {
        for level in [Off, Minimal, Low, Medium, High, Adaptive, Xhigh, Max] {
            assert!(think(manifest).get(levels::name(level)).is_some());
        }
    }
    let off = Request {
        thinking: Some(Off),
        ..request(hi())
    };
    assert_eq!(body(&off)["think"], json!(false));
}

#[test]
fn a_choice_of_tools_is_none_or_free() {
    let with = |choice| {
        sent(&Request {
            tools: vec![tool()],
            tool_choice: Some(choice),
            ..request(hi())
        })
        .expect("sent")
    };
    assert_eq!(with(ToolChoice::None).0.get("tools"), None);
    assert!(with(ToolChoice::Auto).1.is_empty());
    assert_eq!(with(ToolChoice::Required).1, ["tool-choice"]);
}

#[test]
fn a_conversation_is_given_back() {
    let turns = vec![
        Message::new(
            Role::User,
            [
                Content::Media(MediaPart {
                    kind: MediaKind::Image,
                    source: Source::Blob(Blob::new("image/png", b"hi!")),
                    extra: Vec::new(),
                }),
                Content::Text("Hi".into()),
            ],
        ),
        Message::new(
            Role::Assistant,
            [
                Content::Reasoning(Reasoning {
                    text: "Hm".into(),
                    opaque: None,
                }),
                Content::ToolCall(ToolCall::new("call_1", "find", "{\"q\":1}")),
            ],
        ),
        Message::new(
            Role::Tool,
            [Content::ToolResult(ToolResult {
                id: "call_1".into(),
                name: "find".into(),
                content: vec![ToolOutput::Text("found".into())],
                is_error: true,
                extra: Vec::new(),
            })],
        ),
    ];
    assert_eq!(
        body(&request(turns))["messages"],
        json!([
            {"role": "user", "content": "Hi", "images": ["aGkh"]},
            {"role": "assistant", "content": "", "thinking": "Hm",
                "tool_calls": [{"id": "call_1", "function": {"name": "find", "arguments": {"q": 1}}}]},
            {"role": "tool", "tool_name": "find", "tool_call_id": "call_1", "content": "Error:\nfound"},
        ])
    );
}

#[test]
fn what_the_api_cannot_take_is_told() {
    let media = |kind, source| {
        request(vec![Message::new(
            Role::User,
            [Content::Media(MediaPart {
                kind,
                source,
                extra: Vec::new(),
            })],
        )])
    };
    let url = || Source::Url("https://a.example/x".into());
    for (request, kind) in [
        (media(MediaKind::Image, url()), Kind::Unsupported),
        (
            media(
                MediaKind::Audio,
                Source::Blob(Blob::new("audio/wav", b"hi!")),
            ),
            Kind::Unsupported,
        ),
        (
            Request {
                response_schema: Some("{".into()),
                ..request(hi())
            },
            Kind::InvalidRequest,
        ),
        (
            request(vec![Message::new(
                Role::User,
                [Content::ToolCall(ToolCall::new("a", "b", "{}"))],
            )]),
            Kind::InvalidRequest,
        ),
    ] {
        assert_eq!(sent(&request).expect_err("not taken").kind, kind);
    }
}

#[test]
fn a_conversation_fits_the_published_description() {
    let body = body(&conversation("m-1", ""));
    request_fits("ollama", "/api/chat", &body).expect("it fits");
}
