//! Token counts.
//!
//! Follows <https://ai.google.dev/api/generate-content#UsageMetadata>.

use chela_dialect::loose::count_field;
use chela_sdk::Usage;
use serde_json::Value;

/// What `usageMetadata` says; none when it says nothing.
pub(crate) fn parse(usage: &Value) -> Option<Usage> {
    let field = |name: &str| count_field(usage, name);
    let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
    };
    let thoughts = field("thoughtsTokenCount");
    let input = sum(field("promptTokenCount"), field("toolUsePromptTokenCount"));
    // The API counts thoughts beside what was said.
    let output = sum(field("candidatesTokenCount"), thoughts);
    if input.is_none() && output.is_none() {
        return None;
    }
    Some(Usage {
        input_tokens: input,
        output_tokens: output,
        cached_input_tokens: field("cachedContentTokenCount"),
        reasoning_tokens: thoughts,
        ..Usage::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn thoughts_are_a_part_of_the_output() {
        let usage = parse(&json!({"promptTokenCount": 21, "candidatesTokenCount": 26, "thoughtsTokenCount": 58, "totalTokenCount": 105,
            "cachedContentTokenCount": 4, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 21}]}))
        .expect("counts");
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Some(21), Some(84))
        );
        assert_eq!(
            (usage.cached_input_tokens, usage.reasoning_tokens),
            (Some(4), Some(58))
        );
        for nothing in [json!({}), json!(null), json!({"totalTokenCount": 0})] {
            assert!(parse(&nothing).is_none());
        }
    }
}
