//! fal's own words in the terms of the contract.
//!
//! Follows <https://fal.ai/docs/errors> (what a model says of its input) and
//! <https://fal.ai/docs/documentation/model-apis/request-errors> (what the servers around it say).

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
    match loose::read(&body) {
        // An answer in the clothes of a success, as a queue gives it of a request that failed.
        Some(value) if value.get("detail").is_some() && value.get("status").is_none() => {
            Err(told(&envelope, &value))
        }
        Some(value) => Ok((value, envelope)),
        None => envelope.read_json(&body).map(|value| (value, envelope)),
    }
}

/// A refusal.
pub(crate) fn refusal(envelope: &Envelope, body: &str) -> Failure {
    match loose::read(body.trim().as_bytes()) {
        Some(value) => told(envelope, &value),
        None => envelope.refusal(body),
    }
}

/// The failure that a JSON error stands for: `{"detail": [{"loc", "msg", "type"}]}` of a model, `{"detail": "…", "error_type"}` of the
/// servers around it.
pub(crate) fn told(envelope: &Envelope, value: &Value) -> Failure {
    let mut failure = envelope.json_failure(value);
    let of_model = value.pointer("/detail/0/type").and_then(loose::text);
    let Some(code) = of_model.or_else(|| text_field(value, "error_type")) else {
        let said = text_field(value, "detail").unwrap_or_default();
        // An account without money is locked, under the status of a key that may not; the reason comes second.
        if failure.kind == FailureKind::Permission && said.to_ascii_lowercase().contains("balance")
        {
            failure.kind = FailureKind::Quota;
            if let Some((locked, reason)) = said.split_once("Reason:") {
                let (locked, reason) = (sentence::first(locked), sentence::first(reason));
                failure.message = format!("{locked}: {reason}");
            }
        }
        return failure;
    };
    if let Some(kind) = by_code(&code) {
        failure.kind = kind;
    }
    failure.code = Some(sentence::word(&code));
    failure
}

/// The kind that a type of error stands for; none where the status says enough.
fn by_code(code: &str) -> Option<FailureKind> {
    Some(match code {
        "content_policy_violation" => FailureKind::ContentFiltered,
        "no_media_generated" => FailureKind::EmptyOutput,
        _ if code.ends_with("timeout") => FailureKind::Timeout,
        "internal_server_error"
        | "internal_error"
        | "downstream_service_error"
        | "downstream_service_unavailable" => FailureKind::Unavailable,
        _ if code.starts_with("runner_") => FailureKind::Unavailable,
        "client_cancelled" => FailureKind::Cancelled,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(status: u16, body: &str) -> Failure {
        let envelope = Envelope {
            status,
            ..Envelope::default()
        };
        refusal(&envelope, body)
    }

    #[test]
    fn types_tell_apart_what_shares_a_status() {
        use FailureKind as Kind;
        for (status, body, kind) in [
            (
                422,
                r#"{"detail":[{"loc":["body","prompt"],"msg":"Field required","type":"missing"}]}"#,
                Kind::InvalidRequest,
            ),
            (
                422,
                r#"{"detail":[{"loc":["body","prompt"],"msg":"It was flagged.","type":"content_policy_violation"}]}"#,
                Kind::ContentFiltered,
            ),
            (
                422,
                r#"{"detail":[{"msg":"Nothing","type":"no_media_generated"}]}"#,
                Kind::EmptyOutput,
            ),
            (
                504,
                r#"{"detail":[{"msg":"Too slow","type":"generation_timeout"}]}"#,
                Kind::Timeout,
            ),
            (
                504,
                r#"{"detail":"Request timed out","error_type":"request_timeout"}"#,
                Kind::Timeout,
            ),
            (
                503,
                r#"{"detail":"Gone","error_type":"runner_disconnected"}"#,
                Kind::Unavailable,
            ),
            (
                500,
                r#"{"detail":[{"msg":"Oops","type":"internal_server_error"}]}"#,
                Kind::Unavailable,
            ),
            (422, r#"{"detail":"No"}"#, Kind::InvalidRequest),
            (422, r#"{"detail":[]}"#, Kind::InvalidRequest),
            (422, r#"{"detail":[null]}"#, Kind::InvalidRequest),
            (422, r#"{"detail":null}"#, Kind::InvalidRequest),
            (
                401,
                r#"{"detail":"Authentication is required to access this application."}"#,
                Kind::Auth,
            ),
            (
                403,
                r#"{"detail":"User is locked. Reason: Exhausted balance. Top up your balance."}"#,
                Kind::Quota,
            ),
            (403, r#"{"detail":"Forbidden"}"#, Kind::Permission),
            (
                404,
                r#"{"detail":"Application 'x' not found"}"#,
                Kind::NotFound,
            ),
            (429, r#"{"detail":"Too many"}"#, Kind::RateLimited),
            (502, "<html>", Kind::Unavailable),
            (500, "Internal Server Error", Kind::Unavailable),
        ] {
            assert_eq!(refused(status, body).kind, kind, "{status} {body}");
        }
        let failure = refused(
            422,
            r#"{"detail":[{"loc":["body","image_size",0],"msg":"Input should be x. Or y.","type":"enum","ctx":null}]}"#,
        );
        assert_eq!(failure.message, "body.image_size.0: Input should be x");
        assert_eq!(failure.code.as_deref(), Some("enum"));
    }

    #[test]
    fn why_an_account_is_locked_is_said() {
        let locked =
            r#"{"detail":"User is locked. Reason: Exhausted balance. Top up your balance."}"#;
        assert_eq!(
            refused(403, locked).message,
            "user is locked: exhausted balance"
        );
    }

    proptest! {
        #[test]
        fn any_refusal_is_read(status in 300_u16..600, body in crate::tests::any_json()) {
            let _ = refused(status, &body.to_string());
        }
    }
}
