//! Vectors for texts.
//!
//! Follows <https://platform.openai.com/docs/api-reference/embeddings/create>. Vectors are numbers by the hundred
//! thousand, so they are read straight into place and never pass through a tree of JSON values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chela_sdk::embedding::{Request, Response};
use chela_sdk::{Result, Usage, http};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::failure::{Envelope, accept, read_text};
use crate::loose::{count, text};
use crate::settings::Settings;
use crate::{extra, usage};

/// Embeds.
pub(crate) fn embed(request: &Request) -> Result<Response> {
    let fields = fields(request, &Settings::of_provider())?;
    let response = http::endpoint("api")
        .post("/embeddings")
        .json(&fields)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let body = read_text(response, Vec::new(), &envelope)?;
    let answer = read(&body, request.texts.len(), &envelope)?;
    Ok(Response {
        vectors: answer.vectors,
        model: answer.model,
        usage: answer.usage,
        request_id: envelope.request_id,
        extra: Vec::new(),
    })
}

/// A request's fields.
fn fields(request: &Request, settings: &Settings) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    fields.insert("model".into(), request.model.as_str().into());
    fields.insert("input".into(), request.texts.clone().into());
    fields.insert("encoding_format".into(), "float".into());
    if let Some(dimensions) = request.dimensions {
        fields.insert(settings.dimensions_field.clone(), dimensions.into());
    }
    extra::lay_over(&mut fields, &request.extra, &["input"])?;
    Ok(fields)
}

/// What an answer says.
#[derive(Debug)]
struct Answer {
    vectors: Vec<Vec<f32>>,
    model: Option<String>,
    usage: Option<Usage>,
}

/// Reads the answer to a request of that many texts.
fn read(body: &str, texts: usize, envelope: &Envelope) -> Result<Answer> {
    let body = body.trim_start_matches('\u{feff}');
    let Ok(wire) = serde_json::from_str::<Wire>(body) else {
        // Only now is it worth a second look: an error, JSON of another shape, or no JSON at all.
        envelope.read_json(body)?;
        return Err(envelope.bad("the answer is not a list of vectors"));
    };
    let Some(entries) = wire.data else {
        envelope.read_json(body)?;
        return Err(envelope.bad("the answer holds no vectors"));
    };
    if entries.len() != texts {
        let message = format!(
            "the server answered {} vectors for {texts} texts",
            entries.len()
        );
        return Err(envelope.bad(&message));
    }
    Ok(Answer {
        vectors: in_order(entries, envelope)?,
        model: wire.model.as_ref().and_then(text),
        usage: wire.usage.as_ref().and_then(usage::parse),
    })
}

/// The vectors in the order of their `index`, or as they came where there is none.
fn in_order(entries: Vec<Entry>, envelope: &Envelope) -> Result<Vec<Vec<f32>>> {
    let mut slots: Vec<Option<Vec<f32>>> = Vec::new();
    slots.resize_with(entries.len(), || None);
    for (place, entry) in entries.into_iter().enumerate() {
        let index = match entry.index.as_ref().and_then(count) {
            Some(index) => usize::try_from(index).unwrap_or(usize::MAX),
            None => place,
        };
        let Some(Numbers(vector)) = entry.embedding else {
            return Err(envelope.bad("a vector of the answer is missing"));
        };
        if vector.is_empty() || vector.iter().any(|number| !number.is_finite()) {
            return Err(
                envelope.bad("a vector of the answer is empty or holds a number that is none")
            );
        }
        match slots.get_mut(index) {
            Some(slot @ None) => *slot = Some(vector),
            _ => return Err(envelope.bad("the vectors of the answer are numbered wrongly")),
        }
    }
    let vectors: Vec<Vec<f32>> = slots.into_iter().flatten().collect();
    if vectors
        .windows(2)
        .any(|pair| pair[0].len() != pair[1].len())
    {
        return Err(envelope.bad("the vectors of the answer have different lengths"));
    }
    Ok(vectors)
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    data: Option<Vec<Entry>>,
    #[serde(default)]
    model: Option<Value>,
    #[serde(default)]
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    embedding: Option<Numbers>,
    #[serde(default)]
    index: Option<Value>,
}

/// Numbers in a list, or little-endian floats in base64.
struct Numbers(Vec<f32>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NumbersVisitor)
    }
}

struct NumbersVisitor;

