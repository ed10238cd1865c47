//! The voices of an account.
//!
//! Follows <https://elevenlabs.io/docs/api-reference/voices/search>.

use chela_sdk::speech::Voice;
use chela_sdk::{Failure, NamedValue, Result, http};
use serde_json::Value;

use crate::failure::told_apart;
use crate::text;

/// Voices that one request asks for: the most that the API gives.
const PAGE: &str = "100";

/// The most pages that are asked for. Accounts have far fewer voices.
const MOST_PAGES: usize = 50;

/// What an account can speak with.
pub(crate) fn list() -> Result<Vec<Voice>> {
    let mut voices = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut asked = http::endpoint("api")
            .get("/v2/voices")
            .query("page_size", PAGE);
        if let Some(token) = &token {
            asked = asked.query("next_page_token", token.as_str());
        }
        let answer: Value = asked.send().map_err(told_apart)?.json()?;
        let page = answer
            .get("voices")
            .and_then(Value::as_array)
            .ok_or_else(|| Failure::bad_response("the answer holds no list of voices"))?;
        voices.extend(page.iter().filter_map(voice));
        let more = answer.get("has_more").and_then(Value::as_bool) == Some(true);
        let next = text(&answer, "next_page_token").filter(|_| more);
        if next.is_none() || next == token {
            break;
        }
        token = next;
    }
    Ok(voices)
}

fn voice(entry: &Value) -> Option<Voice> {
    let mut voice = Voice::new(text(entry, "voice_id")?);
    let nothing = Value::Null;
    let labels = entry.get("labels").unwrap_or(&nothing);
    voice.name = text(entry, "name");
    voice.description = text(entry, "description").or_else(|| text(labels, "description"));
    voice.gender = text(labels, "gender").map(|gender| gender.to_lowercase());
    voice.preview_url = text(entry, "preview_url").filter(|url| url.starts_with("http"));
    voice.languages = languages(entry, labels);
    voice.extra = ["accent", "age", "use_case"]
        .iter()
        .filter_map(|name| {
            Some(NamedValue {
                name: (*name).to_owned(),
                value: labels
                    .get(name)
                    .filter(|value| value.is_string())?
                    .to_string(),
            })
        })
        .collect();
    Some(voice)
}

/// The languages that were verified, each once, or the one that the label names.
fn languages(entry: &Value, labels: &Value) -> Vec<String> {
    let verified = entry.get("verified_languages").and_then(Value::as_array);
    let mut languages: Vec<String> = Vec::new();
    let named = verified
        .into_iter()
        .flatten()
        .filter_map(|one| text(one, "language"))
        .chain(text(labels, "language"));
    for language in named {
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    languages
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use chela_sdk::testing::{self, Reply};

    #[test]
    fn pages_are_read_to_the_last() {
        testing::reply(Reply::json(
            200,
            r#"{"voices": [{"voice_id": "a1", "name": "Rachel", "category": "premade", "description": null,
                "labels": {"accent": "American", "description": "calm", "age": "young", "gender": "Female", "language": "en"},
                "preview_url": "https://example.com/a.mp3",
                "verified_languages": [{"language": "en", "model_id": "m"}, {"language": "fr", "model_id": "m"}, {"language": "en", "model_id": "n"}]},
                {"name": "without an id"}], "has_more": true, "total_count": 2, "next_page_token": "t2"}"#,
        ));
        testing::reply(Reply::json(
            200,
            r#"{"voices": [{"voice_id": "b2", "labels": null, "verified_languages": null}], "has_more": false, "next_page_token": null}"#,
        ));
        let voices = list().expect("voices");
        let sent = testing::sent();
        assert_eq!(sent[1].query[1], ("next_page_token".into(), "t2".into()));
        assert_eq!(voices.len(), 2);
        let first = &voices[0];
        assert_eq!(
            (
                first.id.as_str(),
                first.gender.as_deref(),
                first.description.as_deref()
            ),
            ("a1", Some("female"), Some("calm"))
        );
        assert_eq!(first.languages, ["en", "fr"]);
        assert_eq!(voices[1].id, "b2");
    }

    #[test]
    fn a_server_that_repeats_itself_is_asked_no_more() {
        for _ in 0..2 {
            testing::reply(Reply::json(
                200,
                r#"{"voices": [], "has_more": true, "next_page_token": "same"}"#,
            ));
        }
        assert!(list().expect("voices").is_empty());
        assert_eq!(testing::sent().len(), 2);
    }

    #[test]
    fn what_is_no_list_is_told() {
        for body in ["{}", r#"{"voices": 1}"#, "[]", ""] {
            testing::reply(Reply::json(200, body));
            assert_eq!(list().expect_err(body).kind, FailureKind::BadResponse);
        }
    }
}
