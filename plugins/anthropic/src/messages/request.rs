//! A request as JSON.
//!
//! Follows <https://docs.claude.com/en/api/messages>, <https://docs.claude.com/en/docs/build-with-claude/structured-outputs> and
//! <https://docs.claude.com/en/docs/build-with-claude/extended-thinking>.

use chela_dialect::extra;
use chela_dialect::loose::{self, object, set};
use chela_sdk::http::Blobs;
use chela_sdk::media::Source;
use chela_sdk::model::{
    Content, MediaKind, MediaPart, Message, Reasoning, Request, Role, ToolCall, ToolChoice,
    ToolOutput, ToolResult,
};
use chela_sdk::{Blob, Failure, NamedValue, Result};
use serde_json::{Map, Value};

use crate::settings::{Settings, Thinking};

/// The name of the tool that stands for a schema.
pub(super) const SCHEMA_TOOL: &str = "answer";

/// What stands before the signature of a stretch of thinking, in what is given back.
pub(super) const SIGNATURE: &str = "signature:";

/// What stands before thinking that the provider encrypted.
pub(super) const REDACTED: &str = "redacted:";

/// With more tokens than this an answer takes longer than connections last, so it is streamed whether or not someone reads along.
const MOST_AT_ONCE: u64 = 21_333;

/// The largest text that is sent as a document, in bytes.
const LARGEST_TEXT: u64 = 4 << 20;

/// A request, ready to be sent.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) body: Value,
    /// Whether the answer comes as the arguments of a tool.
    pub(super) schema_as_tool: bool,
    /// Options that have no part in it.
    pub(super) ignored: Vec<String>,
}

/// Makes the request. `blobs` takes the media.
pub(super) fn ask<'a>(
    request: &'a Request,
    settings: &Settings,
    blobs: &mut Blobs<'a>,
) -> Result<Asked> {
    let mut ignored = Vec::new();
    let most = request.max_output_tokens.map(u64::from);
    let thinking = match request.thinking {
        None => Thinking::default(),
        Some(level) => settings.thinking(level, most).unwrap_or_else(|| {
            ignored.push("thinking".to_owned());
            Thinking::default()
        }),
    };
    let most = thinking.max_tokens.or(most).unwrap_or(settings.max_tokens);
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "max_tokens", Value::from(most));
    set(
        &mut fields,
        "stream",
        request.incremental || most > MOST_AT_ONCE,
    );
    if let Some(system) = &request.system {
        set(&mut fields, "system", system.as_str());
    }
    match request.temperature {
        // A model that thinks takes no other than its own.
        Some(_) if thinking.on || !settings.sampling => ignored.push("temperature".to_owned()),
        Some(temperature) => set(&mut fields, "temperature", Value::from(temperature)),
        None => {}
    }
    if !request.stop.is_empty() {
        set(
            &mut fields,
            "stop_sequences",
            Value::from(request.stop.clone()),
        );
    }
    if let Some(field) = thinking.field {
        set(&mut fields, "thinking", field);
    }
    let mut output = Map::new();
    if let Some(effort) = &thinking.effort {
        set(&mut output, "effort", effort.as_str());
    }
    let mut schema_as_tool = false;
    if let Some(schema) = &request.response_schema {
        let mut schema = loose::read(schema.as_bytes())
            .ok_or_else(|| Failure::invalid_request("the response schema is not JSON"))?;
        // A tool that has to be called leaves a model no room to think.
        schema_as_tool = settings.schema_as_tool && !thinking.on;
        if schema_as_tool {
            answer_by_tool(request, schema, &mut fields)?;
        } else {
            close_objects(&mut schema);
            set(
                &mut output,
                "format",
                object! {"type": "json_schema", "schema": schema},
            );
        }
    }
    if !output.is_empty() {
        set(&mut fields, "output_config", Value::Object(output));
    }
    if !request.tools.is_empty() {
        set(&mut fields, "tools", tools(request)?);
        if let Some(choice) = &request.tool_choice {
            set(&mut fields, "tool_choice", tool_choice(choice));
        }
    }
    set(&mut fields, "messages", messages(request, blobs)?);
    extra::lay_over(&mut fields, &request.extra, &["messages", "stream"])?;
    Ok(Asked {
        body: Value::Object(fields),
        schema_as_tool,
        ignored,
    })
}

