//! A request as JSON.
//!
//! Follows <https://ai.google.dev/api/generate-content>, <https://ai.google.dev/gemini-api/docs/thinking>,
//! <https://ai.google.dev/gemini-api/docs/thought-signatures> and <https://ai.google.dev/gemini-api/docs/function-calling>.

use chela_dialect::loose::{self, object, set};
use chela_dialect::sentence::joined;
use chela_dialect::{extra, levels};
use chela_sdk::model::{
    Content, MediaPart, Message, Reasoning, Request, Role, ThinkingLevel, ToolCall, ToolChoice,
    ToolOutput, ToolResult,
};
use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use crate::content::{self, Inputs, text_part};

/// The field of a part that has to come back with it.
pub(super) const SIGNATURE: &str = "thoughtSignature";

/// A request, ready to be sent.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) body: Value,
    /// Options that have no part in it.
    pub(super) ignored: Vec<String>,
}

/// Makes the request. `asks` says how much this model can be asked to think; `inputs` takes the media.
pub(super) fn ask<'a>(
    request: &'a Request,
    asks: Option<&Value>,
    inputs: &mut Inputs<'a>,
) -> Result<Asked> {
    let mut ignored = Vec::new();
    let mut config = Map::new();
    if let Some(most) = request.max_output_tokens {
        set(&mut config, "maxOutputTokens", Value::from(most));
    }
    if let Some(temperature) = request.temperature {
        set(&mut config, "temperature", Value::from(temperature));
    }
    if !request.stop.is_empty() {
        set(
            &mut config,
            "stopSequences",
            Value::from(request.stop.clone()),
        );
    }
    if let Some(level) = request.thinking {
        match thinking(level, asks) {
            Some(thinking) => set(&mut config, "thinkingConfig", thinking),
            None => ignored.push("thinking".to_owned()),
        }
    }
    if let Some(schema) = &request.response_schema {
        let schema = loose::read(schema.as_bytes())
            .ok_or_else(|| Failure::invalid_request("the response schema is not JSON"))?;
        set(&mut config, "responseMimeType", "application/json");
        set(&mut config, "responseJsonSchema", schema);
    }
    let mut fields = Map::new();
    if let Some(system) = &request.system {
        set(
            &mut fields,
            "systemInstruction",
            object! {"parts": vec![text_part(system)]},
        );
    }
    if !request.tools.is_empty() {
        let declarations = tools(request)?;
        set(
            &mut fields,
            "tools",
            vec![object! {"functionDeclarations": declarations}],
        );
        if let Some(choice) = &request.tool_choice {
            let choice = object! {"functionCallingConfig": tool_choice(choice)};
            set(&mut fields, "toolConfig", choice);
        }
    }
    let mut contents = Vec::new();
    for message in &request.messages {
        turn(message, inputs, &mut contents)?;
    }
    Ok(Asked {
        body: content::request(contents, config, fields, &request.extra)?,
        ignored,
    })
}

/// How the model is asked for that much thinking, its thoughts shown unless it is to have none. None where it cannot be asked.
fn thinking(level: ThinkingLevel, asks: Option<&Value>) -> Option<Value> {
    let mut fields = Map::new();
    match asks?.get(levels::name(level))? {
        Value::String(word) => set(&mut fields, "thinkingLevel", word.as_str()),
        Value::Number(budget) => set(&mut fields, "thinkingBudget", Value::from(budget.clone())),
        Value::Bool(true) => {}
        _ => return None,
    }
    if level != ThinkingLevel::Off {
        set(&mut fields, "includeThoughts", true);
    }
    Some(Value::Object(fields))
}

fn tools(request: &Request) -> Result<Vec<Value>> {
    request
        .tools
        .iter()
        .map(|tool| {
            let parameters = chela_dialect::tools::parameters(tool)?;
            let mut fields = Map::new();
            set(&mut fields, "name", tool.name.as_str());
            set(&mut fields, "description", tool.description.as_str());
            set(&mut fields, "parametersJsonSchema", parameters);
            extra::lay_over(&mut fields, &tool.extra, &["name"])?;
            Ok(Value::Object(fields))
        })
        .collect()
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => object! {"mode": "AUTO"},
        ToolChoice::None => object! {"mode": "NONE"},
        ToolChoice::Required => object! {"mode": "ANY"},
        ToolChoice::Tool(name) => {
            object! {"mode": "ANY", "allowedFunctionNames": vec![Value::from(name.as_str())]}
        }
    }
}

