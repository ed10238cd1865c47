//! Schemas that answers have to fit.
//!
//! Follows <https://platform.openai.com/docs/guides/structured-outputs>.

use chela_sdk::{Failure, Result};
use serde_json::{Map, Value};

use crate::loose::{self, set};
use crate::settings::Settings;

/// The fields that name a schema, which chat completions and responses put in different places. It is marked `strict` where the
/// server knows that word and would not refuse the schema for it.
///
/// # Errors
///
/// `invalid-request` where it is no JSON.
pub fn format(schema: &str, settings: &Settings) -> Result<Map<String, Value>> {
    let schema = loose::read(schema.as_bytes())
        .ok_or_else(|| Failure::invalid_request("the response schema is not JSON"))?;
    let strict = settings.supports_strict_mode && fits_strict_mode(&schema);
    let mut format = Map::new();
    set(&mut format, "name", "answer");
    set(&mut format, "schema", schema);
    if strict {
        set(&mut format, "strict", true);
    }
    Ok(format)
}

/// Whether a schema keeps the two rules that `strict` refuses schemas for: each object lists all its properties as
/// required and allows no others (<https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>).
fn fits_strict_mode(schema: &Value) -> bool {
    let this = match schema.get("properties").and_then(Value::as_object) {
        Some(properties) => {
            let required = schema.get("required").and_then(Value::as_array);
            schema.get("additionalProperties") == Some(&Value::Bool(false))
                && properties.keys().all(|name| {
                    required.is_some_and(|list| list.iter().any(|entry| entry == name.as_str()))
                })
        }
        None => schema.get("type") != Some(&Value::from("object")),
    };
    let below = match schema {
        Value::Object(map) => map.values().all(fits_strict_mode),
        Value::Array(list) => list.iter().all(fits_strict_mode),
        _ => true,
    };
    this && below
}
