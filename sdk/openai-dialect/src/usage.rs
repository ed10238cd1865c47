//! Token counts, in every place where servers of this dialect put them.
//!
//! Follows <https://platform.openai.com/docs/api-reference/chat/object> (`usage`) and
//! <https://platform.openai.com/docs/api-reference/images/object>, with the names that Mistral, Groq, DeepSeek,
//! Moonshot, OpenRouter and LiteLLM use for the same things.

use chela_sdk::Usage;
use serde_json::Value;

use crate::loose::{count_field, first_count, number_field};

/// The objects that say what is in the input.
const INPUT_DETAILS: &[&str] = &[
    "prompt_tokens_details",
    "prompt_token_details",
    "input_tokens_details",
];

/// The usage object of an answer; none when it says nothing.
pub fn parse(usage: &Value) -> Option<Usage> {
    let input = first_count(usage, &["prompt_tokens", "input_tokens"]);
    let visible = first_count(usage, &["completion_tokens", "output_tokens"]);
    let reasoning = detail(
        usage,
        &["completion_tokens_details", "output_tokens_details"],
        "reasoning_tokens",
    )
    .or_else(|| count_field(usage, "reasoning_tokens"));
    let cached = detail(usage, INPUT_DETAILS, "cached_tokens").or_else(|| {
        first_count(
            usage,
            &[
                "cached_tokens",
                "num_cached_tokens",
                "prompt_cache_hit_tokens",
            ],
        )
    });
    let written = detail(usage, INPUT_DETAILS, "cache_write_tokens")
        .or_else(|| count_field(usage, "cache_creation_input_tokens"));
    let seconds = number_field(usage, "seconds");
    if input.is_none()
        && visible.is_none()
        && cached.is_none()
        && reasoning.is_none()
        && seconds.is_none()
    {
        return None;
    }
    Some(Usage {
        input_tokens: input,
        output_tokens: with_reasoning(usage, input, visible, reasoning),
        cached_input_tokens: cached,
        cache_write_input_tokens: written,
        reasoning_tokens: reasoning,
        seconds,
        ..Usage::default()
    })
}

/// The output count with reasoning included.
///
/// OpenAI counts reasoning among the completion tokens, xAI beside them. The total, which both give, tells which.
fn with_reasoning(
    usage: &Value,
    input: Option<u64>,
    visible: Option<u64>,
    reasoning: Option<u64>,
) -> Option<u64> {
    let beside = || {
        let sum = visible?.checked_add(reasoning?)?;
        let total = count_field(usage, "total_tokens")?;
        (reasoning? > 0 && input?.checked_add(sum)? == total).then_some(sum)
    };
    beside().or(visible)
}

/// A count in the first of these detail objects that has it.
fn detail(usage: &Value, objects: &[&str], name: &str) -> Option<u64> {
    objects
        .iter()
        .find_map(|object| count_field(usage.get(object)?, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_are_read() {
        let usage = parse(&json!({
            "prompt_tokens": 31, "completion_tokens": "12", "total_tokens": 43,
            "prompt_tokens_details": {"cached_tokens": 16, "cache_write_tokens": 8, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 5},
        }))
        .expect("there are counts");
        assert_eq!(usage.input_tokens, Some(31));
        assert_eq!(usage.output_tokens, Some(12));
        assert_eq!(usage.cached_input_tokens, Some(16));
        assert_eq!(usage.cache_write_input_tokens, Some(8));
        assert_eq!(usage.reasoning_tokens, Some(5));
    }

    #[test]
    fn reasoning_beside_the_completion_is_added() {
        let usage = parse(&json!({
            "prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 114,
            "completion_tokens_details": {"reasoning_tokens": 100},
        }))
        .expect("there are counts");
        assert_eq!(usage.output_tokens, Some(104));
    }

    #[test]
    fn other_spellings_are_read() {
        let mistral =
            parse(&json!({"prompt_tokens": 9, "num_cached_tokens": 3})).expect("there are counts");
        assert_eq!(mistral.cached_input_tokens, Some(3));
        let image =
            parse(&json!({"input_tokens": 50, "output_tokens": 1056, "total_tokens": 1106}))
                .expect("counts");
        assert_eq!(
            (image.input_tokens, image.output_tokens),
            (Some(50), Some(1056))
        );
        let seconds = parse(&json!({"type": "duration", "seconds": 3})).expect("seconds");
        assert_eq!(seconds.seconds, Some(3.0));
    }

    #[test]
    fn what_says_nothing_is_none() {
        for value in [
            json!(null),
            json!({}),
            json!([]),
            json!({"prompt_tokens": null}),
            json!("12"),
        ] {
            assert!(parse(&value).is_none(), "{value}");
        }
    }
}