impl<'de> Visitor<'de> for NumbersVisitor {
    type Value = Numbers;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("one vector")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Numbers, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = list.next_element::<f32>()? {
            numbers.push(number);
        }
        Ok(Numbers(numbers))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Numbers, E> {
        let bytes = STANDARD.decode(text).map_err(E::custom)?;
        let floats = bytes.chunks_exact(4);
        if !floats.remainder().is_empty() {
            return Err(E::custom("base64 of another length than floats have"));
        }
        Ok(Numbers(
            floats
                .map(|float| f32::from_le_bytes([float[0], float[1], float[2], float[3]]))
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind as Kind;
    use proptest::prelude::*;
    use serde_json::json;

    fn answer(body: &str, texts: usize) -> Result<Answer> {
        read(
            body,
            texts,
            &Envelope {
                status: 200,
                ..Envelope::default()
            },
        )
    }

    fn vectors(value: &Value, texts: usize) -> Vec<Vec<f32>> {
        answer(&value.to_string(), texts).expect("vectors").vectors
    }

    #[test]
    fn vectors_stand_in_the_order_of_the_texts() {
        let answer = answer(
            &json!({"object": "list", "model": "e-1", "usage": {"prompt_tokens": 8, "total_tokens": 8}, "data": [
                {"object": "embedding", "index": 1, "embedding": [0.5, -1]},
                {"object": "embedding", "index": 0, "embedding": [1e-3, 2]},
            ]})
            .to_string(),
            2,
        )
        .expect("vectors");
        assert_eq!(answer.vectors, [[0.001, 2.0], [0.5, -1.0]]);
        assert_eq!(answer.model.as_deref(), Some("e-1"));
        assert_eq!(answer.usage.expect("counts").input_tokens, Some(8));
    }

    #[test]
    fn base64_and_missing_numbers_are_tolerated() {
        let bytes: Vec<u8> = [1.0f32, -0.25]
            .iter()
            .flat_map(|float| float.to_le_bytes())
            .collect();
        assert_eq!(
            vectors(&json!({"data": [{"embedding": STANDARD.encode(bytes)}]}), 1),
            [[1.0, -0.25]]
        );
        assert_eq!(
            vectors(
                &json!({"data": [{"embedding": [1]}, {"embedding": [2], "index": null}]}),
                2
            ),
            [[1.0], [2.0]]
        );
    }

    #[test]
    fn what_is_not_one_vector_per_text_is_a_bad_response() {
        for body in [
            "{\"data\":[{\"embedding\":[1]}]}",
            "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}]}",
            "{\"data\":[{\"embedding\":[[1],[2]]},{\"embedding\":[[1]]}]}",
            "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1,2]}]}",
            "{\"data\":[{\"embedding\":[]},{\"embedding\":[]}]}",
            "{\"data\":[{\"embedding\":[1,null]},{\"embedding\":[1,2]}]}",
            "{\"data\":[{\"embedding\":[1e39]},{\"embedding\":[1]}]}",
            "{\"data\":[{\"embedding\":[NaN]},{\"embedding\":[1]}]}",
            "{\"data\":[{\"embedding\":\"AAAA\"},{\"embedding\":\"AAAA\"}]}",
            "{\"data\":[{\"embedding\":\"AADAfw==\"},{\"embedding\":\"AADAfw==\"}]}",
            "{\"data\":[{\"embedding\":[1],\"index\":1},{\"embedding\":[1],\"index\":1}]}",
            "{\"data\":[{\"embedding\":[1],\"index\":5},{\"embedding\":[1],\"index\":6}]}",
            "{\"data\":[{},{}]}",
            "{\"data\":null}",
            "{}",
            "[]",
            "",
            "<html>",
        ] {
            assert_eq!(
                answer(body, 2).expect_err(body).kind,
                Kind::BadResponse,
                "{body}"
            );
        }
    }

    #[test]
    fn an_error_with_a_good_status_is_an_error() {
        let failure = answer(
            "{\"error\":{\"message\":\"no\",\"code\":\"model_not_found\"}}",
            1,
        )
        .expect_err("an error");
        assert_eq!(failure.kind, Kind::NotFound);
    }

    #[test]
    fn the_length_goes_where_the_server_looks() {
        let request = Request {
            model: "e-1".into(),
            texts: vec!["a".into(), "b".into()],
            dimensions: Some(256),
            input_type: None,
            extra: Vec::new(),
        };
        assert_eq!(
            Value::Object(fields(&request, &Settings::default()).expect("sent")),
            json!({"model": "e-1", "input": ["a", "b"], "encoding_format": "float", "dimensions": 256})
        );
        let mistral = crate::tests::settings(&json!({"dimensionsField": "output_dimension"}));
        assert_eq!(
            fields(&request, &mistral).expect("sent")["output_dimension"],
            json!(256)
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_sound(value in crate::tests::any_json(), texts in 1usize..4) {
            for body in [value.to_string(), json!({"data": value}).to_string(), json!({"data": [{"embedding": value}]}).to_string()] {
                if let Ok(answer) = answer(&body, texts) {
                    prop_assert_eq!(answer.vectors.len(), texts);
                    prop_assert!(answer.vectors.iter().flatten().all(|number| number.is_finite()));
                }
            }
        }
    }
}
