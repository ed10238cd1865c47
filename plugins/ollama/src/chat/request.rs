//! A request as JSON.
//!
//! Follows <https://docs.ollama.com/api/chat>.

use chela_dialect::loose::{self, object, set};
use chela_dialect::sentence::joined;
use chela_dialect::{extra, levels};
use chela_sdk::http::Blobs;
use chela_sdk::media::Source;
use chela_sdk::model::{
    Content, MediaKind, MediaPart, Message, Request, Role, ToolChoice, ToolOutput, ToolResult,
};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

/// A request, ready to be sent.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) body: Value,
    /// Options that have no part in it.
    pub(super) ignored: Vec<String>,
}

/// Makes the request. `think` says what the levels of thinking are called; `blobs` takes the media.
pub(super) fn ask<'a>(request: &'a Request, think: &Value, blobs: &mut Blobs<'a>) -> Result<Asked> {
    let mut ignored = Vec::new();
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "stream", request.incremental);
    if let Some(level) = request.thinking {
        match think.get(levels::name(level)) {
            Some(level) if !level.is_null() => set(&mut fields, "think", level.clone()),
            _ => ignored.push("thinking".to_owned()),
        }
    }
    if let Some(schema) = &request.response_schema {
        let schema = loose::read(schema.as_bytes())
            .ok_or_else(|| Failure::invalid_request("the response schema is not JSON"))?;
        set(&mut fields, "format", schema);
    }
    // The API has no field for a choice. None means that the model sees no tools.
    match &request.tool_choice {
        Some(ToolChoice::None) => {}
        choice => {
            if !matches!(choice, None | Some(ToolChoice::Auto)) {
                ignored.push("tool-choice".to_owned());
            }
            if !request.tools.is_empty() {
                set(&mut fields, "tools", tools(request)?);
            }
        }
    }
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(object! {"role": "system", "content": system.as_str()});
    }
    for message in &request.messages {
        turn(message, blobs, &mut messages)?;
    }
    set(&mut fields, "messages", messages);
    let options = options(request);
    if !options.is_empty() {
        set(&mut fields, "options", Value::Object(options));
    }
    lay_over(&mut fields, request)?;
    Ok(Asked {
        body: Value::Object(fields),
        ignored,
    })
}

fn options(request: &Request) -> Map<String, Value> {
    let mut options = Map::new();
    if let Some(most) = request.max_output_tokens {
        set(&mut options, "num_predict", Value::from(most));
    }
    if let Some(temperature) = request.temperature {
        set(&mut options, "temperature", Value::from(temperature));
    }
    if !request.stop.is_empty() {
        set(&mut options, "stop", Value::from(request.stop.clone()));
    }
    options
}

/// Lays further fields over the request. Those of `options` join the ones that are there.
fn lay_over(fields: &mut Map<String, Value>, request: &Request) -> Result<()> {
    let before = fields.remove("options");
    extra::lay_over(fields, &request.extra, &["messages", "stream"])?;
    match (before, fields.get_mut("options")) {
        (Some(Value::Object(mut before)), Some(Value::Object(over))) => {
            before.append(over);
            *over = before;
        }
        (Some(before), None) => set(fields, "options", before),
        _ => {}
    }
    Ok(())
}

fn tools(request: &Request) -> Result<Vec<Value>> {
    request
        .tools
        .iter()
        .map(|tool| {
            let parameters = chela_dialect::tools::parameters(tool)?;
            let mut function = Map::new();
            set(&mut function, "name", tool.name.as_str());
            set(&mut function, "description", tool.description.as_str());
            set(&mut function, "parameters", parameters);
            extra::lay_over(&mut function, &tool.extra, &["name", "parameters"])?;
            Ok(object! {"type": "function", "function": Value::Object(function)})
        })
        .collect()
}

