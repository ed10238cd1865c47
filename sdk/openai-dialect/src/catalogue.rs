//! The live catalogue.
//!
//! Follows <https://platform.openai.com/docs/api-reference/models/list>. How many tokens a model takes is no part of that
//! page; Groq, Mistral, OpenRouter, vLLM and llama.cpp say it each under a name of their own.

use chela_sdk::model::ModelInfo;
use chela_sdk::{Result, http};
use serde_json::Value;

use crate::failure::Envelope;
use crate::loose::{count, count_field, first_count, text_field};
use crate::reply::{accept, read_rest};

/// Asks for the catalogue.
///
/// # Errors
///
/// A refusal, and an answer that holds no list of models.
pub fn list() -> Result<Vec<ModelInfo>> {
    let (response, envelope) = accept(http::endpoint("api").get("/models").send_any()?)?;
    read(&read_rest(response, Vec::new(), &envelope)?, &envelope)
}

/// Reads a catalogue: a list under `data`, or a bare one. Entries without an id are passed over.
fn read(body: &[u8], envelope: &Envelope) -> Result<Vec<ModelInfo>> {
    let answer = envelope.read_json(body)?;
    let list = match &answer {
        Value::Array(list) => Some(list),
        _ => ["data", "models"]
            .iter()
            .find_map(|name| answer.get(name)?.as_array()),
    };
    let list = list.ok_or_else(|| envelope.bad("the answer holds no list of models"))?;
    Ok(list.iter().filter_map(model).collect())
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let id = text_field(entry, "id")?;
    Some(ModelInfo {
        name: ["display_name", "name"]
            .iter()
            .find_map(|name| text_field(entry, name))
            .filter(|name| *name != id),
        context_window: first_count(
            entry,
            &[
                "context_window",
                "context_length",
                "max_context_length",
                "max_model_len",
            ],
        )
        .or_else(|| count(entry.pointer("/meta/n_ctx")?))
        .or_else(|| count(entry.pointer("/meta/n_ctx_train")?)),
        max_output_tokens: first_count(entry, &["max_completion_tokens", "max_output_tokens"])
            .or_else(|| count_field(entry.get("top_provider")?, "max_completion_tokens")),
        input: None,
        extra: Vec::new(),
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn catalogue(value: &Value) -> Result<Vec<ModelInfo>> {
        read(
            value.to_string().as_bytes(),
            &Envelope {
                status: 200,
                ..Envelope::default()
            },
        )
    }

    #[test]
    fn sizes_are_found_under_every_name() {
        for (entry, window, output) in [
            (json!({"id": "a", "object": "model"}), None, None),
            (
                json!({"id": "a", "context_window": 8192, "max_completion_tokens": 1024}),
                Some(8192),
                Some(1024),
            ),
            (
                json!({"id": "a", "max_context_length": 8192}),
                Some(8192),
                None,
            ),
            (
                json!({"id": "a", "context_length": "8192", "top_provider": {"max_completion_tokens": 10}}),
                Some(8192),
                Some(10),
            ),
            (json!({"id": "a", "max_model_len": 8192}), Some(8192), None),
            (
                json!({"id": "a", "meta": {"n_ctx_train": 8192}}),
                Some(8192),
                None,
            ),
        ] {
            for list in [json!({"object": "list", "data": [entry]}), json!([entry])] {
                let models = catalogue(&list).expect("a catalogue");
                assert_eq!(models.len(), 1);
                assert_eq!(
                    (models[0].context_window, models[0].max_output_tokens),
                    (window, output),
                    "{list}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_catalogue_fails() {
        assert!(catalogue(&json!({"data": {}})).is_err());
        assert!(catalogue(&json!({"error": "no"})).is_err());
        assert_eq!(
            catalogue(&json!({"data": [{}, 1, null]}))
                .expect("a list")
                .len(),
            0
        );
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json()) {
            let _ = catalogue(&value);
            let _ = catalogue(&json!([value]));
        }
    }
}
