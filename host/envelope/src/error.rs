//! Why there is no result.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a script acts on. The list is closed: a program that knows these knows every failure of chela.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The command line is wrong.
    Usage,
    /// The configuration is wrong.
    Config,
    /// The credential is missing, wrong or expired (HTTP 401).
    Auth,
    /// The credential is known and not allowed to do this (HTTP 403).
    Permission,
    /// The provider, model, voice, job or path does not exist (HTTP 404).
    NotFound,
    /// Too many requests for now (HTTP 429).
    RateLimited,
    /// The account is spent or over its plan; waiting a moment does not help.
    Quota,
    /// The provider refuses the request as it is (HTTP 400, 413, 422).
    InvalidRequest,
    /// The provider refuses the content, before or after generating.
    ContentFiltered,
    /// The provider answered properly and nothing is in the answer.
    EmptyOutput,
    /// A deadline passed, here or at the provider (HTTP 408).
    Timeout,
    /// The provider cannot be reached or cannot serve now (HTTP 5xx, refused or reset connection, DNS).
    Unavailable,
    /// The answer cannot be read: wrong shape, HTML with status 200, a stream cut short.
    BadResponse,
    /// The sandbox refused.
    Denied,
    /// The provider cannot do what is asked at all.
    Unsupported,
    /// The caller gave up.
    Cancelled,
    /// A fault in chela or in a component.
    Internal,
}

impl ErrorType {
    /// Every case, in the order of the contract.
    pub const ALL: [Self; 17] = [
        Self::Usage,
        Self::Config,
        Self::Auth,
        Self::Permission,
        Self::NotFound,
        Self::RateLimited,
        Self::Quota,
        Self::InvalidRequest,
        Self::ContentFiltered,
        Self::EmptyOutput,
        Self::Timeout,
        Self::Unavailable,
        Self::BadResponse,
        Self::Denied,
        Self::Unsupported,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The name in the document, such as `rate_limited`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Quota => "quota",
            Self::InvalidRequest => "invalid_request",
            Self::ContentFiltered => "content_filtered",
            Self::EmptyOutput => "empty_output",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::BadResponse => "bad_response",
            Self::Denied => "denied",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }

    /// Whether the failure is one of circumstances that pass (too many requests, no time, no server), which chela itself tries
    /// again within the call. Others a person may try again all the same.
    pub fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Unavailable)
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why there is no result: `error` of the envelope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error", deny_unknown_fields)]
pub struct ErrorBody {
    /// What a script acts on.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// One sentence for a person: what happened, and to which provider.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The HTTP status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's own code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether the failure is one of circumstances that pass, so that the same call can succeed later with nothing changed.
    pub retryable: bool,
    /// How long the server asks callers to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The provider's id for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// An error with nothing known but its type and one sentence.
    pub fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            code: None,
            retryable: kind.retryable(),
            retry_after_ms: None,
            request_id: None,
        }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
