//! `embedding.create`: vectors for texts.

use std::time::Duration;

use chela_catalog::Capability;
use chela_envelope::{EmbeddingOutput, Envelope, ErrorType, Output, capability};
use chela_manifest::EmbeddingSpec;
use chela_sandbox::families::embedding::{InputType, Request, Response};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;

use crate::candidate::Candidate;
use crate::check::{Selection, not_blank, not_zero};
use crate::choose::{Deadlines, first};
use crate::fault::{Fault, short};
use crate::report::Report;
use crate::retry::Ledger;
use crate::runtime::Runtime;
use crate::told::usage_of;

/// How long one provider may take when nobody says.
const USUAL_TIME: Duration = Duration::from_secs(60);

/// Requests of one call that run at the same time, where there are more texts than one request takes.
const PARALLEL: usize = 4;

/// What to do about vectors that were answered and are not those that were asked for.
const NOT_AS_DESCRIBED: &str =
    "name another model with --model: this one does not answer as the API for embeddings says";

/// A request for vectors.
#[derive(Clone, Debug, Default)]
pub struct EmbeddingCreate {
    /// The texts, at least one, none blank.
    pub texts: Vec<String>,
    /// How many numbers each vector is to have, for models that let one choose; at least 1.
    pub dimensions: Option<u32>,
    /// What the texts are for, for models that make a difference.
    pub input_type: Option<InputType>,
    /// Who is asked, and for how long.
    pub selection: Selection,
}

impl Runtime {
    /// Gives one vector per text, in order, all of one length.
    pub async fn embedding_create(&self, request: EmbeddingCreate) -> Envelope {
        let mut report = Report::new(capability::EMBEDDING_CREATE);
        match self.embed(request, &mut report).await {
            Ok(outputs) => report.succeed(outputs),
            Err(fault) => report.fail(fault),
        }
    }

    async fn embed(
        &self,
        request: EmbeddingCreate,
        report: &mut Report,
    ) -> Result<Vec<Output>, Fault> {
        request.check()?;
        let candidates =
            self.candidates(Capability::EmbeddingCreate, &request.selection, report)?;
        let deadlines = Deadlines {
            started: report.started(),
            asked: request.selection.timeout,
            usual: USUAL_TIME,
        };
        let course = first(
            &candidates,
            deadlines,
            async |candidate, deadline, ledger| {
                self.embed_at(&request, candidate, deadline, ledger).await
            },
        )
        .await;
        let responses = self.conclude(course, &candidates, report)?;
        let mut vectors = Vec::with_capacity(request.texts.len());
        for response in responses {
            report.ignored(&response.ignored, |name| match name {
                "dimensions" => Some(("dimensions", request.dimensions?.into())),
                "input-type" => Some(("inputType", word_of(request.input_type.as_ref()?).into())),
                _ => None,
            });
            report.usage(response.usage.map(usage_of));
            let request_id = response.request_id.as_deref().map(short);
            report.envelope.request_id = report.envelope.request_id.take().or(request_id);
            vectors.extend(response.vectors);
        }
        let outputs = request
            .texts
            .into_iter()
            .zip(vectors)
            .map(|(text, embedding)| {
                let dimensions = u32::try_from(embedding.len()).unwrap_or(u32::MAX);
                Output::Embedding(EmbeddingOutput {
                    text,
                    embedding,
                    dimensions,
                })
            });
        Ok(outputs.collect())
    }

