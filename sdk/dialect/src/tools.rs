//! Tools of a request.

use chela_sdk::model::Tool;
use chela_sdk::{Failure, Result};
use serde_json::Value;

use crate::loose;

/// The JSON Schema of a tool's parameters.
///
/// # Errors
///
/// `invalid-request` where it is no JSON.
pub fn parameters(tool: &Tool) -> Result<Value> {
    loose::read(tool.parameters.as_bytes()).ok_or_else(|| {
        Failure::invalid_request(format!("the parameters of tool {} are not JSON", tool.name))
    })
}
