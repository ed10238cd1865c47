//! The models that are on the machine.
//!
//! Follows <https://docs.ollama.com/api/tags>.

use chela_dialect::extra;
use chela_dialect::failure::Envelope;
use chela_dialect::loose::{count_field, text_field};
use chela_sdk::model::ModelInfo;
use chela_sdk::{Result, http};
use serde_json::Value;

use crate::failure::{accept, read};

/// What is said of a model's files, in Ollama's spelling.
const SAID: &[&str] = &["parameter_size", "quantization_level"];

/// Asks which models there are.
pub(crate) fn list() -> Result<Vec<ModelInfo>> {
    let response = http::endpoint("api").get("/api/tags").send_any()?;
    let (response, envelope) = accept(response, "")?;
    models(&read(response, &envelope, "")?, &envelope)
}

/// Reads the list. Entries without a name are passed over.
fn models(answer: &Value, envelope: &Envelope) -> Result<Vec<ModelInfo>> {
    let list = answer
        .get("models")
        .and_then(Value::as_array)
        .ok_or_else(|| envelope.bad("the answer holds no list of models"))?;
    Ok(list.iter().filter_map(model).collect())
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let id = text_field(entry, "model").or_else(|| text_field(entry, "name"))?;
    let details = entry.get("details").unwrap_or(&Value::Null);
    Some(ModelInfo {
        context_window: count_field(details, "context_length"),
        extra: extra::named(details, SAID),
        ..ModelInfo::new(id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::testing::{self, Reply};
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn models_are_listed_by_the_name_that_requests_take() {
        let body = json!({"models": [
            {"name": "llama3.2:latest", "model": "llama3.2:latest", "modified_at": "2026-01-01T00:00:00Z", "size": 1, "digest": "a",
                "details": {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}},
            {"size": 2},
            {"name": "old"},
        ]});
        testing::reply(Reply::json(200, body.to_string()));
        let models = list().expect("a list");
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["llama3.2:latest", "old"]);
        assert_eq!(models[0].extra[0].value, "\"3.2B\"");
        assert_eq!(testing::sent()[0].path, "/api/tags");
        testing::reply(Reply::json(200, "{\"models\":null}"));
        assert!(list().is_err());
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json()) {
            let _ = models(&value, &Envelope::default());
            let _ = models(&json!({"models": [value]}), &Envelope::default());
        }
    }
}