    /// All vectors of one provider, in as many requests as its largest number of texts takes. Vectors of two providers, or
    /// half of the vectors, are of no use: the first failure ends it.
    async fn embed_at(
        &self,
        request: &EmbeddingCreate,
        candidate: &Candidate<'_>,
        deadline: Instant,
        ledger: &Ledger,
    ) -> Result<Vec<Response>, Fault> {
        let dimensions =
            request.dimensions_for(candidate.manifest().embedding.as_ref(), &candidate.model)?;
        let most = candidate
            .manifest()
            .embedding
            .as_ref()
            .and_then(|spec| spec.max_texts);
        let most = most.map_or(usize::MAX, |most| most.max(1) as usize);
        let batches: Vec<Vec<String>> =
            request.texts.chunks(most).map(<[String]>::to_vec).collect();
        let responses: Vec<Response> = stream::iter(batches)
            .map(|texts| async move {
                self.tries(candidate, deadline, ledger, async |instance| {
                    let count = texts.len();
                    let request = Request {
                        model: candidate.model.clone(),
                        texts: texts.clone(),
                        dimensions,
                        input_type: request.input_type.clone(),
                        extra: Vec::new(),
                    };
                    let response = instance.embed(request).await?;
                    hold(&response, count)?;
                    Ok(response)
                })
                .await
            })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        same_length(
            responses.iter().flat_map(|response| &response.vectors),
            request.dimensions,
        )?;
        Ok(responses)
    }
}

impl EmbeddingCreate {
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.selection.check()?;
        if self.texts.is_empty() {
            return Err(
                Fault::usage("there is no text to embed").hint("give at least one with --text")
            );
        }
        for (index, text) in self.texts.iter().enumerate() {
            let what = if self.texts.len() == 1 {
                "the text".into()
            } else {
                format!("text {}", index + 1)
            };
            not_blank(text, &what)?;
        }
        not_zero(self.dimensions, "the number of dimensions")
    }

    /// What to ask the provider for. A vector of another length than asked for is worse than none, so a provider that cannot
    /// choose and does not give that length anyway is passed over.
    fn dimensions_for(
        &self,
        spec: Option<&EmbeddingSpec>,
        model: &str,
    ) -> Result<Option<u32>, Fault> {
        let Some(wanted) = self.dimensions else {
            return Ok(None);
        };
        let Some(spec) = spec else {
            return Ok(Some(wanted));
        };
        let usual = spec
            .models
            .iter()
            .find(|known| known.id == model)
            .and_then(|known| known.dimensions);
        if usual == Some(wanted) {
            return Ok(None);
        }
        if spec.dimensions {
            return Ok(Some(wanted));
        }
        let usual = usual
            .map(|usual| format!("; {model} gives {usual}"))
            .unwrap_or_default();
        Err(Fault::new(
            ErrorType::Unsupported,
            format!("the number of dimensions cannot be chosen{usual}"),
        )
        .hint("leave out --dimensions, or name a model that can be told with --model"))
    }
}

/// The flag's word for what a text is for.
fn word_of(input_type: &InputType) -> &str {
    match input_type {
        InputType::Query => "query",
        InputType::Document => "document",
        InputType::Similarity => "similarity",
        InputType::Classification => "classification",
        InputType::Clustering => "clustering",
        InputType::Other(word) => word,
    }
}

/// Holds an answer against the contract: a vector for each text, every number finite.
fn hold(response: &Response, count: usize) -> Result<(), Fault> {
    let given = response.vectors.len();
    let bad = |message: String| Fault {
        request_id: response.request_id.clone(),
        ..Fault::new(ErrorType::BadResponse, message).hint(NOT_AS_DESCRIBED)
    };
    if given == 0 {
        return Err(Fault {
            kind: ErrorType::EmptyOutput,
            ..bad("the provider gave no vector".into())
        });
    }
    if given != count {
        return Err(bad(format!(
            "the provider gave {given} vectors for {count} texts"
        )));
    }
    if response.vectors.iter().any(Vec::is_empty) {
        return Err(bad("the provider gave an empty vector".into()));
    }
    if response
        .vectors
        .iter()
        .flatten()
        .any(|number| !number.is_finite())
    {
        return Err(bad(
            "the provider gave a vector with a number that is not finite".into(),
        ));
    }
    Ok(())
}

