//! What the published descriptions of APIs say of requests and answers, as far as `tests/descriptions` keeps them.
//!
//! Each file there names its source and licence; `make.py` beside them says what was left out and what is written differently.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::Request;

/// The descriptions, by the id of the provider.
const DESCRIPTIONS: &[(&str, &str)] = &[
    (
        "anthropic",
        include_str!("../../descriptions/anthropic.json"),
    ),
    ("deepgram", include_str!("../../descriptions/deepgram.json")),
    ("groq", include_str!("../../descriptions/groq.json")),
    ("mistral", include_str!("../../descriptions/mistral.json")),
    ("ollama", include_str!("../../descriptions/ollama.json")),
    ("openai", include_str!("../../descriptions/openai.json")),
    ("tavily", include_str!("../../descriptions/tavily.json")),
];

/// Holds the body of a request against what the provider describes under that path. A field that is not described does not fit.
///
/// # Errors
/// Each place that does not fit, with the reason.
///
/// # Panics
/// When there is no description of it.
pub fn request_fits(provider: &str, path: &str, body: &Value) -> Result<(), String> {
    fits(provider, "requests", path, body)
}

/// Holds an answer, or an event of one, against what the provider describes. Fields that are not described are no fault.
///
/// # Errors
/// Each place that does not fit, with the reason.
///
/// # Panics
/// When there is no description of it.
pub fn answer_fits(provider: &str, path: &str, answer: &Value) -> Result<(), String> {
    fits(provider, "answers", path, answer)
}

/// Holds a request as it came over the wire against what the provider describes: its JSON, the fields of its form, or, where it has
/// neither, the parameters of its query. A value that is a number or a truth value written out is taken as one, and a value of a list as
/// a list of one, since a form and a query cannot tell; a name that ends in `[]` is the one without it.
///
/// # Errors
/// Each place that does not fit, with the reason.
///
/// # Panics
/// When there is no description of it, or the body is not what its content type says.
pub fn sent_fits(provider: &str, path: &str, request: &Request) -> Result<(), String> {
    let content_type = request.header("content-type").unwrap_or_default();
    if content_type.starts_with("application/json") {
        return request_fits(provider, path, &request.json());
    }
    let fields: Vec<(String, Value)> = if content_type.starts_with("multipart/form-data") {
        let form = request.form().into_iter();
        form.map(|field| {
            let file = field.file_name.is_some();
            let value = String::from_utf8_lossy(&field.value).into_owned();
            (
                field.name,
                if file {
                    json!("a file")
                } else {
                    written(&value)
                },
            )
        })
        .collect()
    } else {
        let pairs = request.query().unwrap_or_default().split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), written(value)))
            .collect()
    };
    let described = described(provider, "requests", path);
    let mut object = Map::new();
    for (name, value) in fields {
        let name = name.trim_end_matches("[]");
        match object.get_mut(name) {
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = json!([first.take(), value]),
            None => {
                let property = format!("/properties/{name}/type");
                let list = described.pointer(&property) == Some(&json!("array"));
                let value = if list { json!([value]) } else { value };
                object.insert(name.to_owned(), value);
            }
        }
    }
    request_fits(provider, path, &Value::Object(object))
}

/// A value of a form or a query.
fn written(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => text.into(),
    }
}

/// A description as a file has it.
fn file(provider: &str) -> Value {
    let found = DESCRIPTIONS.iter().find(|(id, _)| *id == provider);
    let (_, text) = found.unwrap_or_else(|| panic!("no description of {provider}"));
    serde_json::from_str(text).expect("the description is JSON")
}

/// The schema under a path, where it has its properties.
fn described(provider: &str, side: &str, path: &str) -> Value {
    let mut file = file(provider);
    let mut schema = file[side][path].take();
    while let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = name.trim_start_matches('#').to_owned();
        schema = file.pointer_mut(&pointer).expect("it is there").take();
    }
    schema
}

fn fits(provider: &str, side: &str, path: &str, value: &Value) -> Result<(), String> {
    let file = file(provider);
    let described = file[side].get(path);
    let described = described.unwrap_or_else(|| panic!("{provider} describes no {side} of {path}"));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [described],
        "definitions": file["definitions"],
    });
    let validator = jsonschema::validator_for(&schema).expect("the description is a JSON Schema");
    let mut faults = String::new();
    for error in validator.iter_errors(value) {
        let _ = writeln!(faults, "{}: {error}", error.instance_path());
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{provider} {path} does not fit:\n{faults}in {value}"
    ))
}
