use chela_sdk::media::Source;
use chela_sdk::model::{MediaKind, MediaPart, Tool};
use chela_sdk::testing::{self, Reply};
use chela_sdk::{Blob, FailureKind as Kind, NamedValue, http};
use serde_json::json;

use super::*;

const GOOGLE: &str = include_str!("../../../providers/google.toml");

fn request(messages: Vec<Message>) -> Request {
    Request {
        model: "gemini-x".into(),
        messages,
        ..Request::default()
    }
}

fn hi() -> Vec<Message> {
    vec![Message::new(Role::User, [Content::Text("Hi".into())])]
}

fn value(name: &str, value: &str) -> NamedValue {
    NamedValue {
        name: name.into(),
        value: value.into(),
    }
}

/// The body as a server gets it, and what was left out.
fn sent(request: &Request) -> Result<(Value, Vec<String>)> {
    let mut inputs = Inputs::new();
    let asked = ask(request, None, &mut inputs)?;
    testing::reply(Reply::json(200, "{}"));
    http::endpoint("api")
        .post("/")
        .json_with_blobs(&asked.body, inputs.blobs())
        .send()?;
    Ok((testing::sent()[0].json(), asked.ignored))
}

fn body(request: &Request) -> Value {
    sent(request).expect("it can be sent").0
}

#[test]
fn every_field_has_its_place() {
    assert_eq!(
        body(&request(hi())),
        json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]})
    );
    let full = Request {
        system: Some("Be brief".into()),
        max_output_tokens: Some(64),
        temperature: Some(0.5),
        stop: vec!["END".into()],
        response_schema: Some("{\"type\":\"object\"}".into()),
        tools: vec![Tool {
            name: "find".into(),
            description: "Finds".into(),
            parameters: "{\"type\":\"object\"}".into(),
            extra: Vec::new(),
        }],
        tool_choice: Some(ToolChoice::Tool("find".into())),
        extra: vec![
            value("generationConfig", "{\"topK\":7,\"temperature\":0.25}"),
            value("safetySettings", "[]"),
        ],
        ..request(hi())
    };
    assert_eq!(
        body(&full),
        json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], "systemInstruction": {"parts": [{"text": "Be brief"}]},
            "generationConfig": {"maxOutputTokens": 64, "temperature": 0.25, "stopSequences": ["END"], "topK": 7,
                "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
            "tools": [{"functionDeclarations": [{"name": "find", "description": "Finds", "parametersJsonSchema": {"type": "object"}}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["find"]}},
            "safetySettings": []})
    );
}

#[test]
fn each_family_is_asked_in_its_own_words() {
    use ThinkingLevel::{Adaptive, Low, Max, Medium, Minimal, Off};
    let manifest: Value = toml::from_str(GOOGLE).expect("the manifest is TOML");
    let families = &manifest["settings"]["families"];
    for (model, level, config) in [
        (
            "gemini-3-flash-preview",
            Medium,
            Some(json!({"thinkingLevel": "medium", "includeThoughts": true})),
        ),
        (
            "gemini-3-flash-preview",
            Minimal,
            Some(json!({"thinkingLevel": "minimal", "includeThoughts": true})),
        ),
        (
            "gemini-3-flash-preview",
            Off,
            Some(json!({"thinkingLevel": "minimal"})),
        ),
        (
            "gemini-3-flash-preview",
            Adaptive,
            Some(json!({"includeThoughts": true})),
        ),
        (
            "gemini-3-pro-preview",
            Medium,
            Some(json!({"thinkingLevel": "high", "includeThoughts": true})),
        ),
        (
            "gemini-3.1-pro-preview",
            Max,
            Some(json!({"thinkingLevel": "high", "includeThoughts": true})),
        ),
        ("gemini-2.5-flash", Off, Some(json!({"thinkingBudget": 0}))),
        (
            "gemini-2.5-flash",
            Adaptive,
            Some(json!({"thinkingBudget": -1, "includeThoughts": true})),
        ),
        ("gemini-2.5-pro", Off, Some(json!({"thinkingBudget": 128}))),
        (
            "gemini-2.5-pro",
            Low,
            Some(json!({"thinkingBudget": 2048, "includeThoughts": true})),
        ),
        ("gemini-2.0-flash", Low, None),
    ] {
        let family = levels::family(families, model);
        assert_eq!(
            thinking(level, family.get("levels")),
            config,
            "{model} {level:?}"
        );
    }
}

