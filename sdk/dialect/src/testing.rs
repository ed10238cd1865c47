//! Made-up JSON, for tests that nothing a server sends breaks a component.

use chela_sdk::Blob;
use chela_sdk::media::Source;
use chela_sdk::model::{
    Content, MediaKind, MediaPart, Message, Reasoning, Request, Role, Tool, ToolCall, ToolChoice,
    ToolOutput, ToolResult,
};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Any JSON, with these names as names of fields and these words as values among others, so that made-up objects are read and
/// not only passed over.
pub fn any_json(
    names: &'static [&'static str],
    words: &'static [&'static str],
) -> impl Strategy<Value = Value> + use<> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(words).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let name = prop_oneof![
            8 => prop::sample::select(names).prop_map(str::to_owned),
            1 => ".{0,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A text in pieces of these lengths, the rest as the last one.
pub fn in_pieces(body: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    let mut rest = body;
    for cut in cuts {
        let (piece, after) = rest.split_at((*cut).max(1).min(rest.len()));
        chunks.push(piece.to_vec());
        rest = after;
    }
    chunks.push(rest.to_vec());
    chunks
}

/// Pieces of a text of that size, left out, repeated and put in that order.
pub fn shuffled(body: &[u8], size: usize, order: &[usize]) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = body.chunks(size.max(1)).collect();
    order
        .iter()
        .filter_map(|place| pieces.get(*place))
        .map(|piece| piece.to_vec())
        .collect()
}

/// A request with a conversation in which a tool was called, once well and once not, after reasoning that is given back with `opaque`: all
/// that the APIs of models have in common.
pub fn conversation(model: &str, opaque: &str) -> Request {
    let result = |id: &str, is_error| {
        Content::ToolResult(ToolResult {
            id: id.into(),
            name: "find".into(),
            content: vec![ToolOutput::Text("3 found".into())],
            is_error,
            extra: Vec::new(),
        })
    };
    let thought = Reasoning {
        text: "Let me see".into(),
        opaque: Some(opaque.into()),
    };
    let picture = MediaPart {
        kind: MediaKind::Image,
        source: Source::Blob(Blob::new("image/png", b"hi!")),
        extra: Vec::new(),
    };
    Request {
        model: model.into(),
        system: Some("Be brief".into()),
        messages: vec![
            Message::new(
                Role::User,
                [Content::Text("Find it".into()), Content::Media(picture)],
            ),
            Message::new(
                Role::Assistant,
                [
                    Content::Reasoning(thought),
                    Content::Text("I will look.".into()),
                    Content::ToolCall(ToolCall::new("call_1", "find", "{\"q\":1}")),
                    Content::ToolCall(ToolCall::new("call_2", "find", "{}")),
                ],
            ),
            Message::new(
                Role::Tool,
                [result("call_1", false), result("call_2", true)],
            ),
        ],
        tools: vec![Tool {
            name: "find".into(),
            description: "Finds".into(),
            parameters: "{\"type\":\"object\",\"properties\":{}}".into(),
            extra: Vec::new(),
        }],
        tool_choice: Some(ToolChoice::Auto),
        ..Request::default()
    }
}