/// Holds the vectors of all requests against each other and against what was asked for.
fn same_length<'a>(
    vectors: impl Iterator<Item = &'a Vec<f32>>,
    asked: Option<u32>,
) -> Result<(), Fault> {
    let mut expected = asked.map(|asked| asked as usize);
    for vector in vectors {
        let length = *expected.get_or_insert(vector.len());
        if vector.len() != length {
            let message = match asked {
                Some(asked) => format!(
                    "the provider gave a vector of {} numbers, not {asked}",
                    vector.len()
                ),
                None => format!(
                    "the provider gave vectors of different lengths: {length} and {}",
                    vector.len()
                ),
            };
            return Err(Fault::new(ErrorType::BadResponse, message).hint(NOT_AS_DESCRIBED));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_manifest::EmbeddingModel;

    fn response(vectors: Vec<Vec<f32>>) -> Response {
        Response {
            vectors,
            model: None,
            usage: None,
            request_id: Some("r".into()),
            ignored: Vec::new(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn vectors_are_counted_and_looked_at() {
        assert!(hold(&response(vec![vec![0.5], vec![1.0]]), 2).is_ok());
        for (vectors, count, kind, word) in [
            (vec![], 1, ErrorType::EmptyOutput, "no vector"),
            (
                vec![vec![0.5]],
                2,
                ErrorType::BadResponse,
                "1 vectors for 2 texts",
            ),
            (
                vec![vec![0.5], vec![0.5]],
                1,
                ErrorType::BadResponse,
                "2 vectors for 1 texts",
            ),
            (vec![vec![]], 1, ErrorType::BadResponse, "empty"),
            (
                vec![vec![f32::NAN]],
                1,
                ErrorType::BadResponse,
                "not finite",
            ),
            (
                vec![vec![f32::NEG_INFINITY]],
                1,
                ErrorType::BadResponse,
                "not finite",
            ),
        ] {
            let fault = hold(&response(vectors), count).unwrap_err();
            assert_eq!(
                (fault.kind, fault.request_id.as_deref()),
                (kind, Some("r")),
                "{word}"
            );
            assert!(fault.message.contains(word), "{}", fault.message);
        }
    }

    #[test]
    fn vectors_are_of_one_length_and_of_the_length_asked_for() {
        let vectors = [vec![0.0; 3], vec![0.0; 3]];
        assert!(same_length(vectors.iter(), None).is_ok());
        assert!(same_length(vectors.iter(), Some(3)).is_ok());
        assert!(
            same_length(vectors.iter(), Some(4))
                .unwrap_err()
                .message
                .contains("3 numbers, not 4")
        );
        let uneven = [vec![0.0; 3], vec![0.0; 2]];
        assert!(
            same_length(uneven.iter(), None)
                .unwrap_err()
                .message
                .contains("3 and 2")
        );
    }

    #[test]
    fn a_length_is_asked_for_only_where_it_can_be_chosen() {
        let spec = |dimensions| EmbeddingSpec {
            models: vec![EmbeddingModel {
                id: "m".into(),
                dimensions: Some(8),
            }],
            dimensions,
            ..EmbeddingSpec::default()
        };
        let wants = |dimensions| EmbeddingCreate {
            dimensions,
            ..EmbeddingCreate::default()
        };
        assert_eq!(
            wants(None).dimensions_for(Some(&spec(false)), "m").unwrap(),
            None
        );
        assert_eq!(
            wants(Some(8))
                .dimensions_for(Some(&spec(false)), "m")
                .unwrap(),
            None
        );
        assert_eq!(
            wants(Some(4))
                .dimensions_for(Some(&spec(true)), "m")
                .unwrap(),
            Some(4)
        );
        let fault = wants(Some(4))
            .dimensions_for(Some(&spec(false)), "m")
            .unwrap_err();
        assert_eq!(fault.kind, ErrorType::Unsupported);
        assert!(fault.message.contains("m gives 8"), "{}", fault.message);
    }

    #[test]
    fn blank_texts_are_named() {
        let create = |texts: &[&str]| EmbeddingCreate {
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            ..EmbeddingCreate::default()
        };
        assert!(create(&["a", "b"]).check().is_ok());
        assert_eq!(
            create(&["a", " "]).check().unwrap_err().message,
            "text 2 is blank"
        );
        assert_eq!(
            create(&[""]).check().unwrap_err().message,
            "the text is empty"
        );
        assert!(create(&[]).check().is_err());
    }
}
