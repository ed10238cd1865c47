//! Tools of a request.

use chela_sdk::model::{Tool, ToolOutput, ToolResult};
use chela_sdk::{Failure, Result};
use serde_json::Value;

use crate::loose;
use crate::sentence::joined;

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

/// What a tool gave, as one string, for APIs without a field for a tool that failed: the string says it. None where there is more
/// than text.
pub fn outcome_as_text(result: &ToolResult) -> Option<String> {
    let mut text = String::new();
    if result.is_error {
        text.push_str("Error:");
    }
    for output in &result.content {
        match output {
            ToolOutput::Text(more) => text = joined(text, "\n", more),
            ToolOutput::Media(_) => return None,
        }
    }
    Some(text)
}