/// Asks for JSON as the arguments of the one tool there is, which has to be called.
fn answer_by_tool(request: &Request, schema: Value, fields: &mut Map<String, Value>) -> Result<()> {
    if !request.tools.is_empty() {
        return Err(Failure::unsupported(
            "this model cannot be held to a schema while it has tools",
        ));
    }
    let tool = object! {
        "name": SCHEMA_TOOL,
        "description": "Gives the answer in the form that it has to have.",
        "input_schema": schema,
    };
    set(fields, "tools", vec![tool]);
    set(
        fields,
        "tool_choice",
        object! {"type": "tool", "name": SCHEMA_TOOL},
    );
    Ok(())
}

/// Says of each object that leaves it open that it has no other properties: the API takes no schema in which one may have. What
/// fits the closed schema fits the open one.
fn close_objects(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is_object = fields.get("type").and_then(Value::as_str) == Some("object")
                || fields.get("properties").is_some_and(Value::is_object);
            if is_object && !fields.contains_key("additionalProperties") {
                set(fields, "additionalProperties", false);
            }
            for (name, value) in fields.iter_mut() {
                match (name.as_str(), value) {
                    // Names of the caller's own, each with a schema.
                    ("properties" | "$defs" | "definitions", Value::Object(schemas)) => {
                        schemas.values_mut().for_each(close_objects);
                    }
                    // Values, whatever they look like.
                    ("const" | "default" | "enum" | "examples", _) => {}
                    (_, value) => close_objects(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close_objects),
        _ => {}
    }
}

fn tools(request: &Request) -> Result<Vec<Value>> {
    request
        .tools
        .iter()
        .map(|tool| {
            let parameters = chela_dialect::tools::parameters(tool)?;
            let object = object! {
                "name": tool.name.as_str(),
                "description": tool.description.as_str(),
                "input_schema": parameters,
            };
            extra::with(object, &tool.extra, &["name", "input_schema"])
        })
        .collect()
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => object! {"type": "auto"},
        ToolChoice::None => object! {"type": "none"},
        ToolChoice::Required => object! {"type": "any"},
        ToolChoice::Tool(name) => object! {"type": "tool", "name": name.as_str()},
    }
}

/// The conversation. Turns of one side that follow one another are one: the results of tools have to stand together.
fn messages<'a>(request: &'a Request, blobs: &mut Blobs<'a>) -> Result<Vec<Value>> {
    let mut turns: Vec<(&str, Vec<Value>, &[NamedValue])> = Vec::new();
    for message in &request.messages {
        let role = match message.role {
            Role::Assistant => "assistant",
            Role::User | Role::Tool => "user",
        };
        let blocks = blocks(message, blobs)?;
        match turns.last_mut() {
            Some((last, together, [])) if *last == role && message.extra.is_empty() => {
                together.extend(blocks);
            }
            _ => turns.push((role, blocks, &message.extra)),
        }
    }
    turns
        .into_iter()
        .filter(|(_, blocks, _)| !blocks.is_empty())
        .map(|(role, blocks, extra)| {
            let turn = object! {"role": role, "content": blocks};
            extra::with(turn, extra, &["role", "content"])
        })
        .collect()
}

