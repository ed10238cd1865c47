//! ElevenLabs' own words in the terms of the contract.
//!
//! Follows <https://elevenlabs.io/docs/developers/resources/error-messages>: an account that is spent, and a voice that there is not,
//! share their statuses with a wrong key and a wrong request.

use chela_sdk::{Failure, FailureKind};

/// The failure that a refusal amounts to.
pub(crate) fn told_apart(mut failure: Failure) -> Failure {
    failure.kind = match failure.code.as_deref() {
        Some("quota_exceeded" | "payment_required" | "insufficient_credits") => FailureKind::Quota,
        Some(
            "invalid_api_key" | "missing_api_key" | "needs_authorization" | "authentication_error",
        ) => FailureKind::Auth,
        Some("missing_permissions" | "detected_unusual_activity") => FailureKind::Permission,
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
}
