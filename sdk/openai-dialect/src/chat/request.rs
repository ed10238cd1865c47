//! A chat request as JSON.
//!
//! Follows <https://platform.openai.com/docs/api-reference/chat/create>, and for Mistral's spellings
//! <https://docs.mistral.ai/api/#tag/chat>.

use chela_dialect::levels;
use chela_dialect::tools::outcome_as_text;
use chela_sdk::http::Blobs;
use chela_sdk::media::Source;
use chela_sdk::model::{Content, MediaKind, MediaPart, Message, Request, Role, ToolChoice};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use crate::extra;
use crate::loose::{object, set};
use crate::schema;
use crate::sentence::joined;
use crate::settings::{AudioInput, FileInput, Settings};

/// The request's body. `blobs` takes the media; `replaced` is whether the operator put another server in the
/// provider's place.
pub(crate) fn body<'a>(
    request: &'a Request,
    settings: &Settings,
    replaced: bool,
    blobs: &mut Blobs<'a>,
) -> Result<Value> {
    let mut fields = fields(request, settings, replaced)?;
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(object! {"role": "system", "content": system.as_str()});
    }
    for message in &request.messages {
        match message.role {
            Role::Assistant => messages.push(assistant(message)?),
            Role::User | Role::Tool => asker(message, settings, blobs, &mut messages)?,
        }
    }
    set(&mut fields, "messages", messages);
    Ok(Value::Object(fields))
}

/// Everything but the messages.
fn fields(request: &Request, settings: &Settings, replaced: bool) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "stream", request.incremental);
    if request.incremental && settings.supports_usage_in_streaming {
        set(
            &mut fields,
            "stream_options",
            object! {"include_usage": true},
        );
    }
    if let Some(limit) = request.max_output_tokens {
        set(&mut fields, &settings.max_tokens_field, Value::from(limit));
    }
    if let Some(temperature) = request.temperature {
        set(&mut fields, "temperature", Value::from(temperature));
    }
    if !request.stop.is_empty() {
        set(&mut fields, "stop", Value::from(request.stop.clone()));
    }
    let level = request.thinking.map(levels::name);
    fields.extend(settings.reasoning_fields(&request.model, level, replaced));
    if let Some(schema) = &request.response_schema {
        set(
            &mut fields,
            "response_format",
            response_format(schema, settings)?,
        );
    }
    if !request.tools.is_empty() {
        set(&mut fields, "tools", tools(request, settings)?);
        if let Some(choice) = &request.tool_choice {
            set(&mut fields, "tool_choice", tool_choice(choice));
        }
    }
    extra::lay_over(&mut fields, &request.extra, &["messages"])?;
    Ok(fields)
}

/// The options that had no part in the request: a level of reasoning that this model has no word for.
pub(crate) fn ignored(request: &Request, settings: &Settings, replaced: bool) -> Vec<String> {
    let asked = request.thinking.map(levels::name);
    let taken = asked.is_none_or(|level| settings.takes_level(&request.model, level, replaced));
    if taken {
        Vec::new()
    } else {
        vec!["thinking".to_owned()]
    }
}

fn response_format(schema: &str, settings: &Settings) -> Result<Value> {
    let format = schema::format(schema, settings)?;
    Ok(object! {"type": "json_schema", "json_schema": Value::Object(format)})
}

fn tools(request: &Request, settings: &Settings) -> Result<Value> {
    settings.takes_tools()?;
    let list: Result<Vec<Value>> = request
        .tools
        .iter()
        .map(|tool| {
            let parameters = chela_dialect::tools::parameters(tool)?;
            let function = object! {"name": tool.name.as_str(), "description": tool.description.as_str(), "parameters": parameters};
            let function = extra::with(function, &tool.extra, &["name", "parameters"])?;
            Ok(object! {"type": "function", "function": function})
        })
        .collect();
    Ok(Value::Array(list?))
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => {
            object! {"type": "function", "function": object! {"name": name.as_str()}}
        }
    }
}

/// A message with the further fields of its turn.
fn turn(object: Value, message: &Message) -> Result<Value> {
    extra::with(
        object,
        &message.extra,
        &["role", "content", "tool_calls", "tool_call_id"],
    )
}

/// An earlier turn of the model: its text as one string, its calls beside it. This API takes no reasoning back.
fn assistant(message: &Message) -> Result<Value> {
    let mut text = String::new();
    let mut calls = Vec::new();
    for content in &message.content {
        match content {
            Content::Text(more) => text.push_str(more),
            Content::ToolCall(call) => {
                let function =
                    object! {"name": call.name.as_str(), "arguments": call.arguments.as_str()};
                let call_object =
                    object! {"id": call.id.as_str(), "type": "function", "function": function};
                calls.push(extra::with(
                    call_object,
                    &call.extra,
                    &["id", "type", "function"],
                )?);
            }
            Content::Reasoning(_) => {}
            Content::Media(_) | Content::ToolResult(_) => {
                return Err(Failure::unsupported(
                    "this API takes only text and tool calls in the turns of the assistant",
                ));
            }
        }
    }
    if calls.is_empty() {
        return turn(
            object! {"role": "assistant", "content": text.as_str()},
            message,
        );
    }
    let text = if text.is_empty() {
        Value::Null
    } else {
        text.into()
    };
    turn(
        object! {"role": "assistant", "content": text, "tool_calls": calls},
        message,
    )
}

