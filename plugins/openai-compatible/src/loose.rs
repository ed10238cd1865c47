//! JSON, read the way servers write it, not the way the API's pages say.
//!
//! Servers of this dialect write counts as strings, codes as numbers, and `null` where a field should be missing. What
//! carries a usable value is used; what does not counts as absent. Nothing here fails.

use serde_json::{Map, Value};

/// The value that a JSON text holds.
///
/// All JSON is read here, into values and never into types of its own: one reader in place of one for each type keeps
/// the component small.
pub fn read(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)).ok()
}

/// The JSON text of a value.
pub fn write(value: &Value) -> String {
    let bytes = serde_json::to_vec(value).expect("a value has string keys and no infinite number");
    String::from_utf8(bytes).expect("JSON is written as UTF-8")
}

/// An object of these fields.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let mut fields = ::serde_json::Map::new();
        $($crate::loose::set(&mut fields, $name, $value);)*
        ::serde_json::Value::Object(fields)
    }};
}
pub(crate) use object;

/// Sets a field.
pub fn set(fields: &mut Map<String, Value>, name: &str, value: impl Field) {
    value.set(fields, name);
}

/// What a field is set to. Kept out of line for each kind of it, since requests are made of dozens of them.
pub trait Field {
    /// Sets a field to this.
    fn set(self, fields: &mut Map<String, Value>, name: &str);
}

impl Field for Value {
    #[inline(never)]
    fn set(self, fields: &mut Map<String, Value>, name: &str) {
        fields.insert(name.to_owned(), self);
    }
}

impl Field for &str {
    #[inline(never)]
    fn set(self, fields: &mut Map<String, Value>, name: &str) {
        Value::from(self).set(fields, name);
    }
}

impl Field for Vec<Value> {
    #[inline(never)]
    fn set(self, fields: &mut Map<String, Value>, name: &str) {
        Value::Array(self).set(fields, name);
    }
}

impl Field for bool {
    #[inline(never)]
    fn set(self, fields: &mut Map<String, Value>, name: &str) {
        Value::Bool(self).set(fields, name);
    }
}

/// A string, or a number or truth value written out. `null`, lists and objects are none.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The field as [`text`], when it is there and not empty.
pub fn text_field(object: &Value, name: &str) -> Option<String> {
    object
        .get(name)
        .and_then(text)
        .filter(|text| !text.is_empty())
}

/// A whole number, also when it is written `12.0` or `"12"`. Negative numbers and fractions are none.
pub fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The field as [`count`].
pub fn count_field(object: &Value, name: &str) -> Option<u64> {
    object.get(name).and_then(count)
}

/// The first of these fields that holds a count.
pub fn first_count(object: &Value, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| count_field(object, name))
}

/// A finite number, also when it is written as a string.
pub fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        // Through the JSON reader, which is there anyway: the one of the standard library brings large tables.
        Value::String(text) => read(text.trim().as_bytes())?.as_f64()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// The field as [`number`].
pub fn number_field(object: &Value, name: &str) -> Option<f64> {
    object.get(name).and_then(number)
}

/// A fraction-free number in the range that a double holds exactly.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && (0.0..=EXACT).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn counts_come_in_every_spelling() {
        for value in [json!(7), json!(7.0), json!("7"), json!(" 7 ")] {
            assert_eq!(count(&value), Some(7), "{value}");
        }
        for value in [
            json!(-1),
            json!(0.5),
            json!(1e300),
            json!("many"),
            json!(null),
            json!([7]),
        ] {
            assert_eq!(count(&value), None, "{value}");
        }
    }

    #[test]
    fn scalars_become_text() {
        assert_eq!(text(&json!(429)).as_deref(), Some("429"));
        assert_eq!(text(&json!(true)).as_deref(), Some("true"));
        assert_eq!(text(&json!(null)), None);
        assert_eq!(text_field(&json!({"code": ""}), "code"), None);
    }

    proptest! {
        #[test]
        fn any_number_is_read_or_left(number in any::<f64>()) {
            let value = json!(number);
            prop_assert_eq!(super::number(&value).is_some(), number.is_finite());
            if let Some(count) = count(&value) {
                prop_assert_eq!(count as f64, number);
            }
        }
    }
}