#[test]
fn media_is_spliced_in_or_pointed_at() {
    let part = |kind, source| {
        let content = Content::Media(MediaPart {
            kind,
            source,
            extra: Vec::new(),
        });
        body(&request(vec![Message::new(Role::User, [content])]))["contents"][0]["parts"][0].take()
    };
    for (kind, mime_type) in [
        (MediaKind::Image, "image/webp"),
        (MediaKind::Audio, "audio/wav"),
        (MediaKind::Video, "video/mp4"),
        (MediaKind::File, "application/pdf"),
    ] {
        assert_eq!(
            part(kind, Source::Blob(Blob::new(mime_type, b"hi!"))),
            json!({"inlineData": {"mimeType": mime_type, "data": "aGkh"}})
        );
    }
    assert_eq!(
        part(
            MediaKind::Image,
            Source::Url("https://a.example/x.jpg".into())
        ),
        json!({"fileData": {"fileUri": "https://a.example/x.jpg", "mimeType": "image/jpeg"}})
    );
    assert_eq!(
        part(MediaKind::Video, Source::Url("https://youtu.be/x".into())),
        json!({"fileData": {"fileUri": "https://youtu.be/x"}})
    );
}

#[test]
fn what_the_api_gave_is_given_back() {
    let thought = |text: &str, opaque: Option<&str>| {
        Content::Reasoning(Reasoning {
            text: text.into(),
            opaque: opaque.map(str::to_owned),
        })
    };
    let turns = vec![
        Message::new(Role::User, [Content::Text("Hi".into())]),
        Message::new(
            Role::Assistant,
            [
                thought("Hm", Some("c2ln")),
                thought("unsigned", None),
                Content::Text("Let me see".into()),
                thought("", Some("YWZ0ZXI=")),
                Content::ToolCall(ToolCall {
                    extra: vec![value("thoughtSignature", "\"Y2FsbA==\"")],
                    ..ToolCall::new("", "find", "{\"q\":1}")
                }),
            ],
        ),
        Message::new(
            Role::Tool,
            [Content::ToolResult(ToolResult {
                id: "c0".into(),
                name: "list".into(),
                content: vec![ToolOutput::Text("none".into())],
                is_error: true,
                extra: Vec::new(),
            })],
        ),
        Message::new(
            Role::Tool,
            [Content::ToolResult(ToolResult {
                id: String::new(),
                name: "find".into(),
                content: vec![
                    ToolOutput::Text("found".into()),
                    ToolOutput::Media(MediaPart {
                        kind: MediaKind::Image,
                        source: Source::Blob(Blob::new("image/png", b"hi!")),
                        extra: Vec::new(),
                    }),
                ],
                is_error: false,
                extra: Vec::new(),
            })],
        ),
    ];
    assert_eq!(
        body(&request(turns))["contents"],
        json!([
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [
                {"text": "Hm", "thought": true, "thoughtSignature": "c2ln"},
                {"text": "Let me see"},
                {"text": "", "thoughtSignature": "YWZ0ZXI="},
                {"functionCall": {"name": "find", "args": {"q": 1}}, "thoughtSignature": "Y2FsbA=="},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "c0", "name": "list", "response": {"error": "none"}}},
                {"functionResponse": {"name": "find", "response": {"output": "found"}}},
                {"inlineData": {"mimeType": "image/png", "data": "aGkh"}},
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
            extra: vec![value("contents", "[]")],
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
        assert_eq!(
            sent(request).expect_err("refused").kind,
            Kind::InvalidRequest
        );
    }
}

#[test]
fn media_that_a_request_has_no_room_for_are_uploaded_before_it() {
    testing::set("inlineBytes", 8);
    let exact = Blob::new("video/mp4", b"sixsix");
    let more = testing::file("memo.mp3", "audio/mpeg", b"hi!");
    let mut inputs = Inputs::new();
    assert!(inputs.part(&exact).expect("room")["inlineData"].is_object());
    let file =
        json!({"file": {"name": "files/a", "uri": "https://a.example/files/a", "state": "ACTIVE"}});
    testing::reply(
        Reply::json(200, "").header("x-goog-upload-url", "https://a.example/?upload_id=1"),
    );
    testing::reply(Reply::json(200, file.to_string()));
    assert_eq!(
        inputs.part(&more).expect("uploaded"),
        json!({"fileData": {"mimeType": "audio/mpeg", "fileUri": "https://a.example/files/a"}})
    );
    assert_eq!(testing::sent().len(), 2);
}

#[test]
fn where_there_is_no_place_for_files_all_of_them_go_along() {
    let large = Blob::new("video/mp4", &vec![0; 1 << 20]);
    let mut inputs = Inputs::new();
    for _ in 0..2 {
        assert!(inputs.part(&large).expect("room")["inlineData"].is_object());
    }
    assert!(testing::sent().is_empty());
}