fn turn<'a>(
    message: &'a Message,
    inputs: &mut Inputs<'a>,
    contents: &mut Vec<Value>,
) -> Result<()> {
    let from_model = message.role == Role::Assistant;
    let mut parts = Vec::new();
    for content in &message.content {
        match content {
            Content::Text(text) => parts.push(text_part(text)),
            Content::Media(part) => parts.push(media(part, inputs)?),
            Content::Reasoning(reasoning) if from_model => parts.extend(thought(reasoning)),
            Content::ToolCall(call) if from_model => parts.push(function_call(call)?),
            Content::ToolResult(result) if !from_model => outcome(result, inputs, &mut parts)?,
            _ => {
                return Err(Failure::invalid_request(
                    "a piece of the conversation stands in a turn that is not its own",
                ));
            }
        }
    }
    if parts.is_empty() {
        return Ok(());
    }
    let role = if from_model { "model" } else { "user" };
    // Turns of one side that follow one another are one: the API wants the results of calls together.
    if let Some(Value::Object(last)) = contents.last_mut()
        && message.extra.is_empty()
        && last.len() == 2
        && last.get("role").and_then(Value::as_str) == Some(role)
        && let Some(Value::Array(together)) = last.get_mut("parts")
    {
        together.append(&mut parts);
        return Ok(());
    }
    let mut fields = Map::new();
    set(&mut fields, "role", role);
    set(&mut fields, "parts", parts);
    extra::lay_over(&mut fields, &message.extra, &["role", "parts"])?;
    contents.push(Value::Object(fields));
    Ok(())
}

/// A thought with its signature, or a signature that belongs to its place alone. What bears none is not taken back.
fn thought(reasoning: &Reasoning) -> Option<Value> {
    let signature = reasoning.opaque.as_deref()?;
    Some(if reasoning.text.is_empty() {
        object! {"text": "", "thoughtSignature": signature}
    } else {
        object! {"text": reasoning.text.as_str(), "thought": true, "thoughtSignature": signature}
    })
}

fn function_call(call: &ToolCall) -> Result<Value> {
    let arguments = loose::read(call.arguments.as_bytes())
        .filter(Value::is_object)
        .ok_or_else(|| {
            Failure::invalid_request(format!(
                "the arguments of the call of {} are no JSON object",
                call.name
            ))
        })?;
    let mut function = Map::new();
    set(&mut function, "name", call.name.as_str());
    set(&mut function, "args", arguments);
    if !call.id.is_empty() {
        set(&mut function, "id", call.id.as_str());
    }
    let mut part = Map::new();
    set(&mut part, "functionCall", Value::Object(function));
    extra::lay_over(&mut part, &call.extra, &["functionCall"])?;
    Ok(Value::Object(part))
}

/// A part with media, and what is said of it: how finely to look at it, which stretch of a film to see.
fn media<'a>(part: &'a MediaPart, inputs: &mut Inputs<'a>) -> Result<Value> {
    let mut object = inputs.media(&part.source)?;
    if let Value::Object(fields) = &mut object {
        extra::lay_over(fields, &part.extra, &["inlineData", "fileData"])?;
    }
    Ok(object)
}

/// What a tool gave. Its media stand beside it: a response holds fields alone.
fn outcome<'a>(
    result: &'a ToolResult,
    inputs: &mut Inputs<'a>,
    parts: &mut Vec<Value>,
) -> Result<()> {
    let mut text = String::new();
    let mut beside = Vec::new();
    for output in &result.content {
        match output {
            ToolOutput::Text(more) => text = joined(text, "\n", more),
            ToolOutput::Media(part) => beside.push(media(part, inputs)?),
        }
    }
    let name = if result.is_error { "error" } else { "output" };
    let mut response = Map::new();
    set(&mut response, name, text.as_str());
    let mut fields = Map::new();
    set(&mut fields, "name", result.name.as_str());
    set(&mut fields, "response", Value::Object(response));
    if !result.id.is_empty() {
        set(&mut fields, "id", result.id.as_str());
    }
    extra::lay_over(&mut fields, &result.extra, &["name", "response", "id"])?;
    parts.push(object! {"functionResponse": Value::Object(fields)});
    parts.extend(beside);
    Ok(())
}

#[cfg(test)]
mod tests;
