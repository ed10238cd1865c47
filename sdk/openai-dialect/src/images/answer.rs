//! What an answer with pictures says.
//!
//! Follows <https://platform.openai.com/docs/api-reference/images/object>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_sdk::{FailureKind, NamedValue, Result, Usage};
use serde_json::Value;

use crate::failure::Envelope;
use crate::loose::{count_field, text_field};
use crate::{extra, usage};

/// What the answer says of the pictures as a whole, in the provider's spelling.
const SAID: &[&str] = &["size", "quality", "background", "output_format"];

/// An answer whose pictures were taken out by the scanner.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) entries: Vec<Entry>,
    pub(crate) model: Option<String>,
    pub(crate) usage: Option<Usage>,
    pub(crate) extra: Vec<NamedValue>,
}

/// A picture of an answer.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) revised_prompt: Option<String>,
    pub(crate) seed: Option<u64>,
}

/// Where a picture of an answer is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Among those that were taken out, at this place.
    TakenOut(usize),
    /// Here.
    Here(Vec<u8>),
    /// To be fetched.
    Url(String),
    /// Nowhere: the entry cannot be read, for this reason.
    Broken(&'static str),
}

/// Reads what was kept of an answer. `pictures` is how many were taken out of it.
pub(crate) fn read(kept: &[u8], pictures: usize, envelope: &Envelope) -> Result<Answer> {
    let answer = envelope.read_json(kept)?;
    let list = ["data", "images"]
        .iter()
        .find_map(|name| answer.get(name)?.as_array())
        .ok_or_else(|| envelope.bad("the answer holds no list of pictures"))?;
    let mut entries = Vec::new();
    for entry in list {
        if let Some(place) = place(entry, pictures) {
            entries.push(Entry {
                place,
                revised_prompt: text_field(entry, "revised_prompt"),
                seed: count_field(entry, "seed"),
            });
        }
    }
    if entries.is_empty() {
        return Err(envelope.failure(FailureKind::EmptyOutput, "the answer holds no picture"));
    }
    Ok(Answer {
        entries,
        model: text_field(&answer, "model"),
        usage: answer.get("usage").and_then(usage::parse),
        extra: extra::named(&answer, SAID),
    })
}

fn place(entry: &Value, pictures: usize) -> Option<Place> {
    // The scanner put a number where data was; a number that the server itself wrote there points past the end.
    let number = entry.get("b64_json").and_then(Value::as_u64);
    if let Some(number) = number.and_then(|number| usize::try_from(number).ok()) {
        return Some(if number < pictures {
            Place::TakenOut(number)
        } else {
            Place::Broken("a picture of the answer is a number")
        });
    }
    let url = entry
        .get("url")
        .and_then(Value::as_str)
        .filter(|url| !url.is_empty())?;
    if !url.starts_with("data:") {
        return Some(Place::Url(url.to_owned()));
    }
    let bytes = url
        .split_once(";base64,")
        .and_then(|(_, data)| STANDARD.decode(data).ok());
    Some(match bytes {
        Some(bytes) => Place::Here(bytes),
        None => Place::Broken("a picture of the answer is not base64"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn answer(value: &Value, pictures: usize) -> Result<Answer> {
        read(
            value.to_string().as_bytes(),
            pictures,
            &Envelope {
                status: 200,
                ..Envelope::default()
            },
        )
    }

    #[test]
    fn everything_said_is_read() {
        let answer = answer(
            &json!({"created": 1, "data": [{"b64_json": 0, "revised_prompt": "a red crab", "seed": 9}, {"url": "https://a.example/x.png"},
                {"url": "data:image/png;base64,SGVsbG8="}],
                "size": "1024x1024", "quality": "high", "background": null,
                "usage": {"input_tokens": 9, "output_tokens": 4160, "total_tokens": 4169}}),
            1,
        )
        .expect("three pictures");
        let places: Vec<&Place> = answer.entries.iter().map(|entry| &entry.place).collect();
        assert_eq!(
            places,
            [
                &Place::TakenOut(0),
                &Place::Url("https://a.example/x.png".into()),
                &Place::Here(b"Hello".to_vec())
            ]
        );
        assert_eq!(
            answer.entries[0].revised_prompt.as_deref(),
            Some("a red crab")
        );
        assert_eq!(answer.entries[0].seed, Some(9));
        assert_eq!(answer.usage.expect("counts").output_tokens, Some(4160));
        let said: Vec<(&str, &str)> = answer
            .extra
            .iter()
            .map(|value| (value.name.as_str(), value.value.as_str()))
            .collect();
        assert_eq!(said, [("size", "\"1024x1024\""), ("quality", "\"high\"")]);
    }

    #[test]
    fn answers_without_pictures_fail() {
        for (value, kind) in [
            (json!({"data": []}), FailureKind::EmptyOutput),
            (
                json!({"data": [{"revised_prompt": "x"}]}),
                FailureKind::EmptyOutput,
            ),
            (json!({"created": 1}), FailureKind::BadResponse),
            (
                json!({"error": {"message": "no", "code": "moderation_blocked"}}),
                FailureKind::ContentFiltered,
            ),
        ] {
            assert_eq!(
                answer(&value, 1).expect_err("no picture").kind,
                kind,
                "{value}"
            );
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_leaves_the_others() {
        for broken in [
            json!({"b64_json": 7}),
            json!({"url": "data:image/png;base64,*"}),
        ] {
            let value = json!({"data": [broken, {"b64_json": 0}]});
            let answer = answer(&value, 1).expect("one picture");
            let places: Vec<Place> = answer
                .entries
                .into_iter()
                .map(|entry| entry.place)
                .collect();
            assert!(
                matches!(&places[..], [Place::Broken(_), Place::TakenOut(0)]),
                "{places:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json(), list in crate::tests::any_json()) {
            let _ = answer(&value, 2);
            let _ = answer(&json!({"data": [list]}), 2);
        }
    }
}