/// A turn: a message for each result of a tool, and one for all the rest.
fn turn<'a>(message: &'a Message, blobs: &mut Blobs<'a>, messages: &mut Vec<Value>) -> Result<()> {
    let role = match message.role {
        Role::Assistant => "assistant",
        Role::User | Role::Tool => "user",
    };
    let from_model = message.role == Role::Assistant;
    let (mut text, mut thinking) = (String::new(), String::new());
    let (mut images, mut calls) = (Vec::new(), Vec::new());
    let mut results = false;
    for content in &message.content {
        match content {
            Content::Text(more) => text = joined(text, if from_model { "" } else { "\n" }, more),
            Content::Media(part) => images.push(image(part, blobs)?),
            Content::Reasoning(reasoning) if from_model => thinking.push_str(&reasoning.text),
            Content::ToolCall(call) if from_model => {
                let arguments = loose::read(call.arguments.as_bytes())
                    .filter(Value::is_object)
                    .ok_or_else(|| {
                        Failure::invalid_request(format!(
                            "the arguments of the call of {} are no JSON object",
                            call.name
                        ))
                    })?;
                let function = object! {"name": call.name.as_str(), "arguments": arguments};
                calls.push(if call.id.is_empty() {
                    object! {"function": function}
                } else {
                    object! {"id": call.id.as_str(), "function": function}
                });
            }
            Content::ToolResult(result) if !from_model => {
                results = true;
                messages.push(outcome(result, blobs)?);
            }
            _ => {
                return Err(Failure::invalid_request(
                    "a piece of the conversation stands in a turn that is not its own",
                ));
            }
        }
    }
    if results && text.is_empty() && images.is_empty() {
        return Ok(());
    }
    let mut fields = Map::new();
    set(&mut fields, "role", role);
    set(&mut fields, "content", text.as_str());
    if !thinking.is_empty() {
        set(&mut fields, "thinking", thinking.as_str());
    }
    if !images.is_empty() {
        set(&mut fields, "images", images);
    }
    if !calls.is_empty() {
        set(&mut fields, "tool_calls", calls);
    }
    extra::lay_over(&mut fields, &message.extra, &["role", "content"])?;
    messages.push(Value::Object(fields));
    Ok(())
}

/// What a tool gave. The API has no field for a tool that failed, so the text says it.
fn outcome<'a>(result: &'a ToolResult, blobs: &mut Blobs<'a>) -> Result<Value> {
    let mut text = String::new();
    let mut images = Vec::new();
    if result.is_error {
        text.push_str("Error:");
    }
    for output in &result.content {
        match output {
            ToolOutput::Text(more) => text = joined(text, "\n", more),
            ToolOutput::Media(part) => images.push(image(part, blobs)?),
        }
    }
    let mut fields = Map::new();
    set(&mut fields, "role", "tool");
    set(&mut fields, "tool_name", result.name.as_str());
    if !result.id.is_empty() {
        set(&mut fields, "tool_call_id", result.id.as_str());
    }
    set(&mut fields, "content", text.as_str());
    if !images.is_empty() {
        set(&mut fields, "images", images);
    }
    extra::lay_over(
        &mut fields,
        &result.extra,
        &["role", "tool_name", "content"],
    )?;
    Ok(Value::Object(fields))
}

/// A picture, in base64: the server reads no addresses, and takes nothing beside the bytes.
fn image<'a>(part: &'a MediaPart, blobs: &mut Blobs<'a>) -> Result<Value> {
    if let Some(field) = part.extra.first() {
        return Err(Failure::unsupported(format!(
            "this API takes nothing beside a picture, such as {}",
            field.name
        )));
    }
    match (part.kind, &part.source) {
        (MediaKind::Image, Source::Blob(blob)) => Ok(blobs.base64(blob)),
        (MediaKind::Image, Source::Url(_)) => Err(Failure::unsupported(
            "this API takes pictures as files, not as URLs",
        )),
        _ => Err(Failure::unsupported("this API takes no media but pictures")),
    }
}

#[cfg(test)]
mod tests;
