//! Vectors for texts.
//!
//! Follows <https://docs.ollama.com/api/embed>.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{count_field, set, text_field};
use chela_dialect::{extra, vectors};
use chela_sdk::embedding::{Request, Response};
use chela_sdk::{Result, Usage, http};
use serde_json::{Map, Value};

use crate::failure::{accept, read};

/// Embeds.
pub(crate) fn embed(request: &Request) -> Result<Response> {
    let mut fields = Map::new();
    set(&mut fields, "model", request.model.as_str());
    set(&mut fields, "input", Value::from(request.texts.clone()));
    if let Some(dimensions) = request.dimensions {
        set(&mut fields, "dimensions", Value::from(dimensions));
    }
    extra::lay_over(&mut fields, &request.extra, &["input"])?;
    let response = http::endpoint("api")
        .post("/api/embed")
        .json(&Value::Object(fields))
        .send_any()?;
    let (response, envelope) = accept(response, &request.model)?;
    let answer = read(response, &envelope, &request.model)?;
    let count = count_field(&answer, "prompt_eval_count");
    Ok(Response {
        vectors: vectors_of(&answer, request.texts.len(), &envelope)?,
        model: text_field(&answer, "model"),
        usage: count.map(|tokens| Usage {
            input_tokens: Some(tokens),
            ..Usage::default()
        }),
        request_id: envelope.request_id,
        // The models have their own marks for that, which belong into the text.
        ignored: request
            .input_type
            .iter()
            .map(|_| "input-type".to_owned())
            .collect(),
        extra: Vec::new(),
    })
}

fn vectors_of(answer: &Value, texts: usize, envelope: &Envelope) -> Result<Vec<Vec<f32>>> {
    let read = vectors::entries(answer, "embeddings", texts, envelope)?
        .iter()
        .map(vectors::of_list)
        .collect();
    vectors::alike(read, envelope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::testing::{self, Reply};
    use chela_sdk::{FailureKind, embedding::InputType};
    use proptest::prelude::*;
    use serde_json::json;

    fn request() -> Request {
        Request {
            model: "nomic-embed-text".into(),
            texts: vec!["one".into(), "two".into()],
            ..Request::default()
        }
    }

    #[test]
    fn each_text_has_its_vector() {
        let body = json!({"model": "nomic-embed-text", "embeddings": [[0.25, 1], [-1, 0.5]], "total_duration": 1, "load_duration": 1,
            "prompt_eval_count": 4});
        testing::reply(Reply::json(200, body.to_string()));
        let asked = Request {
            dimensions: Some(2),
            input_type: Some(InputType::Query),
            ..request()
        };
        let response = embed(&asked).expect("two vectors");
        assert_eq!(response.vectors, [[0.25, 1.0], [-1.0, 0.5]]);
        assert_eq!(response.usage.expect("a count").input_tokens, Some(4));
        assert_eq!(response.ignored, ["input-type"]);
        let sent = testing::sent();
        assert_eq!(sent[0].path, "/api/embed");
        assert_eq!(
            sent[0].json(),
            json!({"model": "nomic-embed-text", "input": ["one", "two"], "dimensions": 2})
        );
    }

    #[test]
    fn answers_without_vectors_fail() {
        for (status, body, kind) in [
            (
                200,
                json!({"embeddings": [[1.0]]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [[1.0], [1.0, 2.0]]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [[1.0], []]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [[1.0], ["x"]]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"error": "the model broke"}),
                FailureKind::Unavailable,
            ),
            (
                404,
                json!({"error": "model \"nomic-embed-text\" not found, try pulling it first"}),
                FailureKind::NotFound,
            ),
        ] {
            testing::reply(Reply::json(status, body.to_string()));
            assert_eq!(embed(&request()).expect_err("none").kind, kind, "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_json_is_read(value in crate::tests::any_json()) {
            let _ = vectors_of(&value, 1, &Envelope::default());
            let _ = vectors_of(&json!({"embeddings": [value]}), 1, &Envelope::default());
        }
    }
}
