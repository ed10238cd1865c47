//! Token counts.
//!
//! Follows <https://docs.claude.com/en/api/messages> (`usage`).

use chela_dialect::loose::{count, count_field};
use chela_sdk::Usage;
use serde_json::{Map, Value};

/// What was counted so far. A stream counts at its start and again at its end, and the last word on each count is the true one.
#[derive(Debug, Default)]
pub(crate) struct Counts(Map<String, Value>);

impl Counts {
    /// Takes a `usage` object.
    pub(crate) fn add(&mut self, usage: &Value) {
        for (name, value) in usage.as_object().into_iter().flatten() {
            if !value.is_null() {
                self.0.insert(name.clone(), value.clone());
            }
        }
    }

    /// The counts in the contract's terms; none when nothing was said.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let field = |name: &str| self.0.get(name).and_then(count);
        let (read, written) = (
            field("cache_read_input_tokens"),
            field("cache_creation_input_tokens"),
        );
        let (input, output) = (field("input_tokens"), field("output_tokens"));
        if input.is_none() && output.is_none() {
            return None;
        }
        // The API counts what came from a cache, and went to one, beside the rest of the input.
        let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
        Some(Usage {
            input_tokens: input.map(|input| input.saturating_add(cached)),
            output_tokens: output,
            cached_input_tokens: read,
            cache_write_input_tokens: written,
            requests: self
                .0
                .get("server_tool_use")
                .and_then(|tools| count_field(tools, "web_search_requests"))
                .filter(|requests| *requests > 0),
            ..Usage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_cached_is_a_part_of_the_input() {
        let mut counts = Counts::default();
        assert!(counts.usage().is_none());
        counts.add(&json!({"input_tokens": 9, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 20, "output_tokens": 1}));
        counts.add(&json!({"output_tokens": 21, "input_tokens": null, "server_tool_use": {"web_search_requests": 2}}));
        let usage = counts.usage().expect("counts");
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Some(129), Some(21))
        );
        assert_eq!(
            (usage.cached_input_tokens, usage.cache_write_input_tokens),
            (Some(20), Some(100))
        );
        assert_eq!(usage.requests, Some(2));
    }
}
