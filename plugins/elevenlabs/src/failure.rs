//! ElevenLabs' own words in the terms of the contract.
//!
//! Follows <https://elevenlabs.io/docs/eleven-api/resources/errors>, where the code stands in `code`; older answers have it in `status`. An account that is spent, and a voice that there is not,
//! share their statuses with a wrong key and a wrong request.

use chela_sdk::{Failure, FailureKind};

/// The failure that a refusal amounts to.
pub(crate) fn told_apart(mut failure: Failure) -> Failure {
    failure.kind = match failure.code.as_deref() {
        Some(
            "quota_exceeded" | "payment_required" | "insufficient_credits" | "paid_plan_required",
        ) => FailureKind::Quota,
        Some(
            "invalid_api_key" | "missing_api_key" | "needs_authorization" | "authentication_error",
        ) => FailureKind::Auth,
        Some(
            "missing_permissions"
            | "insufficient_permissions"
            | "authorization_error"
            | "detected_unusual_activity",
        ) => FailureKind::Permission,
        Some("voice_not_found" | "model_not_found" | "voice_does_not_exist") => {
            FailureKind::NotFound
        }
        Some(
            "too_many_concurrent_requests" | "rate_limit_exceeded" | "concurrent_limit_exceeded",
        ) => FailureKind::RateLimited,
        Some("system_busy") => FailureKind::Unavailable,
        Some("content_against_policy" | "voice_blocked") => FailureKind::ContentFiltered,
        _ => return failure,
    };
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use chela_sdk::http;
    use chela_sdk::testing::{self, Reply};

    #[test]
    fn codes_tell_apart_what_shares_a_status() {
        for (status, code, kind) in [
            (401, "invalid_api_key", FailureKind::Auth),
            (401, "quota_exceeded", FailureKind::Quota),
            (401, "missing_permissions", FailureKind::Permission),
            (400, "voice_not_found", FailureKind::NotFound),
            (404, "voice_not_found", FailureKind::NotFound),
            (
                429,
                "too_many_concurrent_requests",
                FailureKind::RateLimited,
            ),
            (429, "system_busy", FailureKind::Unavailable),
            (402, "paid_plan_required", FailureKind::Quota),
            (403, "insufficient_permissions", FailureKind::Permission),
            (429, "concurrent_limit_exceeded", FailureKind::RateLimited),
            (422, "whatever", FailureKind::InvalidRequest),
        ] {
            let body = format!(r#"{{"detail": {{"status": "{code}", "message": "So it is."}}}}"#);
            testing::reply(Reply::json(status, body));
            let failure = http::endpoint("api")
                .get("/v1/user")
                .send()
                .expect_err(code);
            let failure = told_apart(failure);
            assert_eq!((failure.kind, failure.code.as_deref()), (kind, Some(code)));
            assert!(failure.message.contains("So it is"), "{}", failure.message);
        }
    }

    #[test]
    fn every_shape_of_detail_is_read() {
        for (body, kind, code, id) in [
            (
                r#"{"detail": {"type": "validation_error", "code": "invalid_parameters", "message": "Not with this model.",
                    "status": "invalid_parameters", "request_id": "3c80", "param": "keyterms"}}"#,
                FailureKind::InvalidRequest,
                Some("invalid_parameters"),
                Some("3c80"),
            ),
            (
                r#"{"detail": {"type": "not_found", "code": "voice_not_found", "message": "Not there.", "request_id": null}}"#,
                FailureKind::NotFound,
                Some("voice_not_found"),
                None,
            ),
            (
                r#"{"detail": [{"loc": ["body", "text"], "msg": "field required", "type": "missing"}]}"#,
                FailureKind::InvalidRequest,
                None,
                None,
            ),
            (
                r#"{"detail": "Bad."}"#,
                FailureKind::InvalidRequest,
                None,
                None,
            ),
            (
                r#"{"detail": null}"#,
                FailureKind::InvalidRequest,
                None,
                None,
            ),
            (
                r#"{"detail": {"status": 7}}"#,
                FailureKind::InvalidRequest,
                None,
                None,
            ),
        ] {
            testing::reply(Reply::json(400, body));
            let refused = http::endpoint("api").get("/v1/user").send();
            let failure = told_apart(refused.expect_err(body));
            assert_eq!(failure.kind, kind, "{body}");
            assert_eq!(failure.code.as_deref(), code, "{body}");
            assert_eq!(failure.request_id.as_deref(), id, "{body}");
        }
    }
}
