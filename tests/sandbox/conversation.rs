//! A conversation with tools, turn by turn: what a component says in one call is given back to it in the next.

use std::time::Duration;

use chela_egress::{Call, CallLimits};
use chela_sandbox::families::NamedValue;
use chela_sandbox::families::model::{
    Content, Event, Message, Reasoning, Request, Role, Tool, ToolChoice, ToolOutput, ToolResult,
};
use chela_sandbox::{Component, ComponentBytes, Limits};
use chela_test_support::answer::Answer;
use chela_test_support::server::Server;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::house::{House, provider_at};

fn bundled(id: &str) -> ComponentBytes {
    let component = chela_bundled::components()
        .iter()
        .find(|component| component.id == id)
        .expect("it is bundled");
    ComponentBytes {
        digest: component.digest.into(),
        bytes: component.bytes.into(),
    }
}

async fn events(component: &Component, server: &Server, request: Request) -> Vec<Event> {
    let call = Call::new(
        Instant::now() + Duration::from_secs(60),
        CallLimits::default(),
    );
    let mut stream = component
        .instantiate(provider_at(server, Limits::default()), call)
        .expect("it is made ready")
        .start_model(request)
        .await
        .expect("it starts");
    let mut events = Vec::new();
    while let Some(event) = stream.next().await.expect("it goes on") {
        events.push(event);
    }
    events
}

fn turn(role: Role, content: Vec<Content>) -> Message {
    Message {
        role,
        content,
        extra: Vec::new(),
    }
}

/// What the model says of the weather, and that it wants it looked up.
fn first_answer() -> Value {
    json!({"model": "m-1", "choices": [{"index": 0, "finish_reason": "tool_calls", "logprobs": {"content": []}, "message": {
        "reasoning_content": "I have to look.",
        "content": "One moment.",
        "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example/", "start_index": 0, "end_index": 3}}],
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":\"sky\"}"},
            "extra_content": {"google": {"thought_signature": "c2ln"}}}],
    }}], "usage": {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2}}})
}

#[tokio::test]
async fn what_was_said_is_given_back_in_its_place() {
    let server = Server::start();
    server.on(
        "POST",
        "/v1/chat/completions",
        Answer::json(&first_answer()),
    );
    let house = House::new();
    let component = house.load(&bundled("openai-compatible")).await;
    let mut request = Request {
        model: "m-1".into(),
        messages: vec![turn(
            Role::User,
            vec![Content::Text("What is the weather?".into())],
        )],
        tools: vec![Tool {
            name: "look".into(),
            description: "Looks".into(),
            parameters: "{}".into(),
            extra: vec![NamedValue {
                name: "strict".into(),
                value: "false".into(),
            }],
        }],
        tool_choice: Some(ToolChoice::Tool("look".into())),
        ..Request::default()
    };

    let mut said = Vec::new();
    let (mut sources, mut extras, mut written) = (Vec::new(), Vec::new(), None);
    for event in events(&component, &server, request.clone()).await {
        match event {
            Event::Text(text) => said.push(Content::Text(text)),
            Event::Reasoning(reasoning) => said.push(Content::Reasoning(reasoning)),
            Event::ToolCall(call) => said.push(Content::ToolCall(call)),
            Event::Citation(citation) => sources.push((citation.url, citation.start, citation.end)),
            Event::Extra(value) => extras.push((value.name, value.value)),
            Event::Usage(usage) => written = usage.cache_write_input_tokens,
            _ => {}
        }
    }
    assert!(
        matches!(&said[..], [Content::Reasoning(Reasoning { text, opaque: None }), Content::Text(_), Content::ToolCall(_)]
            if text == "I have to look."),
        "{said:?}"
    );
    assert_eq!(
        sources,
        [(Some("https://a.example/".into()), Some(0), Some(3))]
    );
    assert_eq!(extras, [("logprobs".into(), "{\"content\":[]}".into())]);
    assert_eq!(written, Some(2));

    request.messages.push(turn(Role::Assistant, said));
    let result = ToolResult {
        id: "c1".into(),
        name: "look".into(),
        content: vec![ToolOutput::Text("it is dark".into())],
        is_error: true,
        extra: Vec::new(),
    };
    request
        .messages
        .push(turn(Role::Tool, vec![Content::ToolResult(result)]));
    events(&component, &server, request).await;

    let sent: Value = serde_json::from_slice(server.requests()[1].body()).expect("JSON");
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": "What is the weather?"},
            {"role": "assistant", "content": "One moment.", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":\"sky\"}"},
                    "extra_content": {"google": {"thought_signature": "c2ln"}}},
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "Error:\nit is dark"},
        ])
    );
    assert_eq!(
        sent["tool_choice"],
        json!({"type": "function", "function": {"name": "look"}})
    );
    assert_eq!(sent["tools"][0]["function"]["strict"], json!(false));
}
