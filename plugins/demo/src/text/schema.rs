//! The plainest value that a JSON Schema takes.

use chela_sdk::{Failure, Result};
use serde_json::{Map, Value, json};

/// How deep schemas may nest.
const DEPTH: u8 = 32;

/// A value for the schema, as JSON text.
pub(super) fn example(schema: &str) -> Result<String> {
    let schema: Value = serde_json::from_str(schema)
        .map_err(|error| Failure::invalid_request(format!("the schema is no JSON: {error}")))?;
    let value = value(&schema, &schema, 0)
        .ok_or_else(|| Failure::invalid_request("the demo finds no plain value for that schema"))?;
    Ok(value.to_string())
}

fn value(schema: &Value, root: &Value, depth: u8) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    let next = |schema: &Value| value(schema, root, depth + 1);
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return next(root.pointer(reference.strip_prefix('#')?)?);
    }
    for fixed in ["const", "default"] {
        if let Some(fixed) = schema.get(fixed) {
            return Some(fixed.clone());
        }
    }
    for choice in ["enum", "examples"] {
        if let Some(first) = schema.get(choice).and_then(|choices| choices.get(0)) {
            return Some(first.clone());
        }
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema.get(choice).and_then(|choices| choices.get(0)) {
            return next(first);
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first()?.as_str()?,
        Some(kind) => kind.as_str()?,
        None if schema.get("properties").is_some() => "object",
        None => "string",
    };
    Some(match kind {
        "object" => {
            let properties = schema.get("properties");
            let mut fields = Map::new();
            for name in schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let name = name.as_str()?;
                let property = properties.and_then(|properties| properties.get(name));
                fields.insert(name.to_owned(), next(property.unwrap_or(&Value::Null))?);
            }
            Value::Object(fields)
        }
        "array" => {
            let least = schema
                .get("minItems")
                .and_then(Value::as_u64)
                .unwrap_or(0)
                .min(16);
            let items = schema.get("items").unwrap_or(&Value::Null);
            Value::Array((0..least).map(|_| next(items)).collect::<Option<_>>()?)
        }
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        "boolean" => json!(false),
        "null" => Value::Null,
        _ => {
            let least = schema
                .get("minLength")
                .and_then(Value::as_u64)
                .unwrap_or(0)
                .min(1024) as usize;
            json!(format!("{:-<least$}", "demo"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::example;
    use serde_json::{Value, json};

    fn of(schema: &Value) -> Value {
        serde_json::from_str(&example(&schema.to_string()).unwrap()).unwrap()
    }

    #[test]
    fn required_fields_are_there_and_fit() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 6 },
                "kind": { "enum": ["a", "b"] },
                "tags": { "type": "array", "items": { "$ref": "#/$defs/tag" }, "minItems": 2 },
                "left": { "type": ["null", "string"] },
                "optional": { "type": "string" },
            },
            "required": ["name", "kind", "tags", "left"],
            "$defs": { "tag": { "type": "boolean" } },
        });
        assert_eq!(
            of(&schema),
            json!({ "name": "demo--", "kind": "a", "tags": [false, false], "left": null })
        );
    }

    #[test]
    fn a_schema_without_end_is_refused() {
        let schema =
            json!({ "type": "object", "properties": { "a": { "$ref": "#" } }, "required": ["a"] });
        assert!(example(&schema.to_string()).is_err());
        assert!(example("{").is_err());
    }
}
