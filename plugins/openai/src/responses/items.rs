//! The conversation as input items.
//!
//! Follows <https://platform.openai.com/docs/api-reference/responses/create#responses_create-input>, and for what a model wants to see
//! again <https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context>.

use chela_dialect::extra;
use chela_dialect::loose::{self, object, set};
use chela_dialect::sentence::joined;
use chela_dialect::tools::outcome_as_text;
use chela_openai_dialect::settings::Settings;
use chela_sdk::http::Blobs;
use chela_sdk::media::Source;
use chela_sdk::model::{
    Content, MediaKind, MediaPart, Message, Reasoning, Request, Role, ToolOutput, ToolResult,
};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use super::{PHASE, REASONING};

/// The input of a request.
pub(super) fn of<'a>(
    request: &'a Request,
    settings: &Settings,
    blobs: &mut Blobs<'a>,
) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    for message in &request.messages {
        match message.role {
            Role::Assistant => assistant(message, &mut items)?,
            Role::User | Role::Tool => asker(message, settings, blobs, &mut items)?,
        }
    }
    Ok(items)
}

/// A message with the further fields of its turn.
fn turn(item: Value, message: &Message) -> Result<Value> {
    extra::with(
        item,
        &message.extra,
        &["type", "role", "content", "call_id", "output"],
    )
}

/// An earlier turn of the model, as the items that it came in.
fn assistant(message: &Message, items: &mut Vec<Value>) -> Result<()> {
    let mut text = String::new();
    for content in &message.content {
        match content {
            Content::Text(more) => text.push_str(more),
            Content::Reasoning(reasoning) => {
                let opaque = reasoning.opaque.as_deref().unwrap_or_default();
                if let Some(phase) = opaque.strip_prefix(PHASE) {
                    said(&mut text, Some(phase), message, items)?;
                } else if let Some(thought) = opaque.strip_prefix(REASONING) {
                    said(&mut text, None, message, items)?;
                    items.extend(thinking(reasoning, thought));
                }
            }
            Content::ToolCall(call) => {
                said(&mut text, None, message, items)?;
                let item = object! {
                    "type": "function_call",
                    "call_id": call.id.as_str(),
                    "name": call.name.as_str(),
                    "arguments": call.arguments.as_str(),
                };
                items.push(extra::with(
                    item,
                    &call.extra,
                    &["type", "call_id", "name", "arguments"],
                )?);
            }
            Content::Media(_) | Content::ToolResult(_) => {
                return Err(Failure::unsupported(
                    "this API takes only text, reasoning and tool calls in the turns of the assistant",
                ));
            }
        }
    }
    said(&mut text, None, message, items)
}

/// What the model said so far in its turn, as a message.
fn said(
    text: &mut String,
    phase: Option<&str>,
    message: &Message,
    items: &mut Vec<Value>,
) -> Result<()> {
    let text = std::mem::take(text);
    if text.is_empty() {
        return Ok(());
    }
    let mut item = Map::new();
    set(&mut item, "type", "message");
    set(&mut item, "role", "assistant");
    set(&mut item, "content", text.as_str());
    if let Some(phase) = phase {
        set(&mut item, "phase", phase);
    }
    items.push(turn(Value::Object(item), message)?);
    Ok(())
}

/// Reasoning as the API gave it; `thought` has its id and what the provider encrypted. What is in another form is left out.
fn thinking(reasoning: &Reasoning, thought: &str) -> Option<Value> {
    let Value::Object(mut item) = loose::read(thought.as_bytes())? else {
        return None;
    };
    let mut summary = Vec::new();
    if !reasoning.text.is_empty() {
        summary.push(object! {"type": "summary_text", "text": reasoning.text.as_str()});
    }
    set(&mut item, "type", "reasoning");
    set(&mut item, "summary", summary);
    Some(Value::Object(item))
}

/// A turn of the person or of tools: an item for each result, and a message for all the rest.
fn asker<'a>(
    message: &'a Message,
    settings: &Settings,
    blobs: &mut Blobs<'a>,
    items: &mut Vec<Value>,
) -> Result<()> {
    let mut text = String::new();
    let mut texts = 0;
    let mut parts = Vec::new();
    for content in &message.content {
        match content {
            Content::ToolResult(result) => {
                let item = object! {
                    "type": "function_call_output",
                    "call_id": result.id.as_str(),
                    "output": outcome(result, blobs)?,
                };
                let item = extra::with(item, &result.extra, &["type", "call_id", "output"])?;
                items.push(turn(item, message)?);
            }
            Content::Text(more) => {
                texts += 1;
                text = joined(text, "\n", more);
                parts.push(input_text(more));
            }
            Content::Media(part) => parts.push(media(part, blobs)?),
            Content::ToolCall(_) | Content::Reasoning(_) => {
                return Err(Failure::invalid_request(
                    "a tool call or reasoning stands in a turn that is not the assistant's",
                ));
            }
        }
    }
    let text_alone = texts == parts.len();
    let content = match parts.len() {
        0 => return Ok(()),
        count if text_alone && (count == 1 || settings.requires_string_content) => text.into(),
        _ => Value::Array(parts),
    };
    let item = object! {"type": "message", "role": "user", "content": content};
    items.push(turn(item, message)?);
    Ok(())
}

/// What a tool gave: a string, or parts where there is media among it.
fn outcome<'a>(result: &'a ToolResult, blobs: &mut Blobs<'a>) -> Result<Value> {
    if let Some(text) = outcome_as_text(result) {
        return Ok(text.into());
    }
    let mut parts = Vec::new();
    if result.is_error {
        parts.push(input_text("Error:"));
    }
    for output in &result.content {
        parts.push(match output {
            ToolOutput::Text(text) => input_text(text),
            ToolOutput::Media(part) => media(part, blobs)?,
        });
    }
    Ok(Value::Array(parts))
}

fn input_text(text: &str) -> Value {
    object! {"type": "input_text", "text": text}
}

/// A piece of media as a content part.
fn media<'a>(part: &'a MediaPart, blobs: &mut Blobs<'a>) -> Result<Value> {
    let content = match (part.kind, &part.source) {
        (MediaKind::Image, Source::Url(url)) => {
            object! {"type": "input_image", "detail": "auto", "image_url": url.as_str()}
        }
        (MediaKind::Image, Source::Blob(blob)) => {
            object! {"type": "input_image", "detail": "auto", "image_url": blobs.data_url(blob)}
        }
        (MediaKind::File, Source::Url(url)) => {
            object! {"type": "input_file", "file_url": url.as_str()}
        }
        (MediaKind::File, Source::Blob(blob)) => {
            let name = blob.file_name().unwrap_or_else(|| "document".into());
            object! {"type": "input_file", "filename": name.as_str(), "file_data": blobs.data_url(blob)}
        }
        (MediaKind::Audio, _) => {
            return Err(Failure::unsupported(
                "this API takes no sound as input; chat completions do",
            ));
        }
        (MediaKind::Video, _) => {
            return Err(Failure::unsupported("this API takes no film as input"));
        }
    };
    extra::with(
        content,
        &part.extra,
        &["type", "image_url", "file_url", "file_data"],
    )
}
