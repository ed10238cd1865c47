//! A request as JSON, but for the conversation.
//!
//! Follows <https://platform.openai.com/docs/api-reference/responses/create>.

use chela_dialect::loose::{object, set};
use chela_dialect::{extra, levels, tools};
use chela_openai_dialect::schema;
use chela_openai_dialect::settings::Settings;
use chela_sdk::http::Blobs;
use chela_sdk::model::{Request, ToolChoice};
use chela_sdk::{Failure, NamedValue, Result};
use serde_json::{Map, Value};

use super::items;

/// A request, ready to be sent.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) body: Value,
    /// Options that have no part in it.
    pub(super) ignored: Vec<String>,
}

/// Makes the request. `blobs` takes the media; `replaced` is whether the operator put another server in the provider's place.
pub(super) fn ask<'a>(
    request: &'a Request,
    settings: &Settings,
    replaced: bool,
    blobs: &mut Blobs<'a>,
) -> Result<Asked> {
    let mut ignored = Vec::new();
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "stream", request.incremental);
    if let Some(system) = &request.system {
        set(&mut fields, "instructions", system.as_str());
    }
    set(&mut fields, "input", items::of(request, settings, blobs)?);
    if let Some(limit) = request.max_output_tokens {
        set(&mut fields, "max_output_tokens", Value::from(limit));
    }
    if let Some(temperature) = request.temperature {
        set(&mut fields, "temperature", Value::from(temperature));
    }
    // This API knows no words to stop at.
    if !request.stop.is_empty() {
        ignored.push("stop".to_owned());
    }
    if is_told_to_forget(replaced) {
        set(&mut fields, "store", false);
    }
    if !reasoning(request, settings, replaced, &mut fields) {
        ignored.push("thinking".to_owned());
    }
    if let Some(schema) = &request.response_schema {
        let mut format = schema::format(schema, settings)?;
        set(&mut format, "type", "json_schema");
        set(
            &mut fields,
            "text",
            object! {"format": Value::Object(format)},
        );
    }
    if !request.tools.is_empty() {
        settings.takes_tools()?;
        set(&mut fields, "tools", functions(request)?);
        if let Some(choice) = &request.tool_choice {
            set(&mut fields, "tool_choice", tool_choice(choice));
        }
    }
    lay_into(&mut fields, &request.extra)?;
    Ok(Asked {
        body: Value::Object(fields),
        ignored,
    })
}

/// Whether the server is told to keep nothing of the request. OpenAI keeps each for a month unless it is told; a server in its place
/// may refuse the word, so it hears it only when the operator says with `supportsStore` that it knows it.
fn is_told_to_forget(replaced: bool) -> bool {
    match levels::setting("supportsStore") {
        Value::Bool(told) => told,
        _ => !replaced,
    }
}

/// Asks a model that reasons to reason as much as the caller wants, and for its reasoning in a form that it can be given back in,
/// since the server keeps none. Gives back whether the level had a part in it.
fn reasoning(
    request: &Request,
    settings: &Settings,
    replaced: bool,
    fields: &mut Map<String, Value>,
) -> bool {
    let level = request.thinking.map(levels::name);
    let rule = settings.rule(&request.model, replaced);
    let Some(rule) = rule.filter(|rule| !rule.levels.is_empty()) else {
        return level.is_none();
    };
    set(
        fields,
        "include",
        vec![Value::from("reasoning.encrypted_content")],
    );
    let Some(level) = level else {
        return true;
    };
    let Some(effort) = rule.effort(level) else {
        return false;
    };
    let mut reasoning = Map::new();
    set(&mut reasoning, "effort", effort.clone());
    if effort != "none"
        && let summary @ Value::String(_) = levels::setting("reasoningSummary")
    {
        set(&mut reasoning, "summary", summary);
    }
    set(fields, "reasoning", Value::Object(reasoning));
    true
}

/// Tools. This API holds a model to a schema unless it is told not to, and refuses schemas that it cannot hold it to.
fn functions(request: &Request) -> Result<Vec<Value>> {
    request
        .tools
        .iter()
        .map(|tool| {
            let function = object! {
                "type": "function",
                "name": tool.name.as_str(),
                "description": tool.description.as_str(),
                "parameters": tools::parameters(tool)?,
                "strict": false,
            };
            extra::with(function, &tool.extra, &["type", "name", "parameters"])
        })
        .collect()
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => object! {"type": "function", "name": name.as_str()},
    }
}

/// Lays further fields over those of the request. What is said there of `text` or `reasoning` goes beside what the request says of
/// them, and the tools of the provider's own go beside the caller's.
fn lay_into(fields: &mut Map<String, Value>, more: &[NamedValue]) -> Result<()> {
    for (name, value) in extra::read(more)? {
        match (fields.get_mut(&name), value) {
            _ if name == "input" => {
                return Err(Failure::invalid_request(
                    "the field input cannot be set beside the request itself",
                ));
            }
            (Some(Value::Object(said)), Value::Object(more)) => said.extend(more),
            (Some(Value::Array(said)), Value::Array(more)) => {
                let new: Vec<Value> = more
                    .into_iter()
                    .filter(|entry| !said.contains(entry))
                    .collect();
                said.extend(new);
            }
            (_, value) => set(fields, &name, value),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
