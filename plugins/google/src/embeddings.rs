//! Vectors for texts.
//!
//! Follows <https://ai.google.dev/api/embeddings>. The vectors are read one by one as they come.

use chela_dialect::extra;
use chela_dialect::failure::Envelope;
use chela_dialect::loose::{object, set};
use chela_dialect::{scan, vectors};
use chela_sdk::embedding::{InputType, Request, Response};
use chela_sdk::{Result, http};
use serde_json::{Map, Value};

use crate::failure::accept;
use crate::{method, resource, usage};

/// Embeds.
pub(crate) fn embed(request: &Request) -> Result<Response> {
    let response = http::endpoint("api")
        .post(method(&request.model, "batchEmbedContents"))
        .json(&body(request)?)
        .send_any()?;
    let (response, envelope) = accept(response)?;
    let mut found = Vec::new();
    let kept = scan::read(response, &envelope, "values", &mut |taken| {
        found.push(vectors::of_taken(&taken));
    })?;
    let answer = envelope.read_json(&kept)?;
    Ok(Response {
        vectors: in_order(&answer, found, request.texts.len(), &envelope)?,
        usage: answer.get("usageMetadata").and_then(usage::parse),
        request_id: envelope.request_id,
        ..Response::default()
    })
}

/// A request for each text, all in one.
fn body(request: &Request) -> Result<Value> {
    let name = resource(&request.model);
    let requests: Result<Vec<Value>> = request
        .texts
        .iter()
        .map(|text| {
            let content = object! {"parts": vec![object! {"text": text.as_str()}]};
            let mut fields = Map::new();
            set(&mut fields, "model", name.as_str());
            set(&mut fields, "content", content);
            if let Some(kind) = &request.input_type {
                set(&mut fields, "taskType", task_type(kind));
            }
            if let Some(dimensions) = request.dimensions {
                set(&mut fields, "outputDimensionality", Value::from(dimensions));
            }
            extra::lay_over(&mut fields, &request.extra, &["content", "model"])?;
            Ok(Value::Object(fields))
        })
        .collect();
    Ok(object! {"requests": requests?})
}

fn task_type(kind: &InputType) -> &str {
    match kind {
        InputType::Query => "RETRIEVAL_QUERY",
        InputType::Document => "RETRIEVAL_DOCUMENT",
        InputType::Similarity => "SEMANTIC_SIMILARITY",
        InputType::Classification => "CLASSIFICATION",
        InputType::Clustering => "CLUSTERING",
        InputType::Other(word) => word,
    }
}

/// The vectors that were taken out of an answer, one for each text.
fn in_order(
    answer: &Value,
    mut taken: Vec<Option<Vec<f32>>>,
    texts: usize,
    envelope: &Envelope,
) -> Result<Vec<Vec<f32>>> {
    let read = vectors::entries(answer, "embeddings", texts, envelope)?
        .iter()
        .map(|entry| {
            let number = usize::try_from(entry.get("values")?.as_u64()?).ok()?;
            taken.get_mut(number)?.take()
        })
        .collect();
    vectors::alike(read, envelope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::FailureKind;
    use chela_sdk::testing::{self, Reply};
    use proptest::prelude::*;
    use serde_json::json;

    fn request() -> Request {
        Request {
            model: "gemini-embedding-001".into(),
            texts: vec!["one".into(), "two".into()],
            ..Request::default()
        }
    }

    #[test]
    fn each_text_has_its_vector() {
        testing::reply(Reply::json(
            200,
            "{\n  \"embeddings\": [\n    {\"values\": [0.25, 1]},\n    {\"values\": [-1, 0.5]}\n  ]\n}\n",
        ));
        let asked = Request {
            dimensions: Some(2),
            input_type: Some(InputType::Query),
            ..request()
        };
        let response = embed(&asked).expect("two vectors");
        assert_eq!(response.vectors, [[0.25, 1.0], [-1.0, 0.5]]);
        assert!(response.ignored.is_empty());
        let sent = testing::sent();
        assert_eq!(
            sent[0].path,
            "/models/gemini-embedding-001:batchEmbedContents"
        );
        assert_eq!(
            sent[0].json()["requests"][1],
            json!({"model": "models/gemini-embedding-001", "content": {"parts": [{"text": "two"}]}, "taskType": "RETRIEVAL_QUERY",
                "outputDimensionality": 2})
        );
    }

    #[test]
    fn answers_without_vectors_fail() {
        for (status, body, kind) in [
            (200, json!({}), FailureKind::BadResponse),
            (
                200,
                json!({"embeddings": [{"values": [1]}]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [{"values": [1]}, {"values": 0}]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [{"values": [1]}, {"values": ["x"]}]}),
                FailureKind::BadResponse,
            ),
            (
                200,
                json!({"embeddings": [{"values": [1]}, {"values": [1, 2]}]}),
                FailureKind::BadResponse,
            ),
            (
                404,
                json!({"error": {"code": 404, "message": "models/x is not found", "status": "NOT_FOUND"}}),
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
            testing::reply(Reply::json(200, json!({"embeddings": [value, value]}).to_string()));
            let _ = embed(&request());
        }
    }
}
