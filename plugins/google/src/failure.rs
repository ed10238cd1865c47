//! What went wrong, with the details that Google's errors carry.
//!
//! Follows <https://ai.google.dev/gemini-api/docs/troubleshooting> and <https://google.aip.dev/193>.

use chela_dialect::failure::Envelope;
use chela_dialect::loose::{self, text_field};
use chela_dialect::reply::{accept_or, read_rest};
use chela_dialect::{retry, sentence};
use chela_sdk::http::Response;
use chela_sdk::{Failure, FailureKind, Result};
use serde_json::Value;

/// The response when it says success; the failure that it stands for otherwise.
pub(crate) fn accept(response: Response) -> Result<(Response, Envelope)> {
    accept_or(
        response,
        &|envelope, body| match loose::read(body.trim().as_bytes()) {
            Some(value) => told(envelope, &value),
            None => envelope.refusal(body),
        },
    )
}

/// The whole answer as JSON, which holds no error.
pub(crate) fn read(response: Response, envelope: &Envelope) -> Result<Value> {
    envelope.read_json(&read_rest(response, Vec::new(), envelope)?)
}

/// The failure that a JSON error stands for, of an answer of any status.
pub(crate) fn told(envelope: &Envelope, value: &Value) -> Failure {
    let mut failure = envelope.json_failure(value);
    // A stream that was not asked for as events wraps its errors in a list.
    let outer = value.get(0).unwrap_or(value);
    let Some(error) = outer.get("error") else {
        return failure;
    };
    // The word tells more than the status, which is there already.
    if let Some(word) = text_field(error, "status") {
        failure.code = Some(sentence::word(&word));
    }
    for detail in error
        .get("details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        judge(&mut failure, detail);
    }
    failure
}

/// Takes what a detail says.
fn judge(failure: &mut Failure, detail: &Value) {
    if let Some(reason) = text_field(detail, "reason") {
        if reason.starts_with("API_KEY") {
            failure.kind = FailureKind::Auth;
        } else if reason == "BILLING_DISABLED" {
            failure.kind = FailureKind::Quota;
        }
    }
    if let Some(delay) = text_field(detail, "retryDelay")
        && failure.kind == FailureKind::RateLimited
        && failure.retry_after_ms.is_none()
    {
        failure.retry_after_ms = retry::from_message(&format!("retry in {delay}"));
    }
    // What is counted by the day is spent for today, however soon the server says that one may ask again.
    let violations = detail.get("violations").and_then(Value::as_array);
    let by_day = violations
        .into_iter()
        .flatten()
        .any(|violation| text_field(violation, "quotaId").is_some_and(|id| id.contains("PerDay")));
    if by_day && failure.kind == FailureKind::RateLimited {
        failure.kind = FailureKind::Quota;
        failure.retry_after_ms = None;
    }
}

/// The failure of an answer without a candidate, because of what was asked.
pub(crate) fn blocked(envelope: &Envelope, reason: &str) -> Failure {
    let reason = sentence::word(reason);
    let message = format!("the provider refused the prompt ({reason})");
    Failure {
        code: Some(reason),
        ..envelope.failure(FailureKind::ContentFiltered, message)
    }
}

/// Why an answer does not hold what was asked for. `words` is what the model said in its place, `what` a word for it.
pub(crate) fn without(answer: &Value, words: &str, envelope: &Envelope, what: &str) -> Failure {
    if let Some(reason) = answer
        .get("promptFeedback")
        .and_then(|feedback| text_field(feedback, "blockReason"))
    {
        return blocked(envelope, &reason);
    }
    let candidate = answer.pointer("/candidates/0").unwrap_or(&Value::Null);
    let told = text_field(candidate, "finishMessage").unwrap_or_else(|| words.to_owned());
    let told = sentence::first(&told);
    let with = |message: String| match told.as_str() {
        "" => message,
        told => format!("{message}: {told}"),
    };
    if let Some(reason) = text_field(candidate, "finishReason").filter(|reason| is_filter(reason)) {
        return Failure {
            code: Some(reason),
            ..envelope.failure(
                FailureKind::ContentFiltered,
                with(format!("the provider's content filter kept the {what}")),
            )
        };
    }
    if !candidate.is_object() && answer.get("usageMetadata").is_none() {
        return envelope.bad("the answer holds no candidates");
    }
    envelope.failure(
        FailureKind::EmptyOutput,
        with(format!("the model gave no {what}")),
    )
}

