//! Fields that the contract has no word for, in the provider's own spelling.

use chela_sdk::{Failure, NamedValue};
use serde_json::{Map, Value};

use crate::loose;

/// Lays further fields over those of a request. The caller's word wins, but for `reserved` fields, which it cannot say.
pub fn lay_over(
    fields: &mut Map<String, Value>,
    extra: &[NamedValue],
    reserved: &[&str],
) -> Result<(), Failure> {
    for (name, value) in read(extra)? {
        if reserved.contains(&name.as_str()) {
            return Err(Failure::invalid_request(format!(
                "the field {name} cannot be set beside the request itself"
            )));
        }
        fields.insert(name, value);
    }
    Ok(())
}

/// An object with further fields, but for those that it cannot take. What is no object stays as it is.
///
/// # Errors
///
/// As [`lay_over`].
pub fn with(mut object: Value, extra: &[NamedValue], reserved: &[&str]) -> Result<Value, Failure> {
    if let Value::Object(fields) = &mut object {
        lay_over(fields, extra, reserved)?;
    }
    Ok(object)
}

/// The fields as JSON values.
pub fn read(extra: &[NamedValue]) -> Result<Vec<(String, Value)>, Failure> {
    extra
        .iter()
        .map(|field| match loose::read(field.value.as_bytes()) {
            Some(value) => Ok((field.name.clone(), value)),
            None => Err(Failure::invalid_request(format!(
                "the value of the field {} is not JSON",
                field.name
            ))),
        })
        .collect()
}

/// The fields of an answer that the contract has no word for, of those that are named here and there.
pub fn named(answer: &Value, names: &[&str]) -> Vec<NamedValue> {
    names
        .iter()
        .filter_map(|name| {
            let value = answer.get(name).filter(|value| !value.is_null())?;
            Some(NamedValue {
                name: (*name).to_owned(),
                value: loose::write(value),
            })
        })
        .collect()
}