fn blocks<'a>(message: &'a Message, blobs: &mut Blobs<'a>) -> Result<Vec<Value>> {
    let mut blocks = Vec::new();
    for content in &message.content {
        let block = match (content, message.role) {
            (Content::Text(text), _) => text_block(text),
            (Content::Media(part), Role::User | Role::Tool) => Some(media(part, blobs)?),
            (Content::ToolResult(result), Role::User | Role::Tool) => {
                Some(tool_result(result, blobs)?)
            }
            (Content::Reasoning(reasoning), Role::Assistant) => thought(reasoning),
            (Content::ToolCall(call), Role::Assistant) => Some(tool_call(call)?),
            (Content::Media(_) | Content::ToolResult(_), Role::Assistant) => {
                return Err(Failure::unsupported(
                    "this API takes only text, thinking and tool calls in the turns of the assistant",
                ));
            }
            (Content::Reasoning(_) | Content::ToolCall(_), _) => {
                return Err(Failure::invalid_request(
                    "a tool call or reasoning stands in a turn that is not the assistant's",
                ));
            }
        };
        blocks.extend(block);
    }
    Ok(blocks)
}

/// A text; none for an empty one, which the API refuses.
fn text_block(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| object! {"type": "text", "text": text})
}

/// Thinking as the API gave it. What bears no signature of the API it does not take back.
fn thought(reasoning: &Reasoning) -> Option<Value> {
    let opaque = reasoning.opaque.as_deref()?;
    if let Some(data) = opaque.strip_prefix(REDACTED) {
        return Some(object! {"type": "redacted_thinking", "data": data});
    }
    let signature = opaque.strip_prefix(SIGNATURE)?;
    Some(object! {"type": "thinking", "thinking": reasoning.text.as_str(), "signature": signature})
}

fn tool_call(call: &ToolCall) -> Result<Value> {
    let input = loose::read(call.arguments.as_bytes())
        .filter(Value::is_object)
        .ok_or_else(|| {
            Failure::invalid_request(format!(
                "the arguments of the call of {} are no JSON object",
                call.name
            ))
        })?;
    let block = object! {
        "type": "tool_use", "id": call.id.as_str(), "name": call.name.as_str(), "input": input,
    };
    extra::with(block, &call.extra, &["type", "id", "name", "input"])
}

fn tool_result<'a>(result: &'a ToolResult, blobs: &mut Blobs<'a>) -> Result<Value> {
    let mut content = Vec::new();
    for output in &result.content {
        content.extend(match output {
            ToolOutput::Text(text) => text_block(text),
            ToolOutput::Media(part) => Some(media(part, blobs)?),
        });
    }
    let mut fields = Map::new();
    set(&mut fields, "type", "tool_result");
    set(&mut fields, "tool_use_id", result.id.as_str());
    if !content.is_empty() {
        set(&mut fields, "content", content);
    }
    if result.is_error {
        set(&mut fields, "is_error", true);
    }
    extra::lay_over(
        &mut fields,
        &result.extra,
        &["type", "tool_use_id", "content", "is_error"],
    )?;
    Ok(Value::Object(fields))
}

/// A piece of media as a content block.
fn media<'a>(part: &'a MediaPart, blobs: &mut Blobs<'a>) -> Result<Value> {
    let kind = match part.kind {
        MediaKind::Image => "image",
        MediaKind::File => "document",
        MediaKind::Audio => return Err(Failure::unsupported("this API takes no sound as input")),
        MediaKind::Video => return Err(Failure::unsupported("this API takes no film as input")),
    };
    let source = match &part.source {
        Source::Url(url) => object! {"type": "url", "url": url.as_str()},
        Source::Blob(blob) if kind == "document" && blob.mime_type().starts_with("text/") => {
            text_source(blob)?
        }
        Source::Blob(blob) => object! {
            "type": "base64",
            "media_type": blob.mime_type().as_str(),
            "data": blobs.base64(blob),
        },
    };
    let name = match &part.source {
        Source::Blob(blob) if kind == "document" => blob.file_name(),
        _ => None,
    };
    let block = match name {
        Some(name) => object! {"type": kind, "source": source, "title": name.as_str()},
        None => object! {"type": kind, "source": source},
    };
    extra::with(block, &part.extra, &["type", "source"])
}

/// A text as a document: this API takes it as text, and only PDF in base64.
fn text_source(blob: &Blob) -> Result<Value> {
    let bytes = blob.read_all(LARGEST_TEXT)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(object! {"type": "text", "media_type": "text/plain", "data": text.as_ref()})
}

#[cfg(test)]
mod tests;
