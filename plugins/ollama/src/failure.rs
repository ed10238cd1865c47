//! What went wrong: `{"error": "…"}`, with any status, also within an answer that began well.
//!
//! Follows <https://docs.ollama.com/api/errors>.

use chela_dialect::failure::Envelope;
use chela_dialect::loose;
use chela_dialect::reply::{accept_or, read_rest};
use chela_sdk::http::Response;
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::Value;

/// The response when it says success; the failure that it stands for otherwise.
pub(crate) fn accept(response: Response, model: &str) -> Result<(Response, Envelope)> {
    accept_or(response, &|envelope, body| {
        told(envelope.refusal(body), model)
    })
}

/// The whole answer as JSON, which holds no error.
pub(crate) fn read(response: Response, envelope: &Envelope, model: &str) -> Result<Value> {
    let body = read_rest(response, Vec::new(), envelope)?;
    envelope
        .read_json(&body)
        .map_err(|failure| inside(failure, &body, model))
}

/// The failure of an answer that began well and holds an error: the model broke while it ran.
pub(crate) fn inside(failure: Failure, body: &[u8], model: &str) -> Failure {
    let said = loose::read(body).is_some_and(|value| value.get("error").is_some());
    let kind = match failure.kind {
        FailureKind::BadResponse if said => FailureKind::Unavailable,
        kind => kind,
    };
    told(Failure { kind, ..failure }, model)
}

/// With the way out where the model is not on that machine.
fn told(mut failure: Failure, model: &str) -> Failure {
    let message = failure.message.to_ascii_lowercase();
    if message.starts_with("model ") && message.contains("not found") {
        failure.kind = FailureKind::NotFound;
        failure.message = format!(
            "the model {model} is not on that machine, where `ollama pull {model}` brings it"
        );
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Failure {
        let envelope = Envelope {
            status,
            ..Envelope::default()
        };
        told(envelope.refusal(body), "llama9")
    }

    #[test]
    fn statuses_and_words_are_told_apart() {
        for (status, body, kind) in [
            (
                404,
                "{\"error\":\"model 'llama9' not found\"}",
                FailureKind::NotFound,
            ),
            (404, "404 page not found", FailureKind::NotFound),
            (
                400,
                "{\"error\":\"\\\"llama9\\\" does not support thinking\"}",
                FailureKind::InvalidRequest,
            ),
            (401, "{\"error\":\"unauthorized\"}", FailureKind::Auth),
            (
                500,
                "{\"error\":\"model requires more system memory (9 GiB) than is available (4 GiB)\"}",
                FailureKind::Unavailable,
            ),
            (
                503,
                "{\"error\":\"server busy, please try again.  maximum pending requests exceeded\"}",
                FailureKind::Unavailable,
            ),
        ] {
            let failure = refused(status, body);
            assert_eq!(
                (failure.kind, failure.status),
                (kind, Some(status)),
                "{body}"
            );
        }
        let failure = refused(404, "{\"error\":\"model 'llama9' not found\"}");
        assert!(
            failure.message.contains("ollama pull llama9"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn an_error_inside_an_answer_is_the_servers() {
        let envelope = Envelope {
            status: 200,
            ..Envelope::default()
        };
        let body = "{\"error\":\"an error was encountered while running the model\"}";
        let failure = inside(envelope.refusal(body), body.as_bytes(), "m");
        assert_eq!(failure.kind, FailureKind::Unavailable);
        let page = inside(envelope.bad("a page"), b"<html>", "m");
        assert_eq!(page.kind, FailureKind::BadResponse);
    }
}
