//! Runway's own words in the terms of the contract.
//!
//! Follows <https://docs.dev.runwayml.com/errors/errors> and <https://docs.dev.runwayml.com/errors/task-failures>.

use chela_dialect::extra;
use chela_dialect::failure::Envelope;
use chela_dialect::loose::{self, text_field};
use chela_dialect::reply::{accept_or, read_rest};
use chela_dialect::sentence;
use chela_sdk::http::Response;
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::Value;

/// The answer as JSON, with what it says of itself; the failure that it stands for otherwise.
pub(crate) fn read(response: Response) -> Result<(Value, Envelope)> {
    let (response, envelope) = accept_or(response, &refusal)?;
    let body = read_rest(response, Vec::new(), &envelope)?;
    Ok((envelope.read_json(&body)?, envelope))
}

/// A refusal. Which field is wrong stands beside a message that is the same for all of them.
pub(crate) fn refusal(envelope: &Envelope, body: &str) -> Failure {
    let mut failure = envelope.refusal(body);
    let Some(answer) = loose::read(body.trim().as_bytes()) else {
        return failure;
    };
    if let Some(issue) = answer.get("issues").and_then(|issues| issues.get(0)) {
        let path = issue.get("path").and_then(Value::as_array);
        let steps = path.into_iter().flatten().filter_map(loose::text);
        let place = steps.fold(String::new(), |path, step| {
            sentence::joined(path, ".", &step)
        });
        let said = text_field(issue, "message").unwrap_or_default();
        for more in [place, sentence::first(&said)] {
            if !more.is_empty() {
                failure.message = sentence::joined(failure.message, ": ", &more);
            }
        }
    }
    // An account that is spent shares its status with a wrong request.
    let message = failure.message.to_ascii_lowercase();
    if failure.kind == FailureKind::InvalidRequest && message.contains("enough credits") {
        failure.kind = FailureKind::Quota;
    }
    failure
}

/// Why a task failed. The answer that says so is none of a failed request, so its status says nothing.
pub(crate) fn of_task(task: &Value, envelope: &Envelope) -> Failure {
    let code = text_field(task, "failureCode").map(|code| sentence::word(&code));
    let said = text_field(task, "failure").map(|said| sentence::first(&said));
    Failure {
        status: None,
        message: said
            .filter(|said| !said.is_empty())
            .unwrap_or_else(|| "the task failed, and the server does not say why".to_owned()),
        code: code.clone(),
        extra: extra::named(task, &["cost"]),
        ..envelope.failure(by_code(&code.unwrap_or_default()), "")
    }
}

/// The kind that a code of a failed task stands for. Codes are words between full stops, from the broad to the narrow.
fn by_code(code: &str) -> FailureKind {
    let code = code.to_ascii_uppercase();
    let mut words = code.split('.');
    if words.clone().any(|word| word == "SAFETY") {
        return FailureKind::ContentFiltered;
    }
    match words.next() {
        Some("ASSET") => FailureKind::InvalidRequest,
        _ if words.any(|word| word.starts_with("INPUT_VALIDATION")) => FailureKind::InvalidRequest,
        // What did not come out well, what broke, and what is not known: another try may do better.
        _ => FailureKind::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn refused(status: u16, body: &str) -> Failure {
        let envelope = Envelope {
            status,
            ..Envelope::default()
        };
        refusal(&envelope, body)
    }

    #[test]
    fn refusals_say_which_field_it_is() {
        let body = json!({"error": "Validation of body failed", "issues": [
            {"code": "too_big", "path": ["promptImage", 0, "uri"], "message": "String must contain at most 1000 characters. Really."},
            {"code": "invalid", "path": [], "message": "x"}], "docUrl": "https://docs.dev.runwayml.com"});
        let failure = refused(400, &body.to_string());
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert_eq!(
            failure.message,
            "validation of body failed: promptImage.0.uri: string must contain at most 1000 characters"
        );
    }

    #[test]
    fn statuses_and_words_are_told_apart() {
        for (status, body, kind) in [
            (
                400,
                r#"{"error":"You do not have enough credits to run this task."}"#,
                FailureKind::Quota,
            ),
            (400, r#"{"error":"Not found"}"#, FailureKind::InvalidRequest),
            (401, r#"{"error":"Unauthorized"}"#, FailureKind::Auth),
            (404, r#"{"error":"Not found"}"#, FailureKind::NotFound),
            (429, r#"{"error":"Rate limited"}"#, FailureKind::RateLimited),
            (502, "<html>", FailureKind::Unavailable),
            (503, "", FailureKind::Unavailable),
            (
                400,
                r#"{"error":null,"issues":null}"#,
                FailureKind::InvalidRequest,
            ),
            (
                400,
                r#"{"error":7,"issues":[null]}"#,
                FailureKind::InvalidRequest,
            ),
        ] {
            assert_eq!(refused(status, body).kind, kind, "{status} {body}");
        }
    }

    #[test]
    fn codes_of_failed_tasks() {
        for (code, kind) in [
            ("SAFETY.INPUT.TEXT", FailureKind::ContentFiltered),
            ("SAFETY.OUTPUT.VIDEO", FailureKind::ContentFiltered),
            (
                "INPUT_PREPROCESSING.SAFETY.TEXT",
                FailureKind::ContentFiltered,
            ),
            (
                "INPUT_PREPROCESSING.SAFETY.THIRD_PARTY",
                FailureKind::ContentFiltered,
            ),
            ("ASSET.INVALID", FailureKind::InvalidRequest),
            ("THIRD_PARTY.INPUT_VALIDATION", FailureKind::InvalidRequest),
            ("INTERNAL.BAD_OUTPUT.CODE01", FailureKind::Unavailable),
            ("INPUT_PREPROCESSING.INTERNAL", FailureKind::Unavailable),
            ("THIRD_PARTY.UNAVAILABLE", FailureKind::Unavailable),
            ("SOMETHING_NEW", FailureKind::Unavailable),
            ("", FailureKind::Unavailable),
        ] {
            assert_eq!(by_code(code), kind, "{code}");
        }
    }

    proptest! {
        #[test]
        fn any_refusal_is_read(status in 300_u16..600, body in crate::task::tests::any_json()) {
            let _ = refused(status, &body.to_string());
        }
    }
}