/// Whether a reason to end means that the content was refused.
pub(crate) fn is_filter(reason: &str) -> bool {
    matches!(
        reason,
        "SAFETY"
            | "RECITATION"
            | "BLOCKLIST"
            | "PROHIBITED_CONTENT"
            | "SPII"
            | "IMAGE_SAFETY"
            | "IMAGE_PROHIBITED_CONTENT"
            | "IMAGE_RECITATION"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn refused(status: u16, error: &Value) -> Failure {
        let envelope = Envelope {
            status,
            ..Envelope::default()
        };
        told(&envelope, &json!({"error": error}))
    }

    #[test]
    fn statuses_and_reasons_are_told_apart() {
        let reason = |reason: &str| json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]);
        for (status, word, message, details, kind) in [
            (
                400,
                "INVALID_ARGUMENT",
                "API key not valid. Please pass a valid API key.",
                reason("API_KEY_INVALID"),
                FailureKind::Auth,
            ),
            (
                400,
                "INVALID_ARGUMENT",
                "Unsupported MIME type: text/x",
                json!(null),
                FailureKind::InvalidRequest,
            ),
            (
                400,
                "FAILED_PRECONDITION",
                "User location is not supported for the API use.",
                json!([]),
                FailureKind::InvalidRequest,
            ),
            (
                403,
                "PERMISSION_DENIED",
                "No.",
                reason("SERVICE_DISABLED"),
                FailureKind::Permission,
            ),
            (
                403,
                "PERMISSION_DENIED",
                "No.",
                reason("BILLING_DISABLED"),
                FailureKind::Quota,
            ),
            (
                404,
                "NOT_FOUND",
                "models/gemini-9 is not found for API version v1beta",
                json!(null),
                FailureKind::NotFound,
            ),
            (
                429,
                "RESOURCE_EXHAUSTED",
                "Resource has been exhausted (e.g. check quota).",
                json!([{"retryDelay": "3s"}]),
                FailureKind::Quota,
            ),
            (
                500,
                "INTERNAL",
                "An internal error has occurred.",
                json!(null),
                FailureKind::Unavailable,
            ),
            (
                503,
                "UNAVAILABLE",
                "The model is overloaded.",
                json!(null),
                FailureKind::Unavailable,
            ),
        ] {
            let code = u64::from(status);
            let failure = refused(
                status,
                &json!({"code": code, "message": message, "status": word, "details": details}),
            );
            assert_eq!(failure.kind, kind, "{status} {message}");
            assert_eq!(failure.code.as_deref(), Some(word));
        }
    }

    #[test]
    fn what_is_counted_by_the_minute_passes_and_by_the_day_does_not() {
        let error = |id: &str| {
            json!({"code": 429, "status": "RESOURCE_EXHAUSTED",
            "message": "You exceeded your current quota, please check your plan and billing details.\nPlease retry in 48.9s.",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaMetric": "m", "quotaId": id}]},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48s"},
            ]})
        };
        let minute = refused(
            429,
            &error("GenerateContentPaidTierInputTokensPerModelPerMinute"),
        );
        assert_eq!(
            (minute.kind, minute.retry_after_ms),
            (FailureKind::RateLimited, Some(48_900))
        );
        let day = refused(
            429,
            &error("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        );
        assert_eq!((day.kind, day.retry_after_ms), (FailureKind::Quota, None));
    }

    proptest! {
        #[test]
        fn any_json_gives_one_clean_sentence(status in 100u16..600, value in crate::tests::any_json()) {
            let failure = refused(status, &value);
            prop_assert!(!failure.message.is_empty());
            prop_assert!(!failure.message.chars().any(char::is_control));
        }
    }
}
