//! The live catalogue.
//!
//! Follows <https://docs.claude.com/en/api/models-list>.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{count_field, text_field};
use chela_dialect::reply::{accept, read_rest};
use chela_sdk::Result;
use chela_sdk::model::{MediaKind, ModelInfo};
use serde_json::Value;

use crate::{endpoint, versioned};

/// How many models a page may have.
const PAGE: &str = "1000";

/// The most pages that are asked for.
const MOST_PAGES: usize = 8;

/// Asks for the catalogue, page by page.
pub(crate) fn list() -> Result<Vec<ModelInfo>> {
    let mut models = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let mut request = versioned(endpoint().get("/v1/models")).query("limit", PAGE);
        if let Some(last) = after {
            request = request.query("after_id", last);
        }
        let (response, envelope) = accept(request.send_any()?)?;
        let page = envelope.read_json(&read_rest(response, Vec::new(), &envelope)?)?;
        after = read(&page, &envelope, &mut models)?;
        if after.is_none() {
            break;
        }
    }
    Ok(models)
}

/// Reads a page. Gives back where the next one begins, if there is one. Entries without an id are passed over.
fn read(page: &Value, envelope: &Envelope, models: &mut Vec<ModelInfo>) -> Result<Option<String>> {
    let list = page
        .get("data")
        .and_then(Value::as_array)
        .ok_or_else(|| envelope.bad("the answer holds no list of models"))?;
    models.extend(list.iter().filter_map(model));
    let more = page.get("has_more") == Some(&Value::Bool(true));
    Ok(text_field(page, "last_id").filter(|_| more))
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let able = |name: &str| {
        entry
            .pointer("/capabilities")?
            .get(name)?
            .get("supported")?
            .as_bool()
    };
    let input = able("image_input").map(|sees| {
        let reads = able("pdf_input") == Some(true);
        let kinds = [(MediaKind::Image, sees), (MediaKind::File, reads)];
        kinds
            .into_iter()
            .filter(|(_, able)| *able)
            .map(|(kind, _)| kind)
            .collect()
    });
    let id = text_field(entry, "id")?;
    Some(ModelInfo {
        name: text_field(entry, "display_name").filter(|name| *name != id),
        context_window: count_field(entry, "max_input_tokens"),
        max_output_tokens: count_field(entry, "max_tokens"),
        input,
        extra: Vec::new(),
        id,
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
        let first = json!({"data": [
            {"type": "model", "id": "claude-a", "display_name": "Claude A", "created_at": "2026-01-01T00:00:00Z", "max_input_tokens": 200_000,
                "max_tokens": 64_000, "capabilities": {"image_input": {"supported": true}, "pdf_input": {"supported": false}}},
            {"display_name": "nameless"},
        ], "has_more": true, "first_id": "claude-a", "last_id": "claude-a"});
        testing::reply(Reply::json(200, first.to_string()));
        testing::reply(Reply::json(
            200,
            json!({"data": [{"id": "claude-b"}], "has_more": false, "last_id": "claude-b"})
                .to_string(),
        ));
        let models = list().expect("two pages");
        assert_eq!(models.len(), 2);
        assert_eq!(models[0].name.as_deref(), Some("Claude A"));
        assert_eq!(
            (models[0].context_window, models[0].max_output_tokens),
            (Some(200_000), Some(64_000))
        );
        assert_eq!(models[0].input.as_deref(), Some(&[MediaKind::Image][..]));
        assert_eq!(models[1].input, None);
        let sent = testing::sent();
        assert_eq!(sent[0].path, "/v1/models");
        assert!(
            sent[1]
                .query
                .contains(&("after_id".into(), "claude-a".into()))
        );
        assert!(
            sent[0]
                .headers
                .contains(&("anthropic-version".into(), "2023-06-01".into()))
        );
    }

    #[test]
    fn what_is_no_catalogue_fails() {
        for body in ["{}", "{\"data\":{}}", "<html>", ""] {
            testing::reply(Reply::json(200, body));
            assert!(list().is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json()) {
            let envelope = Envelope { status: 200, ..Envelope::default() };
            let _ = read(&value, &envelope, &mut Vec::new());
            let _ = read(&json!({"data": [value], "has_more": true}), &envelope, &mut Vec::new());
        }
    }
}
