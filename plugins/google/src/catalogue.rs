//! The live catalogue.
//!
//! Follows <https://ai.google.dev/api/models>.

use chela_dialect::extra;
use chela_dialect::failure::Envelope;
use chela_dialect::loose::{count_field, text_field};
use chela_sdk::model::ModelInfo;
use chela_sdk::{Result, http};
use serde_json::Value;

use crate::failure::{accept, read};

/// How many models a page may have.
const PAGE: &str = "1000";

/// The most pages that are asked for.
const MOST_PAGES: usize = 8;

/// What a model can be asked for, in the API's spelling.
const SAID: &[&str] = &["supportedGenerationMethods"];

/// Asks for the catalogue, page by page.
pub(crate) fn list() -> Result<Vec<ModelInfo>> {
    let mut models = Vec::new();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let mut request = http::endpoint("api").get("/models").query("pageSize", PAGE);
        if let Some(token) = token {
            request = request.query("pageToken", token);
        }
        let (response, envelope) = accept(request.send_any()?)?;
        token = page(&read(response, &envelope)?, &envelope, &mut models)?;
        if token.is_none() {
            break;
        }
    }
    Ok(models)
}

/// Reads a page. Gives back how to ask for the next one, if there is one. Entries without a name are passed over.
fn page(page: &Value, envelope: &Envelope, models: &mut Vec<ModelInfo>) -> Result<Option<String>> {
    let list = page
        .get("models")
        .and_then(Value::as_array)
        .ok_or_else(|| envelope.bad("the answer holds no list of models"))?;
    models.extend(list.iter().filter_map(model));
    Ok(text_field(page, "nextPageToken"))
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let name = text_field(entry, "name")?;
    let id = name.strip_prefix("models/").unwrap_or(&name);
    Some(ModelInfo {
        name: text_field(entry, "displayName"),
        context_window: count_field(entry, "inputTokenLimit"),
        max_output_tokens: count_field(entry, "outputTokenLimit"),
        extra: extra::named(entry, SAID),
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
    fn pages_are_read_to_the_last() {
        let first = json!({"models": [{"name": "models/gemini-a", "displayName": "Gemini A", "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536, "supportedGenerationMethods": ["generateContent"]}, {}], "nextPageToken": "t"});
        testing::reply(Reply::json(200, first.to_string()));
        testing::reply(Reply::json(200, "{\"models\":[{\"name\":\"gemini-b\"}]}"));
        let models = list().expect("two pages");
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["gemini-a", "gemini-b"]);
        assert_eq!(
            (models[0].context_window, models[0].max_output_tokens),
            (Some(1_048_576), Some(65_536))
        );
        let sent = testing::sent();
        assert_eq!(sent[0].path, "/models");
        assert!(sent[1].query.contains(&("pageToken".into(), "t".into())));
        testing::reply(Reply::json(200, "{}"));
        assert!(list().is_err());
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json()) {
            let _ = page(&value, &Envelope::default(), &mut Vec::new());
            let _ = page(&json!({"models": [value]}), &Envelope::default(), &mut Vec::new());
        }
    }
}
