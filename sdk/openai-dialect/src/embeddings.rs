//! Vectors for texts.
//!
//! Follows <https://platform.openai.com/docs/api-reference/embeddings/create>. The vectors are read one by one as they come.

use chela_sdk::Result;
use chela_sdk::embedding::{Request, Response};
use chela_sdk::http::{self, Blobs};
use serde_json::{Map, Value};

use crate::failure::Envelope;
use crate::loose::{count, set, text_field};
use crate::reply::accept;
use crate::scan;
use crate::settings::Settings;
use crate::{extra, usage};
use chela_dialect::vectors;

/// Embeds.
///
/// # Errors
///
/// A refusal, and an answer that does not hold one vector for each text.
pub fn embed(request: &Request) -> Result<Response> {
    let fields = fields(request, &Settings::of_provider())?;
    let response = http::endpoint("api")
        .post("/embeddings")
        .json_with_blobs(&fields.into(), &Blobs::new())
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let mut found = Vec::new();
    let kept = scan::read(response, &envelope, "embedding", &mut |taken| {
        found.push(vectors::of_taken(&taken));
    })?;
    let answer = envelope.read_json(&kept)?;
    Ok(Response {
        vectors: in_order(&answer, found, request.texts.len(), &envelope)?,
        model: text_field(&answer, "model"),
        usage: answer.get("usage").and_then(usage::parse),
        request_id: envelope.request_id,
        // These APIs do not ask what a text is for.
        ignored: request
            .input_type
            .iter()
            .map(|_| "input-type".to_owned())
            .collect(),
        extra: Vec::new(),
    })
}

/// A request's fields.
fn fields(request: &Request, settings: &Settings) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "input", Value::from(request.texts.clone()));
    set(&mut fields, "encoding_format", "float");
    if let Some(dimensions) = request.dimensions {
        set(
            &mut fields,
            &settings.dimensions_field,
            Value::from(dimensions),
        );
    }
    extra::lay_over(&mut fields, &request.extra, &["input"])?;
    Ok(fields)
}

/// The vectors that were taken out of an answer, in the order of their `index`, or as they came where there is none.
fn in_order(
    answer: &Value,
    mut taken: Vec<Option<Vec<f32>>>,
    texts: usize,
    envelope: &Envelope,
) -> Result<Vec<Vec<f32>>> {
    let entries = vectors::entries(answer, "data", texts, envelope)?;
    let mut slots: Vec<Option<Vec<f32>>> = vec![None; texts];
    for (place, entry) in entries.iter().enumerate() {
        let number = entry
            .get("embedding")
            .and_then(Value::as_u64)
            .and_then(index);
        let vector = number
            .and_then(|number| taken.get_mut(number)?.take())
            .ok_or_else(|| {
                envelope.bad("a vector of the answer is not a list of finite numbers")
            })?;
        let at = match entry.get("index").and_then(count) {
            Some(at) => index(at),
            None => Some(place),
        };
        match at.and_then(|at| slots.get_mut(at)) {
            Some(slot @ None) => *slot = Some(vector),
            _ => return Err(envelope.bad("the vectors of the answer are numbered wrongly")),
        }
    }
    vectors::alike(slots.into_iter().collect(), envelope)
}

fn index(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use chela_sdk::FailureKind as Kind;
    use chela_sdk::testing::{self, Reply};
    use proptest::prelude::*;
    use serde_json::json;

    fn request(texts: usize) -> Request {
        Request {
            model: "e-1".into(),
            texts: vec!["a".into(); texts],
            ..Request::default()
        }
    }

    fn answer(body: &str, texts: usize) -> Result<Response> {
        testing::reply(Reply::json(200, body));
        embed(&request(texts))
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
            dimensions: Some(256),
            ..request(2)
        };
        assert_eq!(
            Value::Object(fields(&request, &Settings::default()).expect("sent")),
            json!({"model": "e-1", "input": ["a", "a"], "encoding_format": "float", "dimensions": 256})
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