/// A turn of the person or of tools: a message for each result, and one for all the rest.
fn asker<'a>(
    message: &'a Message,
    settings: &Settings,
    blobs: &mut Blobs<'a>,
    messages: &mut Vec<Value>,
) -> Result<()> {
    let mut text = String::new();
    let mut texts = 0;
    let mut parts = Vec::new();
    for content in &message.content {
        match content {
            Content::ToolResult(result) => {
                let outcome = outcome_as_text(result)
                    .ok_or_else(|| Failure::unsupported("this API takes only text from tools"))?;
                let answer = object! {"role": "tool", "tool_call_id": result.id.as_str(), "content": outcome.as_str()};
                let answer =
                    extra::with(answer, &result.extra, &["role", "tool_call_id", "content"])?;
                messages.push(turn(answer, message)?);
            }
            Content::Text(more) => {
                texts += 1;
                text = joined(text, "\n", more);
                parts.push(object! {"type": "text", "text": more.as_str()});
            }
            Content::Media(part) => parts.push(detailed(media(part, settings, blobs)?, part)?),
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
        // One text is sent as a string to every server: the shape that all of them know.
        count if text_alone && (count == 1 || settings.requires_string_content) => text.into(),
        _ => Value::Array(parts),
    };
    messages.push(turn(object! {"role": "user", "content": content}, message)?);
    Ok(())
}

/// A content part with what else is said of its media, such as the `detail` to look at a picture with: beside the media where the
/// part holds an object, else in the part.
fn detailed(mut content: Value, part: &MediaPart) -> Result<Value> {
    let Value::Object(fields) = &mut content else {
        return Ok(content);
    };
    let inner = fields.values_mut().find_map(Value::as_object_mut);
    match inner {
        Some(inner) => extra::lay_over(inner, &part.extra, &["url", "data", "file_data"])?,
        None => extra::lay_over(
            fields,
            &part.extra,
            &["type", "input_audio", "document_url"],
        )?,
    }
    Ok(content)
}

/// A piece of media as a content part.
fn media<'a>(part: &'a MediaPart, settings: &Settings, blobs: &mut Blobs<'a>) -> Result<Value> {
    Ok(match part.kind {
        MediaKind::Image => {
            object! {"type": "image_url", "image_url": object! {"url": url(&part.source, blobs)}}
        }
        MediaKind::Video if settings.video_input => {
            object! {"type": "video_url", "video_url": object! {"url": url(&part.source, blobs)}}
        }
        MediaKind::Video => return Err(Failure::unsupported("this API takes no film as input")),
        MediaKind::Audio => {
            let sound = match (settings.audio_input, &part.source) {
                (AudioInput::Object, Source::Blob(blob)) => {
                    object! {"data": blobs.base64(blob), "format": audio_format(&blob.mime_type())}
                }
                (AudioInput::Bare, Source::Blob(blob)) => blobs.base64(blob),
                (AudioInput::Bare, Source::Url(url)) => url.as_str().into(),
                (AudioInput::Object, Source::Url(_)) => {
                    return Err(Failure::unsupported(
                        "this API takes sound as a file, not as a URL",
                    ));
                }
            };
            object! {"type": "input_audio", "input_audio": sound}
        }
        MediaKind::File => match (settings.file_input, &part.source) {
            (FileInput::DocumentUrl, source) => {
                object! {"type": "document_url", "document_url": url(source, blobs)}
            }
            (FileInput::File, Source::Blob(blob)) => {
                let name = blob.file_name().unwrap_or_else(|| "document".into());
                object! {"type": "file", "file": object! {"filename": name.as_str(), "file_data": blobs.data_url(blob)}}
            }
            (FileInput::File, Source::Url(_)) => {
                return Err(Failure::unsupported(
                    "this API takes documents as files, not as URLs",
                ));
            }
        },
    })
}

/// A URL, or held media as a data URL.
fn url<'a>(source: &'a Source, blobs: &mut Blobs<'a>) -> Value {
    match source {
        Source::Url(url) => url.as_str().into(),
        Source::Blob(blob) => blobs.data_url(blob),
    }
}

/// The API's word for a sound format; for one it has no word for, the subtype, which other servers may know.
fn audio_format(mime_type: &str) -> &str {
    let subtype = mime_type.split(';').next().unwrap_or_default();
    let subtype = subtype.rsplit('/').next().unwrap_or_default().trim();
    match subtype {
        "mpeg" | "mp3" | "x-mp3" => "mp3",
        "wav" | "x-wav" | "wave" | "vnd.wave" => "wav",
        other => other.strip_prefix("x-").unwrap_or(other),
    }
}

#[cfg(test)]
mod tests;
