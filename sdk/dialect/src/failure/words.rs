//! Statuses, codes and words, and the kinds of failure they stand for.

use chela_sdk::FailureKind;

/// The kind of an HTTP status that is not a success.
pub(crate) fn by_status(status: u16) -> FailureKind {
    match status {
        401 => FailureKind::Auth,
        402 => FailureKind::Quota,
        403 => FailureKind::Permission,
        404 => FailureKind::NotFound,
        408 => FailureKind::Timeout,
        429 => FailureKind::RateLimited,
        // 498 is Groq's for a service tier without capacity.
        498 | 500..=599 => FailureKind::Unavailable,
        400..=499 => FailureKind::InvalidRequest,
        _ => FailureKind::BadResponse,
    }
}

/// Parts of words that say more than any status.
pub(crate) const TELLING: &[(&str, FailureKind)] = &[
    ("content_policy", FailureKind::ContentFiltered),
    ("content_filter", FailureKind::ContentFiltered),
    ("content_blocked", FailureKind::ContentFiltered),
    ("moderation", FailureKind::ContentFiltered),
    // OpenAI's words for a prompt that was flagged.
    ("invalid_prompt", FailureKind::ContentFiltered),
    ("bio_policy", FailureKind::ContentFiltered),
    ("cyber_policy", FailureKind::ContentFiltered),
    ("data_inspection", FailureKind::ContentFiltered),
    ("insufficient_quota", FailureKind::Quota),
    ("insufficient_balance", FailureKind::Quota),
    ("insufficient_credit", FailureKind::Quota),
    ("quota_exceeded", FailureKind::Quota),
    ("billing", FailureKind::Quota),
    ("invalid_api_key", FailureKind::Auth),
    ("incorrect_api_key", FailureKind::Auth),
    ("wrong_api_key", FailureKind::Auth),
    ("missing_api_key", FailureKind::Auth),
    ("api_key_invalid", FailureKind::Auth),
    ("model_not_found", FailureKind::NotFound),
    ("invalid_model", FailureKind::NotFound),
    ("model_decommissioned", FailureKind::NotFound),
    ("deploymentnotfound", FailureKind::NotFound),
    ("context_length_exceeded", FailureKind::InvalidRequest),
    ("string_above_max_length", FailureKind::InvalidRequest),
];

/// Parts of words for whole classes of errors. They count where no status does: inside an answer that began well.
pub(crate) const GENERAL: &[(&str, FailureKind)] = &[
    ("rate_limit", FailureKind::RateLimited),
    ("too_many_requests", FailureKind::RateLimited),
    ("resource_exhausted", FailureKind::RateLimited),
    ("auth", FailureKind::Auth),
    ("permission", FailureKind::Permission),
    ("forbidden", FailureKind::Permission),
    // A picture of the request that cannot be had or used: what is not found here is no model.
    ("image_", FailureKind::InvalidRequest),
    ("_image", FailureKind::InvalidRequest),
    ("not_found", FailureKind::NotFound),
    ("notfound", FailureKind::NotFound),
    ("timeout", FailureKind::Timeout),
    ("timed_out", FailureKind::Timeout),
    ("deadline", FailureKind::Timeout),
    ("server_error", FailureKind::Unavailable),
    ("servererror", FailureKind::Unavailable),
    ("internal", FailureKind::Unavailable),
    ("overloaded", FailureKind::Unavailable),
    ("unavailable", FailureKind::Unavailable),
    ("capacity", FailureKind::Unavailable),
    ("api_error", FailureKind::Unavailable),
    ("invalid", FailureKind::InvalidRequest),
    ("badrequest", FailureKind::InvalidRequest),
    ("bad_request", FailureKind::InvalidRequest),
    ("unsupported", FailureKind::InvalidRequest),
    ("validation", FailureKind::InvalidRequest),
];

/// The kind that the first part found in one of these words stands for.
pub(crate) fn told(words: &[String], parts: &[(&str, FailureKind)]) -> Option<FailureKind> {
    let found = |part: &str| words.iter().any(|word| word.contains(part));
    parts
        .iter()
        .find(|(part, _)| found(part))
        .map(|(_, kind)| *kind)
}

/// Whether a text holds one of these words.
fn speaks_of(message: &str, words: &[&str]) -> bool {
    words.iter().any(|word| message.contains(word))
}

/// Whether a message is about an account that is spent.
pub(crate) fn speaks_of_money(message: &str) -> bool {
    speaks_of(
        message,
        &["quota", "billing", "credit", "balance", "spending limit"],
    )
}

/// Whether a message is about an account that is spent, and about nothing else.
pub(crate) fn speaks_of_an_empty_account(message: &str) -> bool {
    speaks_of(message, &["credit balance"])
}

/// Whether a message is about a key that is missing or not the right one.
pub(crate) fn speaks_of_a_wrong_key(message: &str) -> bool {
    speaks_of(message, &["api key", "api_key"])
        && speaks_of(
            message,
            &["incorrect", "invalid", "not valid", "missing", "no api"],
        )
}
